package dev.cairn.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One of AWS's own clients, reduced to what the suites ask of every one.
interface LookupClient extends AutoCloseable {

    /// STS GetCallerIdentity.
    Identity callerIdentity() throws Exception;

    /// CloudTrail LookupEvents, one page.
    ///
    /// @throws RefusedException with the name the client gives the error
    Page lookup(Ask ask) throws Exception;

    /// CloudTrail GetInsightSelectors, which is not built.
    ///
    /// @throws RefusedException with the name the client gives the error
    void getInsightSelectors() throws Exception;

    @Override
    void close();

    record Identity(String account, String arn, String userId) {}

    /// A page as the client has understood it.
    ///
    /// @param nextToken null on the last page
    record Page(List<Found> events, @Nullable String nextToken) {}

    /// One event as the client has understood it.
    ///
    /// @param resources `type name`, in order
    /// @param json CloudTrailEvent, the record as text
    record Found(
            String id,
            String name,
            String source,
            Instant time,
            String readOnly,
            @Nullable String username,
            @Nullable String accessKeyId,
            List<String> resources,
            String json) {}

    /// The input of LookupEvents.
    record Ask(
            List<Attribute> attributes,
            @Nullable Instant start,
            @Nullable Instant end,
            @Nullable String category,
            @Nullable Integer maxResults,
            @Nullable String nextToken) {

        static final Ask EVERYTHING = new Ask(List.of(), null, null, null, null, null);

        Ask with(String key, String value) {
            var more = new ArrayList<>(attributes);
            more.add(new Attribute(key, value));
            return new Ask(more, start, end, category, maxResults, nextToken);
        }

        Ask between(Instant from, Instant to) {
            return new Ask(attributes, from, to, category, maxResults, nextToken);
        }

        Ask category(String name) {
            return new Ask(attributes, start, end, name, maxResults, nextToken);
        }

        Ask max(int results) {
            return new Ask(attributes, start, end, category, results, nextToken);
        }

        Ask after(String token) {
            return new Ask(attributes, start, end, category, maxResults, token);
        }
    }

    record Attribute(String key, String value) {}

    /// The server's error, as the client names it.
    final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String name;

        RefusedException(String name, String message) {
            super(name + ": " + message);
            this.name = name;
        }

        String name() {
            return name;
        }
    }

    /// All pages, from the first.
    default List<Found> all(Ask ask) throws Exception {
        var found = new ArrayList<Found>();
        var page = lookup(ask);
        found.addAll(page.events());
        while (page.nextToken() != null) {
            page = lookup(ask.after(page.nextToken()));
            found.addAll(page.events());
        }
        return found;
    }

    /// An event from the JSON form that the CLI and the JavaScript client print.
    static Found found(JsonNode event, Instant time) {
        var resources = new ArrayList<String>();
        for (var resource : event.path("Resources")) {
            resources.add(
                    resource.path("ResourceType").asText("")
                            + " "
                            + resource.path("ResourceName").asText());
        }
        return new Found(
                event.path("EventId").asText(),
                event.path("EventName").asText(),
                event.path("EventSource").asText(),
                time,
                event.path("ReadOnly").asText(),
                event.path("Username").asText(null),
                event.path("AccessKeyId").asText(null),
                resources,
                event.path("CloudTrailEvent").asText());
    }
}

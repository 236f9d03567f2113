package dev.cairn.recorder;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One call, as it is going to be recorded: a CloudTrail record of version 1.11 ([AWS's
/// page](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html)).
///
/// What is not said comes from the recorder (account, region, event source, a fresh `eventID`, the
/// time now) or is left out. Values of parameters are text, numbers, booleans, null, lists, arrays
/// and maps of these, and enums, UUIDs, URIs and moments, which become text; anything else throws
/// [IllegalArgumentException]. For one thread at a time; what is changed after it was recorded has
/// no effect.
public final class Event {
    final String name;
    final Map<String, @Nullable Object> requestParameters = new LinkedHashMap<>();
    final Map<String, @Nullable Object> responseElements = new LinkedHashMap<>();
    final Map<String, @Nullable Object> additionalEventData = new LinkedHashMap<>();
    final List<Map<String, @Nullable Object>> resources = new ArrayList<>();
    final List<String> redacted = new ArrayList<>();
    @Nullable Identity identity;
    @Nullable Instant time;
    @Nullable String source;
    @Nullable String region;
    @Nullable String account;
    @Nullable String sourceAddress;
    @Nullable String userAgent;
    @Nullable String errorCode;
    @Nullable String errorMessage;
    @Nullable String requestId;
    @Nullable UUID id;
    boolean readOnly;
    boolean management = true;

    private Event(String name) {
        this.name = name;
    }

    /// A call that writes and manages, until said otherwise.
    ///
    /// @param name what was done, a verb first: `CreateOrder`
    public static Event named(String name) {
        var text = Values.text(name);
        if (text.isBlank()) {
            throw new IllegalArgumentException("expected a name for the event, got none");
        }
        return new Event(text);
    }

    /// Who called. Without it the event says that nobody said.
    public Event identity(Identity identity) {
        this.identity = identity;
        return this;
    }

    /// When the call ended.
    public Event time(Instant time) {
        this.time = time;
        return this;
    }

    /// Whose API was called: `orders.example.com`.
    public Event source(String eventSource) {
        this.source = Values.text(eventSource);
        return this;
    }

    public Event region(String region) {
        this.region = region;
        return this;
    }

    /// The account that the event belongs to.
    public Event account(String account) {
        this.account = account;
        return this;
    }

    /// From where: an address, or the name of the service that called.
    public Event from(String sourceIpAddress) {
        this.sourceAddress = Values.text(sourceIpAddress);
        return this;
    }

    /// With what: cut at 1 KB.
    public Event userAgent(@Nullable String userAgent) {
        this.userAgent = userAgent == null ? null : Values.text(userAgent);
        return this;
    }

    /// The call only looked; its response elements are not recorded, as on AWS.
    public Event readOnly(boolean readOnly) {
        this.readOnly = readOnly;
        return this;
    }

    /// The call worked on what the application keeps, rather than managed it. Data events are found
    /// by searches; LookupEvents shows management events only, as on AWS.
    public Event data() {
        this.management = false;
        return this;
    }

    public Event requestParameter(String name, @Nullable Object value) {
        requestParameters.put(Values.text(name), Values.plain(value));
        return this;
    }

    public Event requestParameters(Map<String, ?> parameters) {
        requestParameters.putAll(Values.members(parameters));
        return this;
    }

    public Event responseElement(String name, @Nullable Object value) {
        responseElements.put(Values.text(name), Values.plain(value));
        return this;
    }

    public Event additionalEventData(String name, @Nullable Object value) {
        additionalEventData.put(Values.text(name), Values.plain(value));
        return this;
    }

    /// What was touched.
    ///
    /// @param type such as `AWS::S3::Object`, or a word of the application's own
    /// @param arn of the resource; `{account}` and `{region}` in it stand for the event's
    public Event resource(String type, String arn) {
        Map<String, @Nullable Object> resource = new LinkedHashMap<>();
        resource.put("accountId", Identity.ACCOUNT);
        resource.put("type", Values.text(type));
        resource.put("ARN", Values.text(arn));
        resources.add(resource);
        return this;
    }

    /// The call was refused or failed. Code and message are cut at 1 KB.
    ///
    /// @param code one word, the same for the same reason: `AccessDenied`
    public Event error(String code, @Nullable String message) {
        this.errorCode = Values.text(code);
        this.errorMessage = message == null ? null : Values.text(message);
        return this;
    }

    /// By what the caller knows the call.
    public Event requestId(@Nullable String requestId) {
        this.requestId = requestId == null ? null : Values.text(requestId);
        return this;
    }

    /// For events that exist elsewhere already: the same event recorded twice is recorded once.
    public Event id(UUID id) {
        this.id = id;
        return this;
    }

    /// Hides members of parameters, answers and additional data, beside those that are secrets by
    /// their name.
    ///
    /// @param names of members at any depth (`iban`), or paths (`card.number`)
    public Event redact(String... names) {
        redacted.addAll(List.of(names));
        return this;
    }
}

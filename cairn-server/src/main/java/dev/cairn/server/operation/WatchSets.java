package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.topic.TopicArn;
import dev.cairn.watch.AtMost;
import dev.cairn.watch.Threshold;
import dev.cairn.watch.Watch;
import dev.cairn.watch.WatchCondition;
import dev.cairn.watch.WatchName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/// Watches that are ready-made, in sets: what each waits for, what it means, and what to do.
///
/// They stand in a file. Where a filter has `EXCEPT`, the conditions of those who are expected to
/// do so are put: nobody whom they name, and anybody who has no name.
final class WatchSets {
    private static final String FILE = "watch-sets.json";
    private static final String EXCEPT = "EXCEPT";

    /// A set.
    record WatchSetText(String name, String description, List<Item> items) {}

    /// One watch of a set.
    ///
    /// @param kind of its condition
    /// @param text of its condition
    /// @param threshold how many events it takes; empty when each is told of
    record Item(
            String name,
            String kind,
            String text,
            Optional<Threshold> threshold,
            Watch.Words words) {
        boolean hasExceptions() {
            return text.contains(EXCEPT);
        }

        /// @param exceptions ARNs of those who are expected
        WatchCondition condition(List<String> exceptions) {
            // A field that is not there satisfies no `!=`, and the anonymous have no ARN.
            var except =
                    exceptions.isEmpty()
                            ? ""
                            : exceptions.stream()
                                    .map(arn -> "$.userIdentity.arn != \"" + arn + "\"")
                                    .collect(
                                            Collectors.joining(
                                                    " && ",
                                                    "&& ($.userIdentity.arn NOT EXISTS || (",
                                                    "))"));
            return WatchCondition.of(kind, text.replace(EXCEPT, except));
        }

        /// With another threshold, where it has one and another is wanted; counted by the same
        /// member unless that is said, too.
        Item counting(Optional<Threshold> wanted) {
            return threshold.isEmpty() || wanted.isEmpty()
                    ? this
                    : new Item(
                            name,
                            kind,
                            text,
                            wanted.map(one ->
                                    new Threshold(
                                            one.more(),
                                            one.period(),
                                            one.per().or(() -> threshold.get().per()))),
                            words);
        }

        /// The watch for an account.
        Watch watch(
                WatchSetText set,
                String account,
                TopicArn topic,
                AtMost atMost,
                Optional<String> reaction,
                List<String> exceptions,
                Instant now) {
            return new Watch(
                    new WatchName(account, name),
                    condition(exceptions),
                    Optional.empty(),
                    topic,
                    atMost,
                    threshold,
                    reaction,
                    words,
                    false,
                    set.name(),
                    now);
        }
    }

    private final Map<String, WatchSetText> sets = read();

    private static Map<String, WatchSetText> read() {
        try (var in = Objects.requireNonNull(WatchSets.class.getResourceAsStream(FILE), FILE)) {
            var sets = new LinkedHashMap<String, WatchSetText>();
            for (var set : new ObjectMapper().readTree(in)) {
                var items = new ArrayList<Item>();
                for (var item : set.path("watches")) {
                    items.add(
                            new Item(
                                    item.path("name").asText(),
                                    item.path("kind").asText("filter"),
                                    item.path(item.path("kind").asText("filter")).asText(),
                                    threshold(item.path("moreThan")),
                                    new Watch.Words(
                                            item.path("say").asText(),
                                            item.path("means").asText(),
                                            item.path("act").asText())));
                }
                var name = set.path("name").asText();
                sets.put(
                        name,
                        new WatchSetText(
                                name, set.path("description").asText(), List.copyOf(items)));
            }
            return sets;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Optional<Threshold> threshold(JsonNode item) {
        return item.isMissingNode()
                ? Optional.empty()
                : Optional.of(
                        Threshold.checked(
                                item.path("events").asLong(),
                                item.path("seconds").asLong(),
                                Optional.ofNullable(item.path("per").textValue())));
    }

    List<WatchSetText> all() {
        return List.copyOf(sets.values());
    }

    Optional<WatchSetText> named(String name) {
        return Optional.ofNullable(sets.get(name));
    }
}

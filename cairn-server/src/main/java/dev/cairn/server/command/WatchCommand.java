package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.failure.Failure;
import dev.cairn.server.configuration.Settings;
import dev.cairn.watch.AtMost;
import dev.cairn.watch.BurstCount;
import dev.cairn.watch.Threshold;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "watch",
        description = "Waits for calls, and tells a topic of them in words, within a second.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn watch test --when 'userIdentity.type = \"Root\"' --since 90d   # would it have told anything?",
            "  cairn watch add root-login --when 'userIdentity.type = \"Root\"' --tell security --at-most 1/10m",
            "  cairn watch add opened --filter '{ $.eventName = PutBucketPolicy }' --tell security --say 'A bucket may be open.'",
            "  cairn watch add reads --when 'eventName = GetObject' --more-than 1000/1m --per userIdentity.accessKeyId --tell security",
            "  cairn watch enable cis --tell mailto:you@example.org",
            "  cairn watch list",
            "",
            "Who else is told: aws sns subscribe --topic-arn … --protocol email --notification-endpoint you@example.org"
        })
final class WatchCommand {
    private static final String WATCHES = "/cairn/v1/watches";
    private static final String SETS = "/cairn/v1/watch-sets";
    private static final Duration TEST_DEFAULT = Duration.ofDays(90);

    /// So many events are printed by a test; the others are counted.
    private static final int SHOWN_MAX = 50;

    /// So many events end a test: a watch that tells of more is no use.
    private static final int FOUND_MAX = 10_000;

    /// As many end one that counts.
    private static final int COUNTED_MAX = 50_000;

    /// The condition, in one of the languages.
    static final class Wanted {
        @Option(
                names = "--when",
                paramLabel = "SEARCH",
                required = true,
                description =
                        "What cairn search takes, such as 'eventName = StopLogging' (docs/search.md).")
        private @Nullable String search;

        @Option(
                names = "--filter",
                paramLabel = "PATTERN",
                required = true,
                description = "A filter pattern, such as '{ $.errorCode = \"AccessDenied*\" }'.")
        private @Nullable String filter;

        @Option(
                names = "--pattern",
                paramLabel = "JSON",
                required = true,
                description =
                        "An event pattern, such as '{\"source\":[\"aws.s3\"],\"detail\":{\"eventName\":[\"DeleteBucket\"]}}'.")
        private @Nullable String pattern;

        @Option(
                names = "--sql",
                paramLabel = "QUERY",
                required = true,
                description = "Not built yet.")
        private @Nullable String sql;

        private void addTo(ObjectNode body) {
            if (search != null) {
                body.put("kind", "search").put("text", search);
            } else if (filter != null) {
                body.put("kind", "filter").put("text", filter);
            } else if (pattern != null) {
                body.put("kind", "pattern").put("text", pattern);
            } else {
                body.put("kind", "sql").put("text", sql);
            }
        }
    }

    /// Whom to tell, and how often.
    static final class Telling {
        @Option(
                names = "--tell",
                paramLabel = "TOPIC",
                required = true,
                description = {
                    "The topic to tell: its name, or its ARN.",
                    "Or mailto:you@example.org, or a URL with https, which must confirm once."
                })
        private String topic = "";

        @Option(names = "--make-topic", description = "Make the topic if it is not there.")
        private boolean makeTopic;

        @Option(
                names = "--at-most",
                paramLabel = "N/PERIOD",
                description =
                        "Tell so often at most, such as 1/10m (default: 10/1m). What comes faster is counted, and the count told when the period is over.")
        private @Nullable String atMost;

        @Option(
                names = "--react",
                paramLabel = "ARN",
                description =
                        "Have this called with each event that is told of, too: a function, an API destination, a queue or a topic. What came of it is recorded.")
        private @Nullable String reaction;

        private boolean isAddress() {
            return topic.startsWith("mailto:") || topic.contains("://");
        }

        /// Says that nobody hears of anything yet.
        private void tellPending() {
            if (isAddress()) {
                Console.err().println("told once it has confirmed: " + Table.clean(topic));
            }
        }

        private void addTo(ObjectNode body) throws CommandException {
            body.put(isAddress() ? "address" : "topic", topic);
            AccountCommand.put(body, "reaction", reaction);
            if (makeTopic) {
                body.put("makeTopic", true);
            }
            if (atMost != null) {
                var pace = pace(atMost);
                body.putObject("atMost")
                        .put("messages", pace.messages())
                        .put("seconds", pace.period().toSeconds());
            }
        }
    }

    /// How many events it takes.
    static final class Counting {
        @Option(
                names = "--more-than",
                paramLabel = "N/PERIOD",
                description =
                        "Tell when there are more than N within the period, such as 1000/1m, and once for each burst.")
        private @Nullable String moreThan;

        @Option(
                names = "--per",
                paramLabel = "FIELD",
                description =
                        "Count each value of a field by itself, such as userIdentity.accessKeyId or sourceIPAddress.")
        private @Nullable String per;

        private boolean isGiven() {
            return moreThan != null;
        }

        private Threshold threshold() throws CommandException {
            return WatchCommand.threshold(String.valueOf(moreThan), Optional.ofNullable(per));
        }

        private void addTo(ObjectNode body) throws CommandException {
            if (moreThan != null) {
                put(body, threshold());
            } else if (per != null) {
                throw new CommandException(
                        "--per: expected --more-than with it, such as --more-than 1000/1m",
                        CommandException.USAGE);
            }
        }
    }

    private static void put(ObjectNode body, Threshold threshold) {
        var given =
                body.putObject("moreThan")
                        .put("events", threshold.more())
                        .put("seconds", threshold.period().toSeconds());
        threshold.per().ifPresent(per -> given.put("per", per));
    }

    private interface Checked<T> {
        T of(long number, long seconds);
    }

    static AtMost pace(String text) throws CommandException {
        return checked("--at-most", "atMost", "1/10m", text, AtMost::checked);
    }

    static Threshold threshold(String text, Optional<String> per) throws CommandException {
        return checked(
                "--more-than",
                "moreThan",
                "1000/1m",
                text,
                (number, seconds) -> Threshold.checked(number, seconds, per));
    }

    private static <T> T checked(
            String option, String field, String example, String text, Checked<T> checked)
            throws CommandException {
        var parts = text.split("/", -1);
        var period = parts.length == 2 ? Settings.parseDuration(parts[1]) : null;
        if (period == null || !parts[0].matches("[0-9]{1,9}")) {
            throw new CommandException(
                    "%s: expected a number and a period, such as %s, got '%s'"
                            .formatted(option, example, text),
                    CommandException.USAGE);
        }
        try {
            return checked.of(Long.parseLong(parts[0]), period.toSeconds());
        } catch (Failure outOfBounds) {
            throw new CommandException(
                    outOfBounds.message().replaceFirst("^" + field, option),
                    CommandException.USAGE);
        }
    }

    @Command(
            name = "add",
            description = "Makes a watch. It sees what is recorded from now on.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn watch add root-login --when 'userIdentity.type = \"Root\"' --tell security --at-most 1/10m",
                "  cairn watch add keys --when 'eventName = CreateAccessKey' --tell mailto:you@example.org",
                "  cairn watch add denied --filter '{ $.errorCode = \"AccessDenied*\" }' --tell security --at-most 1/1h",
                "  cairn watch add bucket --pattern '{\"source\":[\"aws.s3\"],\"detail\":{\"eventName\":[\"DeleteBucket\"]}}' --tell security",
                "  cairn watch add reads --when 'eventName = GetObject' --more-than 1000/1m --per userIdentity.accessKeyId --tell security",
                "  cairn watch add night --when 'eventName:RunInstances region:eu-west-1' --tell ops --make-topic --say 'A machine was started.'"
            })
    int add(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = "The watch's name.") String name,
            @ArgGroup(multiplicity = "1") Wanted wanted,
            @Mixin Counting counting,
            @Mixin Telling telling,
            @Option(
                            names = "--say",
                            paramLabel = "SENTENCE",
                            description = "What it says happened.")
                    @Nullable String say,
            @Option(
                            names = "--region",
                            paramLabel = "REGION",
                            description = "Events of this region only (default: all).")
                    @Nullable String region,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var body = new ObjectMapper().createObjectNode().put("name", name);
        wanted.addTo(body);
        counting.addTo(body);
        telling.addTo(body);
        AccountCommand.put(body, "sentence", say);
        AccountCommand.put(body, "region", region);
        try (var connection = target.connect()) {
            var watch = call(connection, "POST", WATCHES, body).path("watch");
            if (json) {
                Console.json(watch);
            } else {
                Console.out()
                        .println(
                                "%s tells %s, %s at most"
                                        .formatted(
                                                name,
                                                watch.path("topicArn").asText(),
                                                pace(watch)));
                telling.tellPending();
                Console.err().println("what it would have told: cairn watch test " + name);
            }
            return 0;
        }
    }

    private static JsonNode call(Connection connection, String method, String path, ObjectNode body)
            throws Exception {
        return connection.call(method, path, Map.of(), AccountCommand.bytes(body));
    }

    private static String pace(JsonNode watch) {
        return paceOf(watch).toString();
    }

    private static AtMost paceOf(JsonNode watch) {
        var pace = watch.path("atMost");
        return new AtMost(
                pace.path("messages").asInt(), Duration.ofSeconds(pace.path("seconds").asLong()));
    }

    @Command(
            name = "test",
            description = {
                "Tells what a watch would have told, of what is in event history: the last 90 days, or as asked.",
                "Imported events are asked, too. Stop it at any time: it changes nothing."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn watch test root-login",
                "  cairn watch test root-login --since 7d --json",
                "  cairn watch test --when 'eventName = ConsoleLogin errorMessage:*' --since 30d --at-most 1/10m",
                "  cairn watch test --when 'eventName = GetObject' --more-than 1000/1m --per userIdentity.accessKeyId",
                "  cairn watch test --filter '{ $.eventName = StopLogging }' --from 2026-01-01 --to 2026-06-30"
            })
    int test(
            @Mixin ServerChoice target,
            @Parameters(arity = "0..1", paramLabel = "NAME", description = "A watch that is there.")
                    @Nullable String name,
            @ArgGroup @Nullable Wanted wanted,
            @Mixin Counting counting,
            @Mixin Period period,
            @Option(
                            names = "--at-most",
                            paramLabel = "N/PERIOD",
                            description = "As watch add takes it (default: the watch's, or 10/1m).")
                    @Nullable String atMost,
            @Option(
                            names = "--region",
                            paramLabel = "REGION",
                            description = "Events of this region only.")
                    @Nullable String region,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        if ((name == null) == (wanted == null)) {
            throw new CommandException(
                    "expected the name of a watch, or a condition such as --when 'eventName = X'",
                    CommandException.USAGE);
        }
        var body = new ObjectMapper().createObjectNode();
        if (wanted != null) {
            wanted.addTo(body);
        }
        counting.addTo(body);
        AccountCommand.put(body, "name", name);
        AccountCommand.put(body, "region", region);
        var times = times(period);
        body.put("from", times.from().toString()).put("to", times.to().toString());
        try (var connection = target.connect()) {
            var watch =
                    name == null ? new ObjectMapper().createObjectNode() : shown(connection, name);
            var threshold =
                    counting.isGiven() ? Optional.of(counting.threshold()) : thresholdOf(watch);
            var pace =
                    atMost != null
                            ? pace(atMost)
                            : name != null
                                    ? paceOf(watch)
                                    : threshold.isEmpty()
                                            ? AtMost.DEFAULT
                                            : AtMost.DEFAULT_OF_BURSTS;
            var found = new Found(threshold);
            try (var progress = Progress.percent("testing")) {
                while (found.add(call(connection, "POST", "/cairn/v1/watch-test", body), body)) {
                    progress.at(times.percent(found.reached), 100);
                }
            }
            return found.print(pace, times, json);
        }
    }

    private static JsonNode shown(Connection connection, String name) throws Exception {
        return connection.get(WATCHES + "/" + Connection.encode(name), Map.of()).path("watch");
    }

    private static Optional<Threshold> thresholdOf(JsonNode watch) {
        var given = watch.path("moreThan");
        return given.isMissingNode()
                ? Optional.empty()
                : Optional.of(
                        new Threshold(
                                given.path("events").asLong(),
                                Duration.ofSeconds(given.path("seconds").asLong()),
                                Optional.ofNullable(given.path("per").textValue())));
    }

    private static Times times(Period period) throws CommandException {
        var bounds = new LinkedHashMap<String, List<String>>();
        period.addTo(bounds);
        var now = java.time.InstantSource.system().instant();
        var from = bounds.get("from");
        var to = bounds.get("to");
        return new Times(
                from == null ? now.minus(TEST_DEFAULT) : Instant.parse(from.getFirst()),
                to == null ? now : Instant.parse(to.getFirst()));
    }

    /// What a test is about.
    record Times(Instant from, Instant to) {
        /// How much of it is done when it was gone through back to a time.
        long percent(Instant reached) {
            var all = Math.max(1, Duration.between(from, to).toSeconds());
            return Math.clamp(100 * Duration.between(reached, to).toSeconds() / all, 0, 100);
        }
    }

    /// What a test found.
    static final class Found {
        private final Optional<Threshold> threshold;
        private List<JsonNode> events = new ArrayList<>();
        private long examined;
        private long unasked;
        private String cut = "";
        private @Nullable Instant behindSince;
        private boolean broken;
        private long counted;
        private Instant reached = Instant.MAX;

        /// @param threshold over which events must come to be told of; empty when each is
        Found(Optional<Threshold> threshold) {
            this.threshold = threshold;
        }

        /// @param body which asks for the next part afterwards
        /// @return whether there is more to ask
        boolean add(JsonNode part, ObjectNode body) {
            part.path("events").forEach(events::add);
            examined += part.path("examined").asLong();
            unasked += part.path("unasked").asLong();
            cut = part.path("cut").asText(cut);
            if (behindSince == null && part.has("behindSince")) {
                behindSince = Instant.ofEpochSecond(part.path("behindSince").asLong());
            }
            var next = part.path("nextToken").asText("");
            if (next.isEmpty()) {
                keepBursts();
                return false;
            }
            reached = Instant.ofEpochSecond(part.path("reached").asLong());
            body.put("nextToken", next);
            broken = events.size() >= (threshold.isEmpty() ? FOUND_MAX : COUNTED_MAX);
            if (broken) {
                keepBursts();
            }
            return !broken;
        }

        /// Keeps of what was counted the events with which a burst begins, the newest first.
        private void keepBursts() {
            if (threshold.isEmpty()) {
                return;
            }
            counted = events.size();
            var counts = new HashMap<String, BurstCount>();
            var bursts = new ArrayList<JsonNode>();
            for (var event : events.reversed()) {
                var begins = false;
                for (var value : event.path("values")) {
                    var count =
                            counts.computeIfAbsent(
                                    value.asText(), _ -> new BurstCount(threshold.get()));
                    var time = Instant.ofEpochSecond(event.path("eventTime").asLong());
                    begins |= count.count(time) == BurstCount.Seen.BEGINS;
                }
                if (begins) {
                    bursts.addFirst(event);
                }
            }
            events = bursts;
        }

        private int messages(AtMost pace) {
            return pace.messagesFor(
                    events.stream()
                            .map(event -> Instant.ofEpochSecond(event.path("eventTime").asLong()))
                            .sorted()
                            .toList());
        }

        ObjectNode json(AtMost pace, Times times) {
            var answer =
                    new ObjectMapper()
                            .createObjectNode()
                            .put("from", times.from().toString())
                            .put("to", times.to().toString())
                            .put("fired", events.size())
                            .put("messages", messages(pace))
                            .put("examined", examined)
                            .put("unasked", unasked)
                            .put("more", broken);
            if (threshold.isPresent()) {
                answer.put("counted", counted);
            }
            AccountCommand.put(answer, "cut", cut.isEmpty() ? null : cut);
            AccountCommand.put(
                    answer, "behindSince", behindSince == null ? null : behindSince.toString());
            answer.putArray("events").addAll(events);
            return answer;
        }

        int print(AtMost pace, Times times, boolean json) {
            if (json) {
                Console.json(json(pace, times));
            } else {
                var messages = messages(pace);
                Console.out()
                        .println(
                                "would have fired %s%,d %s%s"
                                        .formatted(
                                                broken ? "more than " : "",
                                                events.size(),
                                                events.size() == 1 ? "time" : "times",
                                                events.isEmpty()
                                                        ? ""
                                                        : " and told %,d %s, at %s at most:"
                                                                .formatted(
                                                                        messages,
                                                                        messages == 1
                                                                                ? "message"
                                                                                : "messages",
                                                                        pace)));
                threshold.ifPresent(one ->
                        Console.err()
                                .println(
                                        "%,d events counted, for more than %s"
                                                .formatted(counted, one)));
                var table = Events.table("EVENT ID");
                events.stream()
                        .limit(SHOWN_MAX)
                        .forEach(event -> Events.add(table, event, event.path("eventId").asText()));
                if (!table.isEmpty()) {
                    table.print(Console.out());
                }
                if (events.size() > SHOWN_MAX) {
                    Console.err().println("the newest " + SHOWN_MAX + " are shown; --json has all");
                }
            }
            if (!cut.isEmpty()) {
                Console.err().println("the answer may not be whole: " + cut);
            }
            if (unasked > 0) {
                Console.err().println("%,d events have too much to look at".formatted(unasked));
            }
            if (behindSince != null) {
                SearchCommand.tellBehind(behindSince);
            }
            return 0;
        }
    }

    @Command(
            name = "list",
            description = "Lists watches, and what came of them.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn watch list", "  cairn watch list --json"})
    int list(
            @Mixin ServerChoice target,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var table = new Table("WATCH", "TELLS", "AT MOST", "FIRED", "TOLD", "WAITING", "LAST");
        return AccountCommand.list(
                target,
                WATCHES,
                new LinkedHashMap<>(),
                "watches",
                json,
                table,
                watch ->
                        table.row(
                                watch.path("name").asText()
                                        + (watch.path("paused").asBoolean() ? " (paused)" : ""),
                                watch.path("topicArn").asText().replaceFirst(".*:", ""),
                                pace(watch),
                                watch.path("taken").asLong(),
                                watch.path("told").asLong(),
                                watch.path("held").asLong(),
                                watch.has("lastTime")
                                        ? AccountCommand.time(watch.path("lastTime"))
                                        : "-"));
    }

    @Command(
            name = "show",
            description = "Shows all of a watch.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn watch show root-login", "  cairn watch show root-login --json"})
    int show(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = "The watch.") String name,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        try (var connection = target.connect()) {
            var watch = shown(connection, name);
            if (json) {
                Console.json(watch);
            } else {
                var out = Console.out();
                for (var line : lines(watch).entrySet()) {
                    if (!line.getValue().isEmpty()) {
                        out.println(
                                "%-13s%s".formatted(line.getKey(), Table.clean(line.getValue())));
                    }
                }
            }
            return 0;
        }
    }

    private static Map<String, String> lines(JsonNode watch) {
        var lines = new LinkedHashMap<String, String>();
        lines.put("name", watch.path("name").asText());
        lines.put(watch.path("kind").asText(), watch.path("text").asText());
        lines.put("region", watch.path("region").asText());
        lines.put("tells", watch.path("topicArn").asText());
        lines.put("more than", thresholdOf(watch).map(Threshold::toString).orElse(""));
        lines.put("at most", pace(watch));
        lines.put("calls", watch.path("reaction").asText());
        lines.put("says", watch.path("sentence").asText());
        lines.put("means", watch.path("means").asText());
        lines.put("what to do", watch.path("act").asText());
        lines.put("of the set", watch.path("set").asText());
        lines.put("paused", watch.path("paused").asBoolean() ? "yes" : "");
        lines.put(
                "fired",
                "%,d times, %,d messages"
                        .formatted(watch.path("taken").asLong(), watch.path("told").asLong()));
        lines.put("last", watch.path("lastEventId").asText());
        lines.put(
                "waiting",
                watch.has("heldUntil")
                        ? "%,d, to be told at %s"
                                .formatted(
                                        watch.path("held").asLong(),
                                        AccountCommand.time(watch.path("heldUntil")))
                        : "");
        lines.put("not told", watch.path("refused").asText());
        lines.put(
                "reactions",
                watch.has("reactions")
                        ? "%,d asked for, %,d left out"
                                .formatted(
                                        watch.path("reactions").asLong(),
                                        watch.path("reactionsLeftOut").asLong())
                        : "");
        lines.put(
                "given up",
                watch.has("valuesGivenUp")
                        ? "%,d values were not counted to the end: there were too many"
                                .formatted(watch.path("valuesGivenUp").asLong())
                        : "");
        return lines;
    }

    @Command(
            name = "remove",
            description = "Removes a watch. Its topic is told who did.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn watch remove root-login"})
    int remove(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = "The watch.") String name)
            throws Exception {
        try (var connection = target.connect()) {
            connection.call(
                    "DELETE", WATCHES + "/" + Connection.encode(name), Map.of(), new byte[0]);
            Console.err().println("removed " + name);
            return 0;
        }
    }

    @Command(
            name = "pause",
            description =
                    "Has a watch take nothing until it is resumed. Its topic is told who did.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn watch pause root-login", "  cairn watch resume root-login"})
    int pause(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = "The watch.") String name,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        return turn(target, name, "pause", "paused ", json);
    }

    @Command(
            name = "resume",
            description = "Has a paused watch take what is recorded from now on.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn watch resume root-login"})
    int resume(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = "The watch.") String name,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        return turn(target, name, "resume", "resumed ", json);
    }

    private static int turn(
            ServerChoice target, String name, String verb, String done, boolean json)
            throws Exception {
        try (var connection = target.connect()) {
            var watch =
                    connection
                            .call(
                                    "POST",
                                    WATCHES + "/" + Connection.encode(name) + "/" + verb,
                                    Map.of(),
                                    new byte[0])
                            .path("watch");
            if (json) {
                Console.json(watch);
            } else {
                Console.err().println(done + name);
            }
            return 0;
        }
    }

    @Command(
            name = "sets",
            description = "Lists the watches that are ready-made.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn watch sets", "  cairn watch sets --json"})
    int sets(
            @Mixin ServerChoice target,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        try (var connection = target.connect()) {
            var sets = connection.get(SETS, Map.of()).path("sets");
            if (json) {
                Console.json(sets);
                return 0;
            }
            var table = new Table("SET", "WATCH", "SAYS");
            for (var set : sets) {
                for (var watch : set.path("watches")) {
                    table.row(
                            set.path("name").asText(),
                            watch.path("name").asText(),
                            watch.path("sentence").asText());
                }
            }
            table.print(Console.out());
            return 0;
        }
    }

    @Command(
            name = "enable",
            description = {
                "Makes the watches of a ready-made set: cis, trail-attacks, object-reads-burst, or public-bucket.",
                "Those that are there stay as they are, so it can be run again."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn watch enable cis --tell security",
                "  cairn watch enable trail-attacks --tell security --make-topic --at-most 6/1h",
                "  cairn watch enable public-bucket --tell security --react arn:aws:lambda:us-east-1:123456789012:function:close-bucket",
                "  cairn watch enable object-reads-burst --tell security --more-than 200/1m",
                "  cairn watch enable trail-attacks --tell security --except arn:aws:iam::123456789012:user/auditor"
            })
    int enable(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "SET", description = "One that cairn watch sets lists.")
                    String set,
            @Mixin Counting counting,
            @Mixin Telling telling,
            @Option(
                            names = "--except",
                            paramLabel = "ARN",
                            description =
                                    "Who is expected to read and change log files and buckets; five at most.")
                    @Nullable List<String> except,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var body = new ObjectMapper().createObjectNode();
        counting.addTo(body);
        telling.addTo(body);
        if (except != null) {
            var exceptions = body.putArray("exceptions");
            except.forEach(exceptions::add);
        }
        try (var connection = target.connect()) {
            var answer = call(connection, "POST", SETS + "/" + Connection.encode(set), body);
            if (json) {
                Console.json(answer);
            } else {
                Console.out()
                        .println(
                                "%d watches made, %d were there; those made tell %s"
                                        .formatted(
                                                answer.path("made").size(),
                                                answer.path("kept").size(),
                                                answer.path("topicArn").asText()));
                telling.tellPending();
                for (var other : answer.path("differing")) {
                    Console.err()
                            .println(
                                    "warning: %s was there, and is not what is asked for: it %s"
                                            .formatted(
                                                    Table.clean(other.path("name").asText()),
                                                    Table.clean(other.path("how").asText())));
                }
            }
            return 0;
        }
    }
}

package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.filter.LogMessage;
import dev.cairn.ledger.LedgerException;
import dev.cairn.log.GroupEvents;
import dev.cairn.log.GroupEvents.Direction;
import dev.cairn.log.LogEvent;
import dev.cairn.log.LogGroup;
import dev.cairn.log.LogGroupName;
import dev.cairn.log.LogGroups;
import dev.cairn.log.LogStream;
import dev.cairn.log.LogStreams;
import dev.cairn.log.MetricFilter;
import dev.cairn.log.StoredEvents;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// CloudWatch Logs' operations on streams and what is in them.
///
/// Source: Amazon CloudWatch Logs API Reference.
final class LogEventOperations {
    private static final String STREAM = "logStreamName";
    private static final String STREAM_PREFIX = "logStreamNamePrefix";
    private static final String TOKEN = "nextToken";
    private static final String TIMESTAMP = "timestamp";
    private static final String INGESTED = "ingestionTime";
    private static final String MESSAGE = "message";

    /// Nobody asks for it.
    private static final String SEQUENCE_TOKEN = "0";

    private static final String FORWARD = "f/";
    private static final String BACKWARD = "b/";
    private static final Pattern OFFSETS = Pattern.compile("\\d{1,18}(?:,\\d{1,18})*");
    private static final int STREAMS_PAGE = 50;
    private static final int READ = 1_000;
    private static final int EVENTS_MAX = 10_000;
    private static final long PAGE_BYTES_MAX = 1 << 20;

    private final Semaphore asking;
    private final Duration turnMax;
    private final LogGroups groups;
    private final GroupEvents events;
    private final StoredEvents stored;

    /// @param asking how many pages may be asked for with regular expressions at a time
    /// @param turnMax how long one waits for others who do
    LogEventOperations(Operations.LogParts parts, Semaphore asking, Duration turnMax) {
        this.asking = asking;
        this.turnMax = turnMax;
        this.groups = parts.groups();
        this.events = parts.events();
        this.stored = parts.stored();
    }

    // Streams.

    ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        var group = LogGroupOperations.group(call);
        var stream = stream(call);
        if (isTrails(group, stream)) {
            throw new Failure(
                    ErrorCode.RESOURCE_ALREADY_EXISTS, "The specified log stream already exists");
        }
        groups.createStream(tx, group, stream, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        var group = LogGroupOperations.group(call);
        var stream = stream(call);
        if (isTrails(group, stream)) {
            throw new Failure(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    "The stream %s shows what trails put into the group, and cannot be deleted alone. docs/gaps.md says what is missing and why"
                            .formatted(stream));
        }
        groups.deleteStream(tx, group, stream);
        return JsonNodeFactory.instance.objectNode();
    }

    /// Whether a stream is that of trails.
    private boolean isTrails(LogGroupName group, String stream) throws CatalogException {
        return stream.equals(GroupEvents.stream(group)) && events.isFed(group);
    }

    /// A stream's name, which the model lets be more than can be kept.
    ///
    /// @throws Failure INVALID_PARAMETER
    private static String stream(Invocation call) {
        var name = call.text(STREAM, "");
        if (name.codePoints()
                .anyMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF))) {
            throw invalid("Expected a logStreamName without control characters");
        }
        return name;
    }

    ObjectNode describe(Invocation call) throws CatalogException {
        var byTime = call.text("orderBy", "LogStreamName").equals("LastEventTime");
        if (byTime && call.input().hasNonNull(STREAM_PREFIX)) {
            throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
        }
        var group = groups.expect(LogGroupOperations.named(call));
        var streams = streams(group, call.text(STREAM_PREFIX, ""));
        Comparator<LogStream> order = Comparator.comparing(LogStream::name);
        if (byTime) {
            order =
                    Comparator.comparing((LogStream stream) ->
                                    stream.last() == null ? Instant.MIN : stream.last())
                            .thenComparing(order);
        }
        streams.sort(call.input().path("descending").asBoolean() ? order.reversed() : order);
        var from = Math.min(streams.size(), start(call));
        var to = Math.min(streams.size(), from + call.number("limit", STREAMS_PAGE));
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("logStreams");
        streams.subList(from, to).forEach(stream -> items.add(shown(stream)));
        if (to < streams.size()) {
            output.put(TOKEN, NameToken.of(Integer.toString(to)));
        }
        return output;
    }

    private List<LogStream> streams(LogGroup group, String prefix) throws CatalogException {
        var streams = new ArrayList<LogStream>();
        List<LogStream> page;
        do {
            var after = streams.isEmpty() ? "" : streams.getLast().name();
            page = groups.streams().list(group.name(), prefix, after, READ);
            streams.addAll(page);
        } while (page.size() == READ);
        return streams;
    }

    private static int start(Invocation call) {
        var after = LogGroupOperations.after(call);
        try {
            return after.isEmpty() ? 0 : Integer.parseUnsignedInt(after);
        } catch (NumberFormatException _) {
            throw invalidToken();
        }
    }

    private static ObjectNode shown(LogStream stream) {
        var shown =
                JsonNodeFactory.instance
                        .objectNode()
                        .put(STREAM, stream.name())
                        .put("creationTime", stream.created().toEpochMilli());
        put(shown, "firstEventTimestamp", stream.first());
        put(shown, "lastEventTimestamp", stream.last());
        put(shown, "lastIngestionTime", stream.ingested());
        return shown.put("arn", stream.arn()).put("storedBytes", stream.bytes());
    }

    private static void put(ObjectNode shown, String member, @Nullable Instant time) {
        if (time != null) {
            shown.put(member, time.toEpochMilli());
        }
    }

    // What is in them.

    /// PutLogEvents. Sequence tokens are taken and not asked, as on AWS since 2023.
    ObjectNode put(Invocation call) throws CatalogException {
        var group = LogGroupOperations.group(call);
        var stream = stream(call);
        var messages = new ArrayList<StoredEvents.Message>();
        for (var event : call.input().path("logEvents")) {
            messages.add(
                    new StoredEvents.Message(
                            Instant.ofEpochMilli(event.path(TIMESTAMP).asLong()),
                            event.path(MESSAGE).asText()));
        }
        var left = stored.put(group, stream, messages, call.now());
        var output = JsonNodeFactory.instance.objectNode();
        output.put("nextSequenceToken", SEQUENCE_TOKEN);
        var rejected = JsonNodeFactory.instance.objectNode();
        left.tooNewFrom().ifPresent(index -> rejected.put("tooNewLogEventStartIndex", index));
        left.tooOldTo().ifPresent(index -> rejected.put("tooOldLogEventEndIndex", index));
        left.expiredTo().ifPresent(index -> rejected.put("expiredLogEventEndIndex", index));
        if (!rejected.isEmpty()) {
            output.set("rejectedLogEventsInfo", rejected);
        }
        return output;
    }

    /// GetLogEvents: where a page ends is told both ways, so that who has come to an end gets the
    /// token again that led there.
    ObjectNode get(Invocation call) throws CatalogException, LedgerException {
        LogService.only(call, "unmask", "false");
        var group = groups.expect(LogGroupOperations.named(call));
        var stream = stream(call);
        expectStream(group, stream);
        var token = call.text(TOKEN, "");
        var forward =
                token.isEmpty()
                        ? call.input().path("startFromHead").asBoolean()
                        : token.startsWith(FORWARD);
        if (!token.isEmpty() && !forward && !token.startsWith(BACKWARD)) {
            throw invalidToken();
        }
        var page =
                page(
                        call,
                        group,
                        forward ? Direction.FORWARD : Direction.BACKWARD,
                        token.isEmpty() ? "" : token.substring(FORWARD.length()),
                        time(call, "endTime", 0),
                        stream::equals,
                        _ -> true,
                        0);
        var output = JsonNodeFactory.instance.objectNode();
        var events = output.putArray("events");
        for (var event : page.events()) {
            events.addObject()
                    .put(TIMESTAMP, event.time().toEpochMilli())
                    .put(MESSAGE, event.message())
                    .put(INGESTED, event.ingested().toEpochMilli());
        }
        var stays = !token.isEmpty() && page.events().isEmpty() && page.end();
        output.put("nextForwardToken", stays && forward ? token : FORWARD + offsets(page.to()));
        return output.put(
                "nextBackwardToken", stays && !forward ? token : BACKWARD + offsets(page.from()));
    }

    ObjectNode filter(Invocation call) throws CatalogException, LedgerException {
        LogService.only(call, "unmask", "false");
        var group = groups.expect(LogGroupOperations.named(call));
        var pattern = MetricFilter.read(call.text("filterPattern", ""));
        var output = JsonNodeFactory.instance.objectNode();
        var events = output.putArray("events");
        output.putArray("searchedLogStreams");
        var streams = wantedStreams(call, group);
        if (pattern.hasRegex() && !hasTurn()) {
            throw new Failure(ErrorCode.THROTTLING);
        }
        GroupEvents.Page page;
        try {
            page =
                    page(
                            call,
                            group,
                            Direction.FORWARD,
                            call.text(TOKEN, ""),
                            time(call, "endTime", 1),
                            streams,
                            json -> pattern.takes(LogMessage.of(json)),
                            pattern.steps());
        } finally {
            if (pattern.hasRegex()) {
                asking.release();
            }
        }
        for (var event : page.events()) {
            events.add(filtered(event));
        }
        if (!page.end()) {
            output.put(TOKEN, offsets(page.to()));
        }
        return output;
    }

    private boolean hasTurn() {
        try {
            return asking.tryAcquire(turnMax.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static ObjectNode filtered(LogEvent event) {
        return JsonNodeFactory.instance
                .objectNode()
                .put(STREAM, event.stream())
                .put(TIMESTAMP, event.time().toEpochMilli())
                .put(MESSAGE, event.message())
                .put(INGESTED, event.ingested().toEpochMilli())
                .put("eventId", event.id());
    }

    /// The streams that are asked for; all where none is named.
    private Predicate<String> wantedStreams(Invocation call, LogGroup group)
            throws CatalogException {
        var names = new HashSet<String>();
        for (var name : call.input().path("logStreamNames")) {
            expectStream(group, name.asText());
            names.add(name.asText());
        }
        if (!names.isEmpty() && call.input().hasNonNull(STREAM_PREFIX)) {
            throw invalid(
                    "LogStream name prefix and LogStream names are mutually exclusive parameters.");
        }
        var prefix = call.text(STREAM_PREFIX, "");
        return stream -> names.isEmpty() ? stream.startsWith(prefix) : names.contains(stream);
    }

    private void expectStream(LogGroup group, String name) throws CatalogException {
        if (groups.streams().find(group.name(), name).isEmpty() && !isTrails(group.name(), name)) {
            throw LogStreams.missing();
        }
    }

    private GroupEvents.Page page(
            Invocation call,
            LogGroup group,
            Direction direction,
            String at,
            @Nullable Instant before,
            Predicate<String> streams,
            Predicate<byte[]> wanted,
            int steps)
            throws CatalogException, LedgerException {
        var since = time(call, "startTime", 0);
        if (since != null && before != null && since.isAfter(before)) {
            throw invalid("startTime should be less than or equal to endTime.");
        }
        return events.page(
                group,
                new GroupEvents.Question(
                        direction,
                        streams,
                        at.isEmpty() ? Optional.empty() : Optional.of(read(at)),
                        since,
                        before,
                        call.number("limit", EVENTS_MAX),
                        PAGE_BYTES_MAX,
                        wanted,
                        steps),
                call.now());
    }

    /// @param more thousandths of a second to add, where the time itself is meant, too
    private static @Nullable Instant time(Invocation call, String member, long more) {
        var millis = call.input().path(member);
        return millis.isNumber() ? Instant.ofEpochMilli(millis.asLong()).plusMillis(more) : null;
    }

    private static String offsets(List<Long> offsets) {
        return NameToken.of(offsets.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    private List<Long> read(String token) {
        var text = NameToken.read(token).orElseThrow(LogEventOperations::invalidToken);
        if (!OFFSETS.matcher(text).matches()) {
            throw invalidToken();
        }
        var offsets = Arrays.stream(text.split(",", -1)).map(Long::valueOf).toList();
        if (offsets.size() != events.numbers()) {
            throw invalidToken();
        }
        return offsets;
    }

    private static Failure invalidToken() {
        return invalid("The specified nextToken is invalid.");
    }

    private static Failure invalid(String words) {
        return new Failure(ErrorCode.INVALID_PARAMETER, words);
    }
}

package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.Filter;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Events as they are recorded: each call waits for some and tells where to go on.
///
/// Read from the ledger itself, so that nothing stands between recording and seeing. One partition
/// is waited on at a time; with several, new events of the others are seen within a second.
public final class Tails {
    private static final int PAGE = 100;
    private static final int READ_MAX = 1000;
    private static final long READ_BYTES_MAX = 4 << 20;
    private static final Duration STEP = Duration.ofSeconds(1);

    private final Ledger ledger;
    private final Searches searches;
    private final EventReader reader = EventReader.lenient();
    private volatile boolean stopping;

    public Tails(Ledger ledger, Searches searches) {
        this.ledger = ledger;
        this.searches = searches;
    }

    /// Lets calls that wait for events answer at once, because the server stops.
    public void stop() {
        stopping = true;
    }

    ObjectNode tail(Invocation call) throws LedgerException, InterruptedException {
        var accounts = searches.accounts(call);
        var filter = Filter.of(Searches.withRegions(call, Searches.condition(call)));
        var offsets = offsets(call.text("after", ""));
        var limit = call.number("limit", PAGE);
        var wait = call.number("waitSeconds", 0);
        var output = JsonNodeFactory.instance.objectNode();
        var events = output.putArray("events");
        for (var step = 0; ; step++) {
            for (var partition = 0; partition < offsets.length; partition++) {
                take(call, partition, offsets, accounts, filter, events, limit);
            }
            if (!events.isEmpty() || step >= wait || stopping) {
                output.put("after", token(offsets));
                return output;
            }
            ledger.await(new Position(0, offsets[0]), STEP);
        }
    }

    private void take(
            Invocation call,
            int partition,
            long[] offsets,
            @Nullable Set<String> accounts,
            Filter filter,
            ArrayNode events,
            int limit)
            throws LedgerException {
        var span = ledger.span(partition);
        var from = Math.clamp(offsets[partition], span.first(), span.end());
        var slice = ledger.read(new Position(partition, from), READ_MAX, READ_BYTES_MAX);
        offsets[partition] = from;
        for (var item : slice.items()) {
            if (events.size() >= limit) {
                return;
            }
            switch (item) {
                case Slice.Held held -> {
                    var event = wanted(held, accounts, filter, call);
                    if (event != null) {
                        events.add(FoundEvent.json(held.position(), held.entry().origin(), event));
                    }
                    offsets[partition]++;
                }
                case Slice.Lost lost -> offsets[partition] += lost.count();
            }
        }
    }

    private @Nullable Event wanted(
            Slice.Held held, @Nullable Set<String> accounts, Filter filter, Invocation call) {
        var entry = held.entry();
        if (accounts != null && !accounts.contains(entry.place().account())) {
            return null;
        }
        var known = EventReader.Known.recorded(entry.place(), entry.id());
        return reader.read(entry.json(), call.now(), known) instanceof Parsed.Read(Event event)
                        && filter.test(event)
                ? event
                : null;
    }

    private long[] offsets(String token) {
        var offsets = new long[ledger.partitions()];
        if (token.isEmpty()) {
            for (var partition = 0; partition < offsets.length; partition++) {
                offsets[partition] = ledger.span(partition).end();
            }
            return offsets;
        }
        var parts = token.split("\\.", -1);
        if (parts.length != offsets.length || !token.matches("[0-9]{1,18}(\\.[0-9]{1,18})*")) {
            throw new Failure(ErrorCode.INVALID_NEXT_TOKEN);
        }
        for (var partition = 0; partition < offsets.length; partition++) {
            offsets[partition] = Long.parseLong(parts[partition]);
        }
        return offsets;
    }

    private static String token(long[] offsets) {
        return Arrays.stream(offsets).mapToObj(Long::toString).collect(Collectors.joining("."));
    }
}

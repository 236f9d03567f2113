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
import dev.cairn.secret.Secrets;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
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

    private static final String MAC = "HmacSHA256";

    private final Ledger ledger;
    private final Searches searches;
    private final SecretKeySpec macKey;
    private final EventReader reader = EventReader.lenient();
    private volatile boolean stopping;

    public Tails(Ledger ledger, Searches searches, Secrets secrets) {
        this.ledger = ledger;
        this.searches = searches;
        this.macKey = new SecretKeySpec(secrets.bytes(32), MAC);
    }

    /// Whether a call goes on from the answer to an earlier one of the same caller, with the same
    /// question, to this server: that one's record stands for both. Where to go on from is no
    /// secret, so that it must be proved: else anyone who may read could read all unrecorded.
    boolean goesOn(Invocation call) {
        var token = call.text("after", "");
        var dash = token.indexOf('-');
        return dash > 0
                && MessageDigest.isEqual(
                        token.substring(dash + 1).getBytes(StandardCharsets.UTF_8),
                        proof(call, token.substring(0, dash)).getBytes(StandardCharsets.UTF_8));
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
                output.put("after", token(call, offsets));
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
        offsets[partition] = from;
        for (var item : items(new Position(partition, from))) {
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

    /// What the disk does not give is passed over as lost events are: readers report both.
    private List<Slice.Item> items(Position from) throws LedgerException {
        try {
            return ledger.read(from, READ_MAX, READ_BYTES_MAX).items();
        } catch (LedgerException failure) {
            var unreadable = failure.unreadable();
            if (unreadable == null) {
                throw failure;
            }
            return List.of(unreadable);
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
        var numbers = token.replaceFirst("-[0-9a-f]*$", "");
        var parts = numbers.split("\\.", -1);
        if (parts.length != offsets.length || !numbers.matches("[0-9]{1,18}(\\.[0-9]{1,18})*")) {
            throw new Failure(ErrorCode.INVALID_NEXT_TOKEN);
        }
        for (var partition = 0; partition < offsets.length; partition++) {
            offsets[partition] = Long.parseLong(parts[partition]);
        }
        return offsets;
    }

    private String token(Invocation call, long[] offsets) {
        var numbers =
                Arrays.stream(offsets).mapToObj(Long::toString).collect(Collectors.joining("."));
        return numbers + "-" + proof(call, numbers);
    }

    private String proof(Invocation call, String numbers) {
        var question = call.input().deepCopy();
        question.remove(List.of("after", "waitSeconds", "limit"));
        try {
            var mac = Mac.getInstance(MAC);
            mac.init(macKey);
            var caller = call.caller().account() + " " + call.caller().accessKeyId();
            return HexFormat.of()
                    .formatHex(
                            mac.doFinal(
                                    (numbers + " " + caller + " " + question)
                                            .getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", impossible);
        }
    }
}

package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Accounts;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.event.RefusalCode;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.intake.LogFilePath;
import dev.cairn.intake.RecordSplitter;
import dev.cairn.intake.Split;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.Origin;
import dev.cairn.server.http.BodyException;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.http.Unpacked;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreState;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Records the events of an existing log file, or puts them into an event data store.
///
/// Checked leniently, each event once however often it comes: ids are looked up without a window,
/// and a record without an id gets one made of its account, region and bytes. So a file that was
/// cut short, or an import that was killed, is simply imported again. What a file counts is told
/// per account and region; what is refused is told by its place in the file.
public final class Imports {
    private static final int BATCH_EVENTS = 500;
    private static final int BATCH_BYTES = 4 << 20;

    /// What goes into a store's table at once, as far as there is memory for it.
    private static final int STORE_BATCH_EVENTS = 20_000;

    private static final int STORE_BATCH_BYTES = 16 << 20;

    /// By how much that grows.
    private static final int STORE_BATCH_MORE = 1 << 20;

    private static final int REFUSALS_MAX = 1000;

    /// Memory that one file takes at a time besides its batch: the event that ends it, and its
    /// refusals.
    private static final int WORK_BYTES = 2 << 20;

    /// How often a batch that is pushed back is tried again before the import gives up.
    private static final int TRIES = 60;

    private final Ledger ledger;
    private final Accounts accounts;
    private final EventDataStores stores;
    private final StoreImports storeImports;
    private final EventReader reader = EventReader.lenient();
    private final long fileBytesMax;

    /// @param fileBytesMax the largest file when unpacked
    public Imports(
            Ledger ledger,
            Accounts accounts,
            EventDataStores stores,
            StoreImports storeImports,
            long fileBytesMax) {
        this.ledger = ledger;
        this.accounts = accounts;
        this.stores = stores;
        this.storeImports = storeImports;
        this.fileBytesMax = fileBytesMax;
    }

    ObjectNode importFile(Invocation call)
            throws CatalogException, IOException, InterruptedException {
        var into = call.text("into", "");
        var file =
                new File(
                        call.text("fileName", ""),
                        call.now(),
                        call.body(),
                        into.isEmpty() ? null : store(call, into));
        try (var packed = call.body().open()) {
            file.read(packed);
        }
        return file.answer();
    }

    /// The event data store that a call names, by name, id or ARN.
    private EventDataStore store(Invocation call, String named) throws CatalogException {
        for (var state : stores.of(call.caller().account(), call.region())) {
            if (state.store().name().equals(named)) {
                return taking(state);
            }
        }
        return taking(new NamedStores(stores).expect(call, named));
    }

    private static EventDataStore taking(StoreState state) {
        if (state.store().takesActivity()) {
            throw new Failure(
                    ErrorCode.INVALID_EVENT_DATA_STORE_CATEGORY,
                    "Expected an event data store of CloudTrail events, got %s, which channels feed."
                            .formatted(state.store().arn()));
        }
        if (state.status() == StoreState.Status.PENDING_DELETION) {
            throw EventDataStores.inactive(state.store());
        }
        return state.store();
    }

    /// One file on its way in.
    private final class File {
        private final EventReader.Known known;
        private final Instant now;
        private final List<Event> batch = new ArrayList<>();
        private final List<Long> indexes = new ArrayList<>();
        private final Map<Place, Count> counts =
                new TreeMap<>(Comparator.comparing(Place::account).thenComparing(Place::region));
        private final List<ObjectNode> refusals = new ArrayList<>();
        private final Set<String> registered = new HashSet<>();
        private long batchBytes;
        private long recorded;
        private long duplicates;
        private long refused;
        private long expired;
        private String failure = "";
        private final SpooledBody body;
        private final @Nullable EventDataStore into;
        private long batchBytesMax;

        /// @param body whose memory it takes
        /// @param into where its events go; null when they are recorded
        File(String name, Instant now, SpooledBody body, @Nullable EventDataStore into)
                throws BodyException {
            this.known = LogFilePath.known(name);
            this.now = now;
            this.body = body;
            this.into = into;
            this.batchBytesMax = into == null ? BATCH_BYTES : STORE_BATCH_MORE;
            body.reserve(WORK_BYTES + batchBytesMax);
        }

        private static final class Count {
            private long events;
            private Instant earliest = Instant.MAX;
            private Instant latest = Instant.MIN;
        }

        void read(InputStream packed) throws CatalogException, InterruptedException {
            try (var in = Unpacked.of(packed, fileBytesMax)) {
                var splitter = new RecordSplitter(in, EventReader.EVENT_BYTES_LIMIT);
                while (true) {
                    switch (splitter.next()) {
                        case Split.End(long count) -> {
                            record();
                            if (count == 0) {
                                failure = "no records found: not a CloudTrail log file";
                            }
                            return;
                        }
                        case Split.Refused(long index, RefusalCode code, String message) ->
                                refuse(index, code.wireName(), message);
                        case Split.Found(long index, byte[] json) -> found(index, json);
                    }
                }
            } catch (IOException broken) {
                // What came before the break is sound, and stays.
                record();
                failure =
                        "the file breaks off or cannot be unpacked: "
                                + (broken.getMessage() == null ? broken : broken.getMessage());
            }
        }

        private void found(long index, byte[] json) throws CatalogException, InterruptedException {
            switch (reader.read(json, now, known)) {
                case Parsed.Refused(RefusalCode code, String message) ->
                        refuse(index, code.wireName(), message);
                case Parsed.Read(Event event) -> {
                    if (into == null && !register(index, event.place().account())) {
                        return;
                    }
                    batch.add(event);
                    indexes.add(index);
                    batchBytes += json.length;
                    if (batch.size() == (into == null ? BATCH_EVENTS : STORE_BATCH_EVENTS)
                            || (batchBytes >= batchBytesMax && !grows())) {
                        record();
                    }
                }
            }
        }

        /// Whether there is memory for a larger batch: of large ones a store's table needs fewer.
        private boolean grows() {
            if (into == null
                    || batchBytesMax >= STORE_BATCH_BYTES
                    || !body.reserveSpare(STORE_BATCH_MORE)) {
                return false;
            }
            batchBytesMax += STORE_BATCH_MORE;
            return true;
        }

        /// Makes an event's account known; refuses the event when no account can be named so.
        private boolean register(long index, String account) throws CatalogException {
            if (registered.contains(account)) {
                return true;
            }
            try {
                accounts.register(account);
            } catch (Failure unusable) {
                refuse(index, unusable.code().awsName(), unusable.message());
                return false;
            }
            return registered.add(account);
        }

        private void record() throws CatalogException, InterruptedException {
            if (batch.isEmpty()) {
                return;
            }
            if (into == null) {
                recordBatch();
            } else {
                loadBatch(into);
            }
            batch.clear();
            indexes.clear();
            batchBytes = 0;
        }

        private void loadBatch(EventDataStore store) throws CatalogException {
            try {
                var loaded = storeImports.load(store, batch.stream().map(Event::json).toList());
                recorded += loaded.added();
                duplicates += loaded.known();
                expired += loaded.expired();
                loaded.unfit()
                        .forEach(at ->
                                refuse(
                                        indexes.get(at),
                                        RefusalCode.INVALID_JSON.wireName(),
                                        "expected what an event data store can show as JSON, got half of a surrogate pair or the like"));
                batch.forEach(this::count);
            } catch (IOException failed) {
                throw new Failure(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "the file is imported in part; import it again: " + failed.getMessage(),
                        Duration.ofSeconds(5));
            }
        }

        private void recordBatch() throws CatalogException, InterruptedException {
            var entries = new ArrayList<Entry>(batch.size());
            for (var event : batch) {
                entries.add(new Entry(event.place(), event.id(), Origin.IMPORT, event.json()));
            }
            var outcomes = append(entries);
            for (var i = 0; i < batch.size(); i++) {
                var event = batch.get(i);
                switch (outcomes.get(i)) {
                    case Append.Recorded _ -> {
                        recorded++;
                        count(event);
                    }
                    case Append.Duplicate _ -> {
                        duplicates++;
                        count(event);
                    }
                    case Append.Conflict(var first) ->
                            refuse(
                                    indexes.get(i),
                                    RefusalCode.EVENT_ID_CONFLICT.wireName(),
                                    "another event with the eventID %s is recorded at %s"
                                            .formatted(event.id(), first));
                    case Append.Pushback(_, String reason) ->
                            throw new Failure(
                                    ErrorCode.SERVICE_UNAVAILABLE,
                                    "the file is recorded in part; import it again: " + reason,
                                    Duration.ofSeconds(5));
                }
            }
        }

        /// Appends, waiting as long as the ledger asks: nobody else waits for an import.
        private List<Append> append(List<Entry> entries) throws InterruptedException {
            var outcomes = ledger.append(entries);
            for (var attempt = 1; attempt < TRIES; attempt++) {
                var longest = Duration.ZERO;
                for (var outcome : outcomes) {
                    if (outcome instanceof Append.Pushback(Duration retryAfter, _)
                            && retryAfter.compareTo(longest) >= 0) {
                        longest = retryAfter.plusMillis(1);
                    }
                }
                if (longest.isZero()) {
                    return outcomes;
                }
                Thread.sleep(longest);
                outcomes = ledger.append(entries);
            }
            return outcomes;
        }

        private void count(Event event) {
            var count = counts.computeIfAbsent(event.place(), _ -> new Count());
            count.events++;
            count.earliest = event.time().isBefore(count.earliest) ? event.time() : count.earliest;
            count.latest = event.time().isAfter(count.latest) ? event.time() : count.latest;
        }

        private void refuse(long index, String code, String message) {
            refused++;
            if (refusals.size() < REFUSALS_MAX) {
                refusals.add(
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("index", index)
                                .put("code", code)
                                .put("message", message));
            }
        }

        ObjectNode answer() {
            var output = JsonNodeFactory.instance.objectNode();
            output.put("recorded", recorded);
            output.put("duplicates", duplicates);
            output.put("refusedCount", refused);
            if (expired > 0) {
                output.put("expired", expired);
            }
            output.putArray("refused").addAll(refusals);
            var rows = output.putArray("counts");
            counts.forEach((place, count) ->
                    rows.addObject()
                            .put("account", place.account())
                            .put("region", place.region())
                            .put("events", count.events)
                            .put("earliest", count.earliest.getEpochSecond())
                            .put("latest", count.latest.getEpochSecond()));
            if (!failure.isEmpty()) {
                output.put("failure", failure);
            }
            return output;
        }
    }
}

package dev.cairn.intake;

import dev.cairn.event.EventReader;
import dev.cairn.event.Named;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.event.RefusalCode;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Checks the events that producers send, strictly, one by one: bad ones are refused with a reason,
/// the good ones go on.
///
/// Immutable; any thread may use it.
public final class Intake {
    private final EventReader reader;
    private final int eventBytesMax;
    private final int eventsMax;

    /// @param eventBytesMax longer events are refused; at most [EventReader#EVENT_BYTES_LIMIT]
    /// @param eventsMax bodies with more records are refused as a whole. Their size is bounded by
    ///   whoever reads them; this bounds what the answer can grow to.
    public Intake(int eventBytesMax, int eventsMax) {
        this.reader = EventReader.strict(eventBytesMax);
        this.eventBytesMax = eventBytesMax;
        this.eventsMax = eventsMax;
    }

    /// Checks a body.
    ///
    /// @param body unpacked, in any of the forms that [RecordSplitter] takes; held in memory while
    ///   it is checked, so it must be bounded
    /// @param now for the check of `eventTime`
    /// @param mayRecordFor whether the caller may record events of an account; asked once for each
    /// @throws IOException what the body's stream throws; then nothing was taken
    public Checked check(InputStream body, Instant now, Predicate<String> mayRecordFor)
            throws IOException {
        RecordSplitter splitter = new RecordSplitter(body, eventBytesMax);
        Map<String, Boolean> allowed = new HashMap<>();
        List<Entry> taken = new ArrayList<>();
        List<Integer> indexes = new ArrayList<>();
        List<Refusal> refused = new ArrayList<>();
        while (true) {
            switch (splitter.next()) {
                case Split.End(long _) -> {
                    return new Checked.Batch(taken, indexes, refused);
                }
                case Split.Refused(long index, RefusalCode code, String message) ->
                        refused.add(new Refusal((int) index, code, message));
                case Split.Found(long index, byte[] json) -> {
                    if (index >= eventsMax) {
                        return new Checked.TooMany(eventsMax);
                    }
                    switch (reader.name(json, now)) {
                        case Parsed.Refused(RefusalCode code, String message) ->
                                refused.add(new Refusal((int) index, code, message));
                        case Named.Name(Place place, String id) -> {
                            String account = place.account();
                            if (allowed.computeIfAbsent(account, mayRecordFor::test)) {
                                taken.add(new Entry(place, id, Origin.INTAKE, json));
                                indexes.add((int) index);
                            } else {
                                refused.add(
                                        new Refusal(
                                                (int) index,
                                                RefusalCode.ACCESS_DENIED,
                                                "expected an account that the caller may record"
                                                        + " for, got "
                                                        + account));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Puts together what the check and the ledger said.
    ///
    /// @param batch what was checked
    /// @param appended one outcome for each of the batch's entries, in their order
    public static IntakeAnswer answer(Checked.Batch batch, List<Append> appended) {
        if (appended.size() != batch.taken().size()) {
            throw new IllegalArgumentException(
                    "expected %d outcomes, got %d"
                            .formatted(batch.taken().size(), appended.size()));
        }
        int recorded = 0;
        int duplicates = 0;
        List<Refusal> refused = new ArrayList<>(batch.refused());
        List<IntakeAnswer.Taken> positions = new ArrayList<>();
        Append.Pushback pushback = null;
        for (int i = 0; i < appended.size(); i++) {
            int index = batch.indexes().get(i);
            switch (appended.get(i)) {
                case Append.Recorded(var position) -> {
                    recorded++;
                    positions.add(new IntakeAnswer.Taken(index, position, false));
                }
                case Append.Duplicate(var first) -> {
                    duplicates++;
                    positions.add(new IntakeAnswer.Taken(index, first, true));
                }
                case Append.Conflict(var first) ->
                        refused.add(
                                new Refusal(
                                        index,
                                        RefusalCode.EVENT_ID_CONFLICT,
                                        "expected the event that is recorded with this eventID at "
                                                + first
                                                + ", got one with other content"));
                case Append.Pushback found -> {
                    pushback = found;
                    refused.add(new Refusal(index, RefusalCode.PUSHED_BACK, found.reason()));
                }
            }
        }
        refused.sort(Comparator.comparingInt(Refusal::index));
        return new IntakeAnswer(
                recorded,
                duplicates,
                refused,
                positions,
                recorded + duplicates == 0 ? pushback : null);
    }
}

package dev.cairn.server.own;

import dev.cairn.account.Caller;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.gateway.recording.Recorder;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.server.http.Exchange;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.function.Supplier;

/// What a gateway in a process of its own records of itself, beside the calls that pass it.
///
/// What is not taken while Cairn is away is counted, and goes with the next sum. Any thread may
/// call any method.
public final class GatewayEvents {
    private static final Request NOTHING = new Request("", "", "", Headers.NONE);

    private final Recorder recorder;
    private final Place place;
    private final Supplier<String> newEventId;
    private final InstantSource clock;
    private final Strangers strangers = new Strangers();
    private final Strangers crowdedOut = new Strangers();

    /// @param place where they are recorded
    /// @param newEventId gives fresh UUIDs
    public GatewayEvents(
            Recorder recorder, Place place, Supplier<String> newEventId, InstantSource clock) {
        this.recorder = recorder;
        this.place = place;
        this.newEventId = newEventId;
        this.clock = clock;
    }

    /// A request to a gateway that never became a call.
    static Exchange refusedExchange(String remoteAddress) {
        return new Exchange(NOTHING, InputStream.nullInputStream(), 0, remoteAddress, null);
    }

    /// What such a request wanted.
    static OwnRecord.Asked passCall() {
        return OwnRecord.Asked.management("cairn.amazonaws.com", "PassCall", "", false, null);
    }

    /// What became of it.
    static OwnRecord.Outcome malformed(String reason) {
        return OwnRecord.Outcome.failed(ErrorCode.MALFORMED_HTTP_REQUEST.awsName(), reason);
    }

    /// Records a request that never became a call, such as one that says two things of its length,
    /// within the bounds for strangers.
    public void refused(String remoteAddress, String reason) throws InterruptedException {
        var now = clock.instant();
        if (!strangers.mayRecord(remoteAddress, now)) {
            return;
        }
        var eventId = newEventId.get();
        var caller =
                new Caller(Caller.Type.ANONYMOUS, place.account(), "", "", null, null, null, null);
        var record =
                new OwnRecord(
                        eventId,
                        now,
                        caller,
                        place.region(),
                        passCall(),
                        refusedExchange(remoteAddress),
                        eventId,
                        malformed(reason));
        if (!isRecorded(new Entry(place, eventId, Origin.OWN, record.json()))) {
            strangers.putBack(new Strangers.Sum(remoteAddress, 1));
        }
    }

    /// Counts a request to the gateway for which there was no place.
    public void crowdedOut(String remoteAddress) {
        crowdedOut.sum(remoteAddress);
    }

    /// Records that reads are sampled.
    ///
    /// @param share of them that are recorded
    /// @param leftOut how many were left out since this was last recorded; 0 when it begins
    /// @return false when it was not taken
    public boolean sampledReads(double share, long leftOut) throws InterruptedException {
        return isRecorded(
                SummaryRecord.sampledReads(
                        newEventId.get(), clock.instant(), place, share, leftOut));
    }

    /// Records the sums of what was not recorded one by one; called about once a minute.
    public void recordSums() throws InterruptedException {
        for (var sum : strangers.takeSums()) {
            if (!isRecorded(
                    SummaryRecord.refusedRequests(
                            newEventId.get(), clock.instant(), place, sum.source(), sum.count()))) {
                strangers.putBack(sum);
            }
        }
        for (var sum : crowdedOut.takeSums()) {
            if (!isRecorded(
                    SummaryRecord.crowdedOut(
                            newEventId.get(), clock.instant(), place, sum.source(), sum.count()))) {
                crowdedOut.putBack(sum);
            }
        }
    }

    private boolean isRecorded(Entry entry) throws InterruptedException {
        return recorder.record(entry).isEmpty();
    }
}

package dev.cairn.store;

import dev.cairn.event.Event;
import dev.cairn.event.Glance;
import dev.cairn.event.Particulars;
import dev.cairn.event.Place;
import dev.cairn.ledger.Origin;
import dev.cairn.selector.Selectors;
import dev.cairn.selector.Verdict;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/// An event data store as its owner asked for it. Immutable.
///
/// @param id a UUID in lower case, the last part of its ARN and its table's name in SQL
/// @param account whose store it is, 12 digits
/// @param region where it was created and may be changed
/// @param name unique within account and region
/// @param selectors what it takes
/// @param multiRegion whether it takes the events of every region
/// @param retentionDays how long an event is kept, by its eventTime
/// @param terminationProtection whether it is refused to be deleted
/// @param channels ARNs of the channels that feed it; none but where it takes their events
public record EventDataStore(
        String id,
        String account,
        String region,
        String name,
        Selectors selectors,
        boolean multiRegion,
        int retentionDays,
        boolean terminationProtection,
        Billing billing,
        Set<String> channels) {
    public EventDataStore {
        channels = Collections.unmodifiableSet(new TreeSet<>(channels));
    }

    /// A store that no channel feeds.
    public EventDataStore(
            String id,
            String account,
            String region,
            String name,
            Selectors selectors,
            boolean multiRegion,
            int retentionDays,
            boolean terminationProtection,
            Billing billing) {
        this(
                id,
                account,
                region,
                name,
                selectors,
                multiRegion,
                retentionDays,
                terminationProtection,
                billing,
                Set.of());
    }

    /// The same store, fed by other channels.
    public EventDataStore fedBy(Set<String> others) {
        return new EventDataStore(
                id,
                account,
                region,
                name,
                selectors,
                multiRegion,
                retentionDays,
                terminationProtection,
                billing,
                others);
    }

    /// Whether it takes what comes through channels, and nothing else; true or false for ever.
    public boolean takesActivity() {
        return selectors.takesActivity();
    }

    /// What AWS would bill by. Here it only says how long events may be kept.
    ///
    /// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateEventDataStore.html
    public enum Billing {
        EXTENDABLE_RETENTION_PRICING(366, 3653),
        FIXED_RETENTION_PRICING(2557, 2557);

        private final int days;
        private final int daysMax;

        Billing(int days, int daysMax) {
            this.days = days;
            this.daysMax = daysMax;
        }

        /// The retention of a store that was not told one.
        public int days() {
            return days;
        }

        /// The longest retention.
        public int daysMax() {
            return daysMax;
        }
    }

    /// Its ARN, the same for ever.
    public String arn() {
        return arn(account, region, id);
    }

    /// Whether it takes an event while it takes any. Imported events are in no store: what is to be
    /// in one is imported into it.
    ///
    /// @param origin how the event was recorded
    public boolean takes(Origin origin, Event event) {
        return covers(origin, event.place())
                && selectors.takes(event)
                && (!takesActivity()
                        || channels.contains(Particulars.of(event.json()).channelArn()));
    }

    /// As [#takes], judged at a glance.
    ///
    /// @param place where the record was recorded
    public Verdict judge(Origin origin, Place place, byte[] json, Glance glance) {
        if (!covers(origin, place)) {
            return Verdict.REFUSED;
        }
        Verdict verdict = selectors.judge(json, glance);
        // Which channel it came through, the whole record says.
        return takesActivity() && verdict == Verdict.TAKEN ? Verdict.UNSURE : verdict;
    }

    private boolean covers(Origin origin, Place place) {
        return origin != Origin.IMPORT
                && takesActivity() == (origin == Origin.CHANNEL)
                && account.equals(place.account())
                && (multiRegion || region.equals(place.region()));
    }

    /// The ARN of a store.
    public static String arn(String account, String region, String id) {
        return "arn:aws:cloudtrail:" + region + ":" + account + ":eventdatastore/" + id;
    }
}

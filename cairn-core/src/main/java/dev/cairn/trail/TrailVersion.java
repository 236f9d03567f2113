package dev.cairn.trail;

import dev.cairn.aggregation.Template;
import dev.cairn.event.Event;
import dev.cairn.event.Glance;
import dev.cairn.event.Particulars;
import dev.cairn.event.Place;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.selector.Selectors;
import dev.cairn.selector.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// What a trail is from a position on, until its next version.
///
/// @param number rises with each change, from 1; some are left out
/// @param trail as its owner asked for it
/// @param selectors what it takes
/// @param templates how its data events are summed up besides; none when they are not
/// @param logging whether it is on; a version that is not covers no position
/// @param deleted whether this is its last one: nothing comes after it, and it does not log
/// @param since when the change was made; for people, positions decide
/// @param from for each partition, the first offset it holds for
public record TrailVersion(
        int number,
        Trail trail,
        Selectors selectors,
        Set<Template> templates,
        boolean logging,
        boolean deleted,
        Instant since,
        List<Long> from) {

    private static final String S3 = "s3.amazonaws.com";
    private static final String LOGS = "logs.amazonaws.com";
    private static final String KMS = "kms.amazonaws.com";
    private static final String CLOUDTRAIL = "cloudtrail.amazonaws.com";

    /// Global services write their events in this region.
    /// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html
    private static final String GLOBAL_REGION = "us-east-1";

    private static final Set<String> GLOBAL_SOURCES =
            Set.of("iam.amazonaws.com", "sts.amazonaws.com", "cloudfront.amazonaws.com");

    public TrailVersion {
        templates = Set.copyOf(templates);
        from = List.copyOf(from);
        if (deleted && logging) {
            throw new IllegalArgumentException("a deleted trail does not log");
        }
    }

    /// Whether it holds at a position, its successor left out of account.
    public boolean holdsFrom(Position position) {
        return from.get(position.partition()) <= position.offset();
    }

    /// Whether it delivers the events of a place at all.
    public boolean covers(Place place) {
        return logging
                && trail.account().equals(place.account())
                && (trail.multiRegion() || trail.homeRegion().equals(place.region()));
    }

    /// Whether data events at the positions that it holds for are summed up.
    public boolean aggregates() {
        return logging && !templates.isEmpty();
    }

    /// Whether it takes an event at a position that it holds for.
    ///
    /// Imported events are taken by no trail: they were delivered by someone else. Nor are Cairn's
    /// own writes for this very trail, which name it in `userIdentity.inScopeOf.sourceArn`: they
    /// would feed it for ever.
    ///
    /// @param origin how the event was recorded
    public boolean takes(Origin origin, Event event) {
        return origin != Origin.IMPORT
                && covers(event.place())
                && (trail.globalEvents() || !global(event.place(), event.source()))
                && selectors.takes(event)
                && !ownEcho(origin, event);
    }

    /// Whether it takes a record at a position that it holds for, judged at a glance.
    ///
    /// @param place where it was recorded
    public Verdict judge(Origin origin, Place place, byte[] json, Glance glance) {
        if (origin == Origin.IMPORT || !covers(place)) {
            return Verdict.REFUSED;
        }
        Verdict verdict = selectors.judge(json, glance);
        if (verdict != Verdict.TAKEN) {
            return verdict;
        }
        String source = glance.source();
        String name = glance.name();
        if (source == null || name == null || writes(source, name)) {
            return Verdict.UNSURE;
        }
        return trail.globalEvents() || !global(place, source) ? Verdict.TAKEN : Verdict.REFUSED;
    }

    private static boolean global(Place place, String source) {
        return place.region().equals(GLOBAL_REGION) && GLOBAL_SOURCES.contains(source);
    }

    /// Whether a call is one by which CloudTrail delivers.
    private static boolean writes(String source, String name) {
        return (source.equals(S3) && name.equals("PutObject"))
                || (source.equals(LOGS) && name.equals("PutLogEvents"))
                || (source.equals(KMS) && name.equals("GenerateDataKey"));
    }

    /// What writing its own files makes, or with `RecursiveLogging` off that of any trail.
    private boolean ownEcho(Origin origin, Event event) {
        if (!writes(event.source(), event.name())
                || (trail.recursiveLogging() && origin != Origin.OWN)) {
            return false;
        }
        Particulars particulars = Particulars.of(event.json());
        return particulars.invokedBy().equals(CLOUDTRAIL)
                && (!trail.recursiveLogging()
                        || particulars.inScopeOfSourceArn().equals(trail.arn()));
    }
}

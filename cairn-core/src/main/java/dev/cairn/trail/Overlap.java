package dev.cairn.trail;

import dev.cairn.event.Event;
import dev.cairn.event.Place;
import dev.cairn.ledger.Origin;
import dev.cairn.selector.Examples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Something that trails store twice, or again and again. AWS's answers have no room for it, so it
/// is told in the log, by the command line and by `cairn doctor trail`; it refuses nothing.
///
/// @param kind what is the matter
/// @param message a sentence that names trails and buckets
/// @param remedy what to do about it
public record Overlap(Kind kind, String message, String remedy) {
    private static final String GLOBAL_REGION = "us-east-1";

    /// What is the matter.
    public enum Kind {
        /// A trail takes what happens to objects of its own bucket.
        FEEDS_ITSELF,
        /// Two trails put the same events into one bucket.
        STORED_TWICE
    }

    /// What there is to point out about a trail.
    ///
    /// Trails that do not log count as those that do: they may be started at any time.
    ///
    /// @param all of its account; the trail itself among them or not
    public static List<Overlap> of(TrailState state, List<TrailState> all) {
        List<Overlap> overlaps = new ArrayList<>();
        if (feedsItself(state)) {
            Trail trail = state.trail();
            overlaps.add(
                    new Overlap(
                            Kind.FEEDS_ITSELF,
                            "The trail %s takes data events on its own bucket %s: whoever reads or writes its log files makes events that are delivered there again."
                                    .formatted(trail.name(), trail.bucket()),
                            "Leave the bucket out of its selectors: {\"Field\":\"resources.ARN\",\"NotStartsWith\":[\"arn:aws:s3:::%s/\"]}"
                                    .formatted(trail.bucket())));
        }
        for (TrailState other : all) {
            if (!other.id().equals(state.id())
                    && other.trail().bucket().equals(state.trail().bucket())
                    && takeTheSame(state, other)) {
                overlaps.add(
                        new Overlap(
                                Kind.STORED_TWICE,
                                "The trails %s and %s both put the same events into the bucket %s."
                                        .formatted(
                                                state.trail().arn(),
                                                other.trail().arn(),
                                                state.trail().bucket()),
                                "Delete one of them, give them selectors that share no events, or another bucket to one of them."));
            }
        }
        return overlaps;
    }

    private static boolean feedsItself(TrailState state) {
        Trail trail = state.trail();
        String prefix = trail.prefix().isEmpty() ? "" : trail.prefix() + '/';
        Examples examples = new Examples(new Place(trail.account(), trail.homeRegion()));
        return takesAny(
                state,
                examples.onObject(
                        trail.bucket(), prefix + "AWSLogs/" + trail.account() + "/CloudTrail/x"));
    }

    private static boolean takeTheSame(TrailState one, TrailState other) {
        String region =
                one.trail().multiRegion()
                        ? other.trail().multiRegion() ? GLOBAL_REGION : other.trail().homeRegion()
                        : one.trail().homeRegion();
        Examples examples = new Examples(new Place(one.trail().account(), region));
        List<Event> events = new ArrayList<>(examples.of(one.selectors()));
        events.addAll(examples.of(other.selectors()));
        events.removeIf(event -> !takes(one, event) || !takes(other, event));
        return !events.isEmpty();
    }

    private static boolean takesAny(TrailState state, List<Event> events) {
        return events.stream().anyMatch(event -> takes(state, event));
    }

    /// Whether a trail takes an event while it logs.
    private static boolean takes(TrailState state, Event event) {
        return new TrailVersion(
                        1,
                        state.trail(),
                        state.selectors(),
                        state.templates(),
                        true,
                        false,
                        Instant.EPOCH,
                        List.of())
                .takes(Origin.INTAKE, event);
    }
}

package dev.cairn.watch;

import dev.cairn.event.Place;
import dev.cairn.topic.TopicArn;
import java.time.Instant;
import java.util.Optional;

/// A watch: what it waits for, whom it tells, and in what words.
///
/// @param region whose events alone it sees; empty for all regions
/// @param topic of the same account
/// @param threshold how many events it takes; empty when each is told of
/// @param reaction the ARN of what is called when it fires; empty for nothing
/// @param words for people
/// @param paused whether it takes nothing
/// @param of the ready-made set that it comes from; empty for one's own
public record Watch(
        WatchName name,
        WatchCondition condition,
        Optional<String> region,
        TopicArn topic,
        AtMost atMost,
        Optional<Threshold> threshold,
        Optional<String> reaction,
        Words words,
        boolean paused,
        String of,
        Instant created) {

    /// What is said to people.
    ///
    /// @param say what happened, a sentence; empty for one that Cairn makes
    /// @param means why it matters; empty for nothing
    /// @param act what to do about it; empty for nothing
    public record Words(String say, String means, String act) {
        /// The longest sentence that callers may give.
        public static final int CHARS_MAX = 500;
    }

    Watch paused(boolean now) {
        return new Watch(
                name, condition, region, topic, atMost, threshold, reaction, words, now, of,
                created);
    }

    /// Where its reaction is known.
    Place place() {
        return new Place(name.account(), topic.region());
    }

    /// What happened, in a sentence.
    public String sentence() {
        return words.say().isEmpty()
                ? (threshold.isEmpty()
                                ? "The watch %s saw a call that it waits for."
                                : "The watch %s saw more calls that it waits for than it may.")
                        .formatted(name.name())
                : words.say();
    }
}

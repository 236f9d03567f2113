package dev.cairn.proof;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Judges the digests of one chain, from the oldest to the newest: each must bear a signature that
/// holds, and must seal the one before it.
///
/// A digest that bears no signature, as in a bare copy of a bucket, waits for its successor, which
/// repeats the signature.
final class Chain {
    private final ChainName name;
    private final Signatures signatures;
    private final Scope scope;
    private final Map<String, Head> expected;
    private final Told told;

    /// Keys about which something was said already: their successors need not say it again.
    private final Set<String> known = new HashSet<>();

    private final Set<String> headsReached = new HashSet<>();
    private final List<Head> runs = new ArrayList<>();
    private final Map<String, Link> backfills = new HashMap<>();

    private @Nullable Link last;
    private @Nullable Link waiting;

    /// The next digest, which is later than what is judged; null when there is none to rely on.
    private @Nullable Link later;

    private boolean laterUnread;
    private @Nullable Instant from;
    private long digests;
    private long files;

    Chain(
            ChainName name,
            Signatures signatures,
            Scope scope,
            Map<String, Head> expected,
            Told told) {
        this.name = name;
        this.signatures = signatures;
        this.scope = scope;
        this.expected = expected;
        this.told = told;
    }

    /// Who is told what becomes of digests.
    interface Told {
        void found(Finding finding);

        /// Its files are to be judged.
        void proved(Link link);

        /// Its files are named, but by a digest that is not proved, yet or at all.
        void named(Link link);
    }

    /// The next digest cannot be one; that was said.
    void broken(String key) {
        known.add(key);
    }

    /// The next digest by its name's time.
    ///
    /// @param fault what is wrong with the signature it bears
    void next(Link link, Optional<Finding> fault) {
        settleWaiting(link.document().previous());
        if (link.signature().isEmpty()) {
            if (!scope.copy()) {
                told.found(
                        finding(
                                Kind.UNSIGNED,
                                link.key(),
                                "bears no signature: its metadata was taken away"));
            }
            waiting = link;
            told.named(link);
        } else {
            judge(link, fault);
        }
    }

    /// What comes next and is later than what is judged. The first that surely is a digest must
    /// follow the last one that is judged, or else something between the two is missing.
    ///
    /// @param next the next digests in order, as far as they could be read
    /// @param unread whether one of them could not
    /// @return the one that can be relied on; empty when none can
    Optional<Link> later(List<ObjectReader.Digest> next, boolean unread) {
        settleWaiting(
                next.isEmpty() ? Optional.empty() : next.getFirst().link().document().previous());
        Link reliable = null;
        for (int i = 0; i < next.size() && reliable == null; i++) {
            if (isSigned(next, i)) {
                reliable = next.get(i).link();
            }
        }
        later = reliable;
        laterUnread = unread;
        if (reliable != null && !name.backfill()) {
            leadTo(reliable, next);
        }
        return Optional.ofNullable(reliable);
    }

    /// Whether a digest bears a signature that holds, or the one behind it repeats such a one.
    private boolean isSigned(List<ObjectReader.Digest> next, int i) {
        Link link = next.get(i).link();
        if (link.signature().isPresent() || i + 1 == next.size()) {
            return link.signature().isPresent() && next.get(i).fault().isEmpty();
        }
        return next.get(i + 1)
                .link()
                .document()
                .previous()
                .filter(previous -> previous.key().equals(link.key()))
                .map(previous -> signatures.judge(link, previous.signature()).isEmpty())
                .orElse(false);
    }

    private void leadTo(Link link, List<ObjectReader.Digest> next) {
        DigestDocument.Previous previous = link.document().previous().orElse(null);
        if (previous == null || !sameChain(previous)) {
            return;
        }
        Link before = last;
        boolean isLater =
                DigestName.of(previous.key())
                        .map(DigestName::end)
                        .map(scope::isLater)
                        .orElse(false);
        if (before == null) {
            if (next.stream().noneMatch(one -> one.link().key().equals(previous.key()))) {
                first(link, previous);
            }
        } else if (!isLater) {
            follow(link);
        } else if (leavesOut(before, window(link)) && known.add(previous.key())) {
            told.found(
                    finding(
                            Kind.MISSING,
                            previous.key(),
                            "leads to %s, and what leads there from the digest that ends at %s is not there"
                                    .formatted(link.key(), before.document().end())));
        }
    }

    /// Whether what follows a digest should be there and end within what is judged.
    private boolean leavesOut(Link link, Duration window) {
        return !scope.isLater(link.document().end().plus(window));
    }

    /// There are no more.
    void end() {
        settleWaiting(Optional.empty());
        if (name.backfill()) {
            endBackfills();
        }
        endRun();
        for (Head head : expected.values()) {
            if (scope.isLater(head.end())) {
                expectToLeadTo(head);
            } else if (!headsReached.contains(head.key()) && known.add(head.key())) {
                told.found(
                        finding(
                                Kind.MISSING,
                                head.key(),
                                last == null || last.document().end().isAfter(head.end())
                                        ? "is the end of a run of digests that the head names, and is not there"
                                        : "is the head of the chain and is not there: the digests from %s to %s are missing"
                                                .formatted(last.document().end(), head.end())));
            }
        }
    }

    /// A head that is later than what is judged: the chain must reach at least as far as is judged.
    private void expectToLeadTo(Head head) {
        if (later == null
                && !laterUnread
                && !name.backfill()
                && (last == null || leavesOut(last, window(last)))
                && known.add(head.key())) {
            told.found(
                    finding(
                            Kind.MISSING,
                            head.key(),
                            last == null
                                    ? "is the head of the chain, and no digest that leads to it is there"
                                    : "is the head of the chain, and the digests from %s on, that lead to it, are missing"
                                            .formatted(last.document().end())));
        }
    }

    private void settleWaiting(Optional<DigestDocument.Previous> successor) {
        Link link = waiting;
        if (link == null) {
            return;
        }
        waiting = null;
        Head head = expected.get(link.key());
        if (successor.isPresent() && successor.get().key().equals(link.key())) {
            judge(link.signedWith(successor.get().signature()));
        } else if (head != null) {
            judge(link.signedWith(head.signature()));
        } else {
            known.add(link.key());
            told.found(
                    finding(
                            Kind.UNPROVED,
                            link.key(),
                            "bears no signature, and no later digest repeats it: it and its %d files are not proved"
                                    .formatted(link.document().files().size())));
        }
    }

    /// A digest with the signature that others say it had.
    private void judge(Link link) {
        judge(link, signatures.judge(link, link.signature().orElse("")));
    }

    private void judge(Link link, Optional<Finding> fault) {
        if (fault.isPresent()) {
            known.add(link.key());
            told.found(fault.get());
            return;
        }
        meetHead(link);
        if (name.backfill()) {
            backfills.put(link.key(), link);
        } else {
            follow(link);
        }
        last = link;
        if (from == null) {
            from = link.document().start();
        }
        digests++;
        files += link.document().files().size();
        told.proved(link);
    }

    private void meetHead(Link link) {
        Head head = expected.get(link.key());
        if (head == null) {
            return;
        }
        headsReached.add(link.key());
        if (!link.signature().orElse("").equalsIgnoreCase(head.signature())) {
            told.found(
                    finding(
                            Kind.CHANGED,
                            link.key(),
                            "is signed with a trusted key, but is not the digest that the head names"));
        }
    }

    private void follow(Link link) {
        Link before = last;
        DigestDocument.Previous previous = link.document().previous().orElse(null);
        if (previous == null) {
            start(link, before);
        } else if (before == null) {
            first(link, previous);
        } else if (previous.key().equals(before.key())) {
            if (!previous.signature().equalsIgnoreCase(before.signature().orElse(""))
                    || !previous.hash().equals(before.sha256())) {
                told.found(
                        finding(
                                Kind.CHANGED,
                                before.key(),
                                "is signed with a trusted key, but is not the digest that its successor %s follows"
                                        .formatted(link.key())));
            }
        } else if (!sameChain(previous)) {
            told.found(
                    finding(
                            Kind.GAP,
                            link.key(),
                            "follows s3://%s/%s, which is not in this chain: judge that bucket by itself"
                                    .formatted(previous.bucket(), previous.key())));
        } else if (DigestName.of(previous.key())
                .map(named -> named.end().isBefore(before.name().end()))
                .orElse(false)) {
            told.found(
                    finding(
                            Kind.FORKED,
                            link.key(),
                            "follows %s, and so does %s: one of the two was signed for another history"
                                    .formatted(previous.key(), before.key())));
        } else {
            missing(link, previous, before.document().end());
        }
    }

    private void start(Link link, @Nullable Link before) {
        if (before != null) {
            endRun();
            told.found(
                    finding(
                            Kind.GAP,
                            link.key(),
                            "starts a new run: nothing is proved from %s to %s, when logging or validation was off"
                                    .formatted(before.document().end(), link.document().start())));
        }
    }

    private void first(Link link, DigestDocument.Previous previous) {
        Instant start = link.document().start();
        if (sameChain(previous) && scope.since().map(start::isAfter).orElse(true)) {
            missing(link, previous, scope.since().orElse(null));
        }
    }

    private boolean sameChain(DigestDocument.Previous previous) {
        return previous.bucket()
                        .equals(
                                last == null
                                        ? scope.bucketOr(previous.bucket())
                                        : last.document().bucket())
                && DigestName.of(previous.key()).map(DigestName::chain).equals(Optional.of(name));
    }

    private void missing(Link link, DigestDocument.Previous previous, @Nullable Instant proved) {
        if (!known.add(previous.key())) {
            return;
        }
        Instant start = link.document().start();
        String run = "";
        if (proved != null && proved.isBefore(start)) {
            long window = Math.max(1, Duration.between(start, link.document().end()).toSeconds());
            long count =
                    Math.max(1, Math.ceilDiv(Duration.between(proved, start).toSeconds(), window));
            run =
                    ": %s from %s to %s, and nothing of that time is proved"
                            .formatted(
                                    count == 1
                                            ? "a digest is missing"
                                            : "a run of about %d digests is missing"
                                                    .formatted(count),
                                    proved,
                                    start);
        }
        told.found(
                finding(
                        Kind.MISSING,
                        previous.key(),
                        "is the digest before %s and is not there%s".formatted(link.key(), run)));
    }

    /// Backfill digests may come in any order: only that each predecessor is there is asked.
    private void endBackfills() {
        for (Link link : backfills.values()) {
            DigestDocument.Previous previous = link.document().previous().orElse(null);
            if (previous == null
                    || scope.since().isPresent()
                    || scope.until().isPresent()
                    || !sameChain(previous)) {
                continue;
            }
            Link before = backfills.get(previous.key());
            if (before == null) {
                missing(link, previous, null);
            } else if (!previous.hash().equals(before.sha256())) {
                told.found(
                        finding(
                                Kind.CHANGED,
                                before.key(),
                                "is signed with a trusted key, but is not the digest that its successor %s follows"
                                        .formatted(link.key())));
            }
        }
    }

    private void endRun() {
        if (last != null) {
            runs.add(last.head());
        }
    }

    private Finding finding(Kind kind, String key, String sentence) {
        return new Finding(kind, scope.bucket(), key, sentence);
    }

    List<Head> runs() {
        return runs;
    }

    boolean backfill() {
        return name.backfill();
    }

    /// Up to when its digests reach, or should reach; the next one included, though it is later
    /// than what is judged.
    Optional<Instant> reach() {
        return latest(
                Optional.ofNullable(continued() ? later : last).map(link -> link.document().end()),
                expected.values().stream()
                        .map(Head::end)
                        .filter(end -> !scope.isLater(end))
                        .max(Instant::compareTo));
    }

    /// Whether the next digest, later than what is judged, follows the last one that is, or starts
    /// a new run: nothing is left out between the two.
    private boolean continued() {
        if (later == null) {
            return false;
        }
        Optional<String> previous = later.document().previous().map(DigestDocument.Previous::key);
        return last == null || previous.isEmpty() || previous.get().equals(last.key());
    }

    /// How long the window of its newest digest is.
    Duration window() {
        return last == null ? Duration.ZERO : window(last);
    }

    private static Duration window(Link link) {
        return Duration.between(link.document().start(), link.document().end());
    }

    Verdict.ChainLine line() {
        return new Verdict.ChainLine(
                name.toString(),
                Optional.ofNullable(from),
                Optional.ofNullable(last).map(link -> link.document().end()),
                head(),
                digests,
                files);
    }

    private Optional<Instant> head() {
        return expected.values().stream().map(Head::end).max(Instant::compareTo);
    }

    private static Optional<Instant> latest(Optional<Instant> a, Optional<Instant> b) {
        return a.isPresent() && (b.isEmpty() || a.get().isAfter(b.get())) ? a : b;
    }
}

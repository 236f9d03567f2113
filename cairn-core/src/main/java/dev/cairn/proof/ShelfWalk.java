package dev.cairn.proof;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Judges one shelf, day by day: what its digests seal, and whether anything stands there that they
/// do not.
///
/// Both listings, of digests and of log files, are in order of days, so that only the files of two
/// or three days are in memory, and those that no digest named yet, however many years there are.
final class ShelfWalk {
    /// Digests that are read at once, rounded up to whole days: many while they are small, fewer
    /// when each names many files.
    private static final int BATCH_DIGESTS = 64;

    private static final int BATCH_DIGESTS_MAX = 1024;
    private static final long BATCH_DIGEST_BYTES = 512 << 10;

    /// Log files that are read at once.
    private static final int BATCH_FILES = 1024;

    /// Files that may wait for a digest to name them: about 50 MB. A trail may seal once a week or
    /// once a month, so nothing is said of a file before the end, unless there are more than these.
    private static final int UNNAMED_MAX = 200_000;

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuu/MM/dd");

    /// Names of log files say the minute.
    private static final Duration NAME_PRECISION = Duration.ofMinutes(1);

    private final Shelf shelf;
    private final Buckets buckets;
    private final Scope scope;
    private final Signatures signatures;
    private final Collection<Head> expected;
    private final Expectation expectation;
    private final Crew crew;
    private final Tally tally;
    private final ObjectReader reader;

    private final SortedMap<ChainName, Chain> chains =
            new TreeMap<>(Comparator.comparing(ChainName::toString));
    private final List<KeyListing> logs = new ArrayList<>();

    /// Files that stand there and that no digest named so far, with the minute of their delivery.
    private final SortedMap<String, Instant> unnamed = new TreeMap<>();

    /// Files that a digest named before the listing came to them.
    private final Set<String> namedAhead = new HashSet<>();

    private final List<Link> toJudge = new ArrayList<>();
    private final Later later = new Later();

    /// The end of the newest digest that could not be read; what it names is not known.
    private @Nullable Instant unread;

    private Set<String> lastRead = Set.of();
    private String lastDay;

    ShelfWalk(
            Shelf shelf,
            Buckets buckets,
            Scope scope,
            Signatures signatures,
            Collection<Head> expected,
            Expectation expectation,
            Crew crew,
            Tally tally) {
        this.shelf = shelf;
        this.buckets = buckets;
        this.scope = scope;
        this.signatures = signatures;
        this.expected = expected;
        this.expectation = expectation;
        this.crew = crew;
        this.tally = tally;
        this.reader = new ObjectReader(scope, signatures);
        this.lastDay =
                scope.since()
                        .map(since -> DAY.format(LocalDate.ofInstant(since, ZoneOffset.UTC)))
                        .orElse("");
        for (String kind : Shelf.LOGS) {
            String folder = shelf.logFolder(kind);
            logs.add(new KeyListing(buckets, scope.bucket(), folder, from(folder)));
        }
        for (Head head : expected) {
            DigestName.of(head.key()).ifPresent(name -> chain(name.chain()));
        }
    }

    void walk() throws ArchiveException, InterruptedException {
        readDigests();
        listLogs("9");
        Optional<Set<String>> pending =
                unnamed.isEmpty()
                        ? Optional.empty()
                        : expectation.pending(scope.bucket(), shelf.account());
        if (pending.isPresent() && !pending.get().containsAll(unnamed.keySet())) {
            // Sealed since the digests were listed, perhaps.
            readDigests();
        }
        lookAtLater();
        chains.values().forEach(Chain::end);
        judgeFiles();
        if (!unnamed.isEmpty()) {
            judgeUnnamed(pending);
        }
        chains.values().forEach(tally::chain);
        scope.until()
                .flatMap(until -> later.finding(scope.bucket(), until))
                .ifPresent(finding -> tally.later(finding, later.files()));
    }

    /// Where a listing begins: with the day of `since`, or with the day that was read last.
    private String from(String folder) {
        return lastDay.isEmpty() ? "" : folder + lastDay;
    }

    private void readDigests() throws ArchiveException, InterruptedException {
        String folder = shelf.digestFolder();
        KeyListing listing = new KeyListing(buckets, scope.bucket(), folder, from(folder));
        List<String> batch = new ArrayList<>();
        long bytes = 0;
        Set<String> readBefore = lastRead;
        for (String key = listing.peek(); key != null; key = listing.peek()) {
            String day = LogName.day(folder, key);
            if (!day.equals(lastDay) && isFull(batch.size(), bytes)) {
                read(batch);
                batch.clear();
                bytes = 0;
            }
            lastDay = day.isEmpty() ? lastDay : day;
            long length = listing.take().length();
            if (!readBefore.contains(key)) {
                batch.add(key);
                bytes += length;
            }
        }
        read(batch);
    }

    private static boolean isFull(int digests, long bytes) {
        return digests >= BATCH_DIGESTS
                && (digests >= BATCH_DIGESTS_MAX || bytes >= BATCH_DIGEST_BYTES);
    }

    private void read(List<String> keys) throws ArchiveException, InterruptedException {
        lastRead = Set.copyOf(keys);
        List<DigestName> names = new ArrayList<>();
        List<String> digests = new ArrayList<>();
        for (String key : keys) {
            DigestName name = DigestName.of(key).orElse(null);
            if (name == null || !name.shelf().equals(shelf)) {
                if (!isLaterDay(LogName.day(shelf.digestFolder(), key))) {
                    tally.found(
                            new Finding(
                                    Kind.UNSIGNED,
                                    scope.bucket(),
                                    key,
                                    "stands among the digests and is none"));
                }
            } else if (scope.isLater(name.end())) {
                later.digest(name, key);
            } else if (scope.since().map(name.end()::isAfter).orElse(true)) {
                names.add(name);
                digests.add(key);
            }
        }
        ObjectReader.@Nullable Outcome[] outcomes = new ObjectReader.Outcome[digests.size()];
        crew.all(
                pieces(
                        scope.bucket(),
                        digests,
                        (i, object) ->
                                outcomes[i] = reader.digest(names.get(i), digests.get(i), object)));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < outcomes.length; i++) {
            order.add(i);
        }
        order.sort(Comparator.comparing(i -> names.get(i).end()));
        listLogs(lastDay);
        for (int i : order) {
            Chain chain = chain(names.get(i).chain());
            switch (outcomes[i]) {
                case ObjectReader.Digest(Link link, Optional<Finding> fault) ->
                        chain.next(link, fault);
                case ObjectReader.Wrong(Finding finding) -> {
                    chain.broken(digests.get(i));
                    tally.found(finding);
                    if (finding.kind() == Kind.UNREADABLE) {
                        unread(names.get(i).end());
                    }
                }
                case ObjectReader.Hash _ ->
                        throw new IllegalStateException("a digest was read as a log file");
                case null -> throw new IllegalStateException("a digest was not read");
            }
            tally.digestRead(shelf, names.get(i).end());
        }
        judgeFiles();
        settleOldest();
    }

    private boolean isLaterDay(String day) {
        return scope.until()
                .map(until -> DAY.format(LocalDate.ofInstant(until, ZoneOffset.UTC)))
                .map(last -> day.compareTo(last) > 0)
                .orElse(false);
    }

    /// Holds each chain against its next digest, and has that name the files which were delivered
    /// in time and sealed later.
    private void lookAtLater() throws InterruptedException {
        for (Map.Entry<ChainName, List<String>> next : later.next().entrySet()) {
            List<ObjectReader.Digest> digests = new ArrayList<>();
            boolean unread = false;
            for (ObjectReader.Outcome outcome : readAll(next.getValue())) {
                switch (outcome) {
                    case ObjectReader.Digest digest -> digests.add(digest);
                    case ObjectReader.Wrong(Finding finding) ->
                            unread |= finding.kind() == Kind.UNREADABLE;
                    case ObjectReader.Hash _ ->
                            throw new IllegalStateException("a digest was read as a log file");
                }
            }
            Optional<Link> reliable = chain(next.getKey()).later(digests, unread);
            if (reliable.isPresent()) {
                sealedLater(reliable.get());
            } else if (unread) {
                tally.found(
                        new Finding(
                                Kind.UNREADABLE,
                                scope.bucket(),
                                next.getValue().getFirst(),
                                "could not be read, nor what follows it: whether the chain leads there is not known"));
            }
        }
    }

    private List<ObjectReader.Outcome> readAll(List<String> digests) throws InterruptedException {
        ObjectReader.@Nullable Outcome[] outcomes = new ObjectReader.Outcome[digests.size()];
        crew.all(
                pieces(
                        scope.bucket(),
                        digests,
                        (i, object) ->
                                outcomes[i] =
                                        reader.digest(
                                                DigestName.of(digests.get(i)).orElseThrow(),
                                                digests.get(i),
                                                object)));
        List<ObjectReader.Outcome> read = new ArrayList<>();
        for (ObjectReader.@Nullable Outcome outcome : outcomes) {
            read.add(Objects.requireNonNull(outcome, "a digest was not read"));
        }
        return read;
    }

    private void sealedLater(Link link) {
        for (DigestDocument.Sealed file : link.document().files()) {
            if (file.bucket().equals(scope.bucketOr(file.bucket()))
                    && unnamed.remove(file.key()) != null) {
                tally.found(
                        new Finding(
                                Kind.PENDING,
                                scope.bucket(),
                                file.key(),
                                "was sealed later, by %s, and was not judged"
                                        .formatted(link.key())));
            }
        }
    }

    private Chain chain(ChainName name) {
        return chains.computeIfAbsent(
                name,
                _ -> {
                    Map<String, Head> heads = new HashMap<>();
                    for (Head head : expected) {
                        if (DigestName.of(head.key())
                                .map(DigestName::chain)
                                .equals(Optional.of(name))) {
                            heads.put(head.key(), head);
                        }
                    }
                    return new Chain(name, signatures, scope, heads, new Links());
                });
    }

    private void judgeFiles() throws InterruptedException {
        List<DigestDocument.Sealed> files = new ArrayList<>();
        for (Link link : toJudge) {
            for (DigestDocument.Sealed sealed : link.document().files()) {
                files.add(sealed);
                if (files.size() == BATCH_FILES) {
                    judgeFiles(files);
                    files.clear();
                }
            }
        }
        judgeFiles(files);
        toJudge.clear();
    }

    private void judgeFiles(List<DigestDocument.Sealed> files) throws InterruptedException {
        ObjectReader.@Nullable Outcome[] outcomes = new ObjectReader.Outcome[files.size()];
        crew.all(pieces(files, outcomes));
        Map<String, String> byHash = new HashMap<>();
        files.forEach(file -> byHash.put(file.hash(), file.key()));
        for (int i = 0; i < outcomes.length; i++) {
            DigestDocument.Sealed file = files.get(i);
            switch (outcomes[i]) {
                case ObjectReader.Hash(String sha256) when sha256.equals(file.hash()) ->
                        tally.fileProved();
                case ObjectReader.Hash(String sha256) ->
                        tally.found(
                                new Finding(
                                        byHash.containsKey(sha256) ? Kind.MOVED : Kind.CHANGED,
                                        file.bucket(),
                                        file.key(),
                                        byHash.containsKey(sha256)
                                                ? "holds what belongs to " + byHash.get(sha256)
                                                : "expected content of SHA-256 %s, found %s"
                                                        .formatted(file.hash(), sha256)));
                case ObjectReader.Wrong(Finding finding) -> tally.found(finding);
                case ObjectReader.Digest _ ->
                        throw new IllegalStateException("a log file was read as a digest");
                case null -> throw new IllegalStateException("a log file was not read");
            }
        }
    }

    /// The reading of files, those of each bucket by itself: a trail's bucket may have changed.
    private List<Runnable> pieces(
            List<DigestDocument.Sealed> files, ObjectReader.@Nullable Outcome[] outcomes) {
        List<Runnable> pieces = new ArrayList<>();
        int from = 0;
        while (from < files.size()) {
            String bucket = files.get(from).bucket();
            int first = from;
            while (from < files.size() && files.get(from).bucket().equals(bucket)) {
                from++;
            }
            List<DigestDocument.Sealed> run = files.subList(first, from);
            pieces.addAll(
                    pieces(
                            scope.copy() ? scope.bucket() : bucket,
                            run.stream().map(DigestDocument.Sealed::key).toList(),
                            (i, object) -> outcomes[first + i] = reader.file(run.get(i), object)));
        }
        return pieces;
    }

    /// The reading of objects, as many in a piece as are best asked for together.
    private List<Runnable> pieces(String bucket, List<String> keys, Buckets.Taker taker) {
        List<Runnable> pieces = new ArrayList<>();
        int together = buckets.together();
        for (int from = 0; from < keys.size(); from += together) {
            int first = from;
            List<String> some = keys.subList(from, Math.min(from + together, keys.size()));
            pieces.add(() ->
                    buckets.getAll(bucket, some, (i, object) -> taker.take(first + i, object)));
        }
        return pieces;
    }

    /// Notes the log files up to the end of a day.
    private void listLogs(String day) throws ArchiveException {
        for (KeyListing listing : logs) {
            for (String key = listing.peek(); key != null; key = listing.peek()) {
                String at = LogName.day(listing.folder(), key);
                if (at.compareTo(day) > 0) {
                    break;
                }
                var _ = listing.take();
                Optional<Instant> minute = LogName.minute(key);
                if (isLaterDay(at) || minute.map(scope::isLater).orElse(false)) {
                    later.file(key);
                } else if (at.isEmpty() || minute.isEmpty()) {
                    tally.found(
                            new Finding(
                                    Kind.UNSIGNED,
                                    scope.bucket(),
                                    key,
                                    "stands among the log files, has no log file's name, and no digest names it"));
                } else if (!namedAhead.remove(key)
                        && !scope.since().map(minute.get()::isBefore).orElse(false)) {
                    unnamed.put(key, minute.get());
                }
            }
        }
    }

    private void named(String key) {
        if (unnamed.remove(key) == null
                && logs.stream().anyMatch(listing -> listing.isAhead(key))) {
            namedAhead.add(key);
        }
    }

    /// Says of the oldest files that no digest names them, when too many wait to be named.
    private void settleOldest() throws ArchiveException {
        if (unnamed.size() <= UNNAMED_MAX) {
            return;
        }
        List<Unsealed> unsealed = unsealed();
        List<Map.Entry<String, Instant>> oldest =
                unnamed.entrySet().stream()
                        .sorted(Map.Entry.comparingByValue())
                        .limit(unnamed.size() - UNNAMED_MAX / 2)
                        .toList();
        for (var entry : oldest) {
            unnamed.remove(entry.getKey());
            unnamed(entry.getKey(), entry.getValue(), unsealed);
        }
    }

    /// Files that the next digest may still name: those delivered since the newest one of a chain
    /// that goes on.
    private SortedMap<String, Instant> open() {
        Instant newest =
                chains.values().stream()
                        .filter(chain -> !chain.backfill())
                        .flatMap(chain -> chain.reach().stream())
                        .max(Instant::compareTo)
                        .orElse(null);
        SortedMap<String, Instant> open = new TreeMap<>();
        if (newest == null) {
            open.putAll(unnamed);
            return open;
        }
        Instant from =
                chains.values().stream()
                        .filter(chain -> !chain.backfill() && chain.reach().isPresent())
                        .filter(chain -> {
                            Instant goesOn =
                                    chain.reach()
                                            .orElseThrow()
                                            .plus(chain.window().multipliedBy(2));
                            return !goesOn.isBefore(newest);
                        })
                        .flatMap(chain -> chain.reach().stream())
                        .min(Instant::compareTo)
                        .orElse(newest);
        unnamed.forEach((key, minute) -> {
            if (minute.plus(NAME_PRECISION).isAfter(from)) {
                open.put(key, minute);
            }
        });
        return open;
    }

    private void judgeUnnamed(Optional<Set<String>> pending) throws ArchiveException {
        // After what is pending: a file delivered without validation was that until it was this.
        List<Unsealed> unsealed = unsealed();
        Map<String, Instant> open = open();
        boolean anyDigest = chains.values().stream().anyMatch(chain -> chain.reach().isPresent());
        unnamed.forEach((key, minute) -> {
            boolean mayWait = anyDigest && open.containsKey(key) && !mayBeNamed(minute);
            boolean waits =
                    pending.map(keys -> keys.contains(key) || (later.any() && mayWait))
                            .orElse(mayWait);
            if (waits) {
                tally.found(
                        new Finding(
                                Kind.PENDING,
                                scope.bucket(),
                                key,
                                "was delivered after the newest digest; the next one will seal it"));
            } else if (pending.isPresent()
                    && open.containsKey(key)
                    && !mayBeNamed(minute)
                    && unsealed.stream().noneMatch(span -> span.covers(key, minute))) {
                tally.found(
                        new Finding(
                                Kind.ADDED,
                                scope.bucket(),
                                key,
                                "was not delivered by the server, and no digest names it"));
            } else {
                unnamed(key, minute, unsealed);
            }
        });
    }

    private List<Unsealed> unsealed() throws ArchiveException {
        return expectation.unsealed().stream()
                .filter(span -> span.bucket().equals(scope.bucketOr(span.bucket())))
                .toList();
    }

    private void unnamed(String key, Instant minute, List<Unsealed> unsealed) {
        Optional<Unsealed> span =
                unsealed.stream().filter(candidate -> candidate.covers(key, minute)).findFirst();
        if (span.isPresent()) {
            tally.found(new Finding(Kind.UNPROVED, scope.bucket(), key, span.get().sentence()));
        } else if (mayBeNamed(minute)) {
            tally.found(
                    new Finding(
                            Kind.UNREADABLE,
                            scope.bucket(),
                            key,
                            "is named by no digest that could be read, so nothing is said of it"));
        } else {
            tally.found(
                    new Finding(
                            Kind.UNSIGNED,
                            scope.bucket(),
                            key,
                            "no digest names it: it was added, or its digest is missing"));
        }
    }

    private void unread(Instant end) {
        if (unread == null || end.isAfter(unread)) {
            unread = end;
        }
    }

    /// Whether a digest that could not be read may name a file: those that it names were delivered
    /// before its end.
    private boolean mayBeNamed(Instant minute) {
        return unread != null && !minute.isAfter(unread);
    }

    /// Takes what a chain says of its digests.
    private final class Links implements Chain.Told {
        @Override
        public void found(Finding finding) {
            tally.found(finding);
        }

        @Override
        public void proved(Link link) {
            tally.digestProved();
            named(link);
            toJudge.add(link);
        }

        @Override
        public void named(Link link) {
            for (DigestDocument.Sealed file : link.document().files()) {
                if (file.bucket().equals(scope.bucketOr(file.bucket()))) {
                    ShelfWalk.this.named(file.key());
                }
            }
        }
    }
}

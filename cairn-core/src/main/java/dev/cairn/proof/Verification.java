package dev.cairn.proof;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// Judges a bucket of log files: every account, region and trail in it.
///
/// Signatures are held against trusted keys, each digest against its successor, each log file
/// against its digest, and the whole against an expectation, which alone can tell that the end was
/// cut off. Memory does not grow with the number of files.
public final class Verification {
    private final Buckets buckets;
    private final TrustedKeys keys;
    private final Expectation expectation;
    private final Crew crew;

    /// @param buckets read only, by several threads if the crew has them
    public Verification(Buckets buckets, TrustedKeys keys, Expectation expectation, Crew crew) {
        this.buckets = buckets;
        this.keys = keys;
        this.expectation = expectation;
        this.crew = crew;
    }

    /// Judges all there is in a scope.
    ///
    /// @throws ArchiveException when the bucket cannot be listed; single files that cannot be read
    ///   are findings
    /// @throws IllegalArgumentException when the scope's prefix is too deep, or too much is below
    ///   it
    public Verdict verify(Scope scope, Report report)
            throws ArchiveException, InterruptedException {
        Map<Shelf, List<Head>> heads = heads(scope);
        SortedSet<Shelf> shelves = shelves(buckets, scope);
        shelves.addAll(heads.keySet());
        Tally tally = new Tally(report);
        for (Shelf shelf : shelves) {
            new ShelfWalk(
                            shelf,
                            buckets,
                            scope,
                            new Signatures(keys),
                            heads.getOrDefault(shelf, List.of()),
                            expectation,
                            crew,
                            tally)
                    .walk();
        }
        return tally.verdict();
    }

    /// The regions whose digests are in a scope: each has keys of its own.
    ///
    /// @throws ArchiveException when the bucket cannot be listed
    public static SortedSet<String> regions(Buckets buckets, Scope scope) throws ArchiveException {
        SortedSet<String> regions = new TreeSet<>();
        shelves(buckets, scope).forEach(shelf -> regions.add(shelf.region()));
        return regions;
    }

    static SortedSet<Shelf> shelves(Buckets buckets, Scope scope) throws ArchiveException {
        SortedSet<Shelf> shelves =
                new TreeSet<>(Shelves.find(buckets, scope.bucket(), scope.prefix()));
        shelves.removeIf(shelf -> !scope.covers(shelf));
        return shelves;
    }

    /// The heads that lie in the scope.
    private Map<Shelf, List<Head>> heads(Scope scope) {
        Map<Shelf, List<Head>> heads = new HashMap<>();
        for (Head head : expectation.heads()) {
            if (scope.covers(head)) {
                DigestName.of(head.key())
                        .ifPresent(name ->
                                heads.computeIfAbsent(name.shelf(), _ -> new ArrayList<>())
                                        .add(head));
            }
        }
        return heads;
    }
}

package dev.cairn.proof;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What stands on a shelf and is later than the time up to which it is judged: counted, and not
/// judged.
///
/// The next digests of each chain are kept in mind: they tell whether the chain goes on unbroken,
/// and name what was delivered by that time and sealed after it.
final class Later {
    /// The first may be unreadable, or bear no signature but what the one behind it repeats.
    private static final int NEXT_DIGESTS = 3;

    private final SortedMap<ChainName, SortedMap<Instant, String>> next =
            new TreeMap<>(Comparator.comparing(ChainName::toString));
    private @Nullable String firstFile;
    private @Nullable String firstDigest;
    private long files;
    private long digests;

    void file(String key) {
        firstFile = firstFile == null ? key : firstFile;
        files++;
    }

    void digest(DigestName name, String key) {
        firstDigest = firstDigest == null ? key : firstDigest;
        digests++;
        SortedMap<Instant, String> ofChain =
                next.computeIfAbsent(name.chain(), _ -> new TreeMap<>());
        ofChain.put(name.end(), key);
        if (ofChain.size() > NEXT_DIGESTS) {
            ofChain.remove(ofChain.lastKey());
        }
    }

    boolean any() {
        return files + digests > 0;
    }

    /// The keys of each chain's next digests in order.
    Map<ChainName, List<String>> next() {
        Map<ChainName, List<String>> keys =
                new TreeMap<>(Comparator.comparing(ChainName::toString));
        next.forEach((name, ofChain) -> keys.put(name, List.copyOf(ofChain.values())));
        return keys;
    }

    /// How many log files there are.
    long files() {
        return files;
    }

    /// What is to be said of all of it; empty when there is nothing.
    Optional<Finding> finding(String bucket, Instant until) {
        return Optional.ofNullable(firstFile == null ? firstDigest : firstFile)
                .map(key ->
                        new Finding(
                                Kind.PENDING,
                                bucket,
                                key,
                                "is the first of %,d log files and %,d digests later than %s: they are pending, and were not judged"
                                        .formatted(files, digests, until)));
    }
}

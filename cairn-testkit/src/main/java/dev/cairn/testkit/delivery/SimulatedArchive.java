package dev.cairn.testkit.delivery;

import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Buckets in memory. Every bucket exists unless the faults say otherwise.
public final class SimulatedArchive implements Archive {
    record Address(String bucket, String key) implements Comparable<Address> {
        @Override
        public int compareTo(Address other) {
            int order = bucket.compareTo(other.bucket);
            return order != 0 ? order : key.compareTo(other.key);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // The array's identity is never relied on.
    record Stored(Address address, byte[] bytes, Description description) {}

    private final TreeMap<Address, Stored> objects = new TreeMap<>();
    private final Supplier<Faults> faults;

    /// Where nothing ever fails.
    public SimulatedArchive() {
        this(() -> Faults.NONE);
    }

    SimulatedArchive(Supplier<Faults> faults) {
        this.faults = faults;
    }

    /// Everything that is in a bucket of another archive.
    static SimulatedArchive copyOf(Buckets other, String bucket) throws ArchiveException {
        SimulatedArchive copy = new SimulatedArchive(() -> Faults.NONE);
        String after = "";
        Page page;
        do {
            page = other.list(bucket, "", after, Buckets.LIST_MAX);
            for (Listed listed : page.objects()) {
                after = listed.key();
                try (Content content =
                        other.get(bucket, after)
                                .orElseThrow(() ->
                                        new AssertionError(listed + " is listed and not there"))) {
                    Address address = new Address(bucket, after);
                    copy.objects.put(
                            address,
                            new Stored(
                                    address,
                                    content.bytes().readAllBytes(),
                                    content.description()));
                } catch (IOException e) {
                    throw new UncheckedIOException(listed + " cannot be read", e);
                }
            }
        } while (page.more());
        return copy;
    }

    Collection<Stored> objects() {
        return objects.values();
    }

    /// As whoever may change the bucket does it.
    void remove(String bucket, String key) {
        objects.remove(new Address(bucket, key));
    }

    boolean isEmpty(String bucket) {
        return objects.keySet().stream().noneMatch(address -> address.bucket().equals(bucket));
    }

    @Override
    public Put putIfAbsent(Writer as, String bucket, String key, byte[] content, Description type)
            throws ArchiveException {
        faults.get().beforePut(bucket);
        Address address = new Address(bucket, key);
        boolean taken = objects.containsKey(address);
        if (!taken) {
            objects.put(address, new Stored(address, content.clone(), type));
        }
        faults.get().afterPut(bucket);
        return taken ? Put.TAKEN : Put.STORED;
    }

    @Override
    public Put putIfAbsent(
            Writer as,
            String bucket,
            String key,
            long length,
            InputStream content,
            Description type)
            throws ArchiveException, IOException {
        return putIfAbsent(as, bucket, key, content.readNBytes((int) length), type);
    }

    @Override
    public Optional<String> missingRight(Writer as, String bucket, String keyPrefix) {
        return Optional.empty();
    }

    @Override
    public Optional<Content> get(String bucket, String key) throws ArchiveException {
        faults.get().beforeGet(bucket);
        Stored stored = objects.get(new Address(bucket, key));
        return stored == null
                ? Optional.empty()
                : Optional.of(
                        new Content(
                                stored.bytes().length,
                                Instant.EPOCH,
                                stored.description(),
                                new ByteArrayInputStream(stored.bytes())));
    }

    @Override
    public Page list(String bucket, String prefix, String after, int max) {
        List<Listed> listed = new ArrayList<>();
        boolean more = false;
        for (Stored stored : objects.tailMap(new Address(bucket, after), false).values()) {
            Address address = stored.address();
            if (!address.bucket().equals(bucket) || !address.key().startsWith(prefix)) {
                continue;
            }
            if (listed.size() == max) {
                more = true;
                break;
            }
            listed.add(new Listed(address.key(), stored.bytes().length, Instant.EPOCH));
        }
        return new Page(listed, more);
    }

    @Override
    public void close() {}
}

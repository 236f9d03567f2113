package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.Archive;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.DataKey;
import dev.cairn.archive.DataKeys;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.Storage;
import dev.cairn.archive.WrappedKey;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.delivery.HaltingCatalog;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.HaltingDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/// The work of a process that is going to be halted: it puts two objects, one of them under a KMS
/// key, moves them to the colder place, brings one back, lets its copy go, and removes the other.
/// Done again on the same folder, it goes on where it was.
///
/// Operations are those of the archive's disk and of the colder place, which share a folder here,
/// and the transactions of the index.
///
/// Arguments: the folder, the operation to halt at (0 for none), and when.
final class ColdWork implements AutoCloseable {
    private static final String BUCKET = "logs";
    private static final String TEXT = " object that is going to be cold".repeat(3000);
    private static final Instant START = Instant.parse("2026-11-21T08:00:00Z");

    /// The last key of the story, put when all else is done.
    private static final String END = "end";

    private final DiskArchive archive;
    private Instant now = START;

    /// @param seed of the names of files: two that share a folder take fewer operations
    ColdWork(Path folder, HaltingDisk halting, long seed) throws Exception {
        var random = new Random(seed);
        var catalog = new MemoryCatalog();
        var buckets = new BucketRegister(catalog);
        catalog.<Boolean, CatalogException>write(tx -> {
            buckets.create(tx, new Bucket(BUCKET, "123456789012", "us-east-1", START, null, ""));
            return true;
        });
        archive =
                DiskArchive.open(
                        new DiskArchive.Parts(
                                halting,
                                new HaltingCatalog(
                                        SqliteCatalog.open(folder.resolve("index.db")), halting),
                                buckets,
                                new WriteCheck(true),
                                new byte[32],
                                new OneKey(),
                                count -> {
                                    byte[] bytes = new byte[count];
                                    random.nextBytes(bytes);
                                    return bytes;
                                },
                                () -> now,
                                Optional.of(new DiskColdFiles(halting))));
    }

    /// A KMS that always makes the same key.
    private record OneKey() implements DataKeys {
        private static final WrappedKey WRAPPED =
                new WrappedKey(
                        "arn:aws:kms:us-east-1:123456789012:key/1", "YmxvYg==", Map.of("a", "b"));

        @Override
        public DataKey generate(Archive.Writer as, String objectArn) {
            return new DataKey(open(WRAPPED), WRAPPED);
        }

        @Override
        public byte[] open(WrappedKey wrapped) {
            return "0123456789abcdef0123456789ABCDEF".getBytes(UTF_8);
        }
    }

    void play() throws Exception {
        if (archive.find(BUCKET, END).isPresent()) {
            return;
        }
        put("plain", Optional.empty());
        put("sealed", Optional.of(new OneKey().generate(new Archive.Writer("", ""), "")));
        cool("plain", Storage.Type.GLACIER);
        cool("sealed", Storage.Type.GLACIER);
        restored("sealed");
        cool("sealed", Storage.Type.DEEP_ARCHIVE);
        now = START.plus(Duration.ofDays(4));
        archive.tendCold(Long.MAX_VALUE);
        archive.remove(BUCKET, "plain");
        archive.tendCold(Long.MAX_VALUE);
        put(END, Optional.empty());
    }

    private void put(String key, Optional<DataKey> under) throws Exception {
        try (var draft = archive.draft(BUCKET, under)) {
            byte[] bytes = (key + TEXT).getBytes(UTF_8);
            draft.write(bytes, 0, bytes.length);
            var _ = draft.commit(key, "etag", Map.of(), new Condition.IfAbsent());
        }
    }

    private void cool(String key, Storage.Type to) throws Exception {
        Stored found = archive.find(BUCKET, key).orElseThrow();
        if (found.storage().type() == Storage.Type.STANDARD || to == Storage.Type.DEEP_ARCHIVE) {
            archive.cool(BUCKET, found, to);
        }
    }

    private void restored(String key) throws Exception {
        Stored found = archive.find(BUCKET, key).orElseThrow();
        if (found.storage().type() == Storage.Type.GLACIER) {
            var _ = archive.restore(BUCKET, found, 1);
            archive.tendCold(Long.MAX_VALUE);
        }
    }

    /// What the archive has: each key with what is wrong with it, or nothing.
    Map<String, String> objects() throws Exception {
        var found = new TreeMap<String, String>();
        for (Stored object : archive.objects(BUCKET, "", "", 100)) {
            try (var reading = archive.read(BUCKET, object, new OneKey()::open).orElseThrow();
                    var bytes = reading.bytes(0, object.length())) {
                String text = new String(bytes.readAllBytes(), UTF_8);
                found.put(object.key(), text.equals(object.key() + TEXT) ? "" : "other bytes");
            }
        }
        return found;
    }

    /// Removes all there is, and lets what nothing needs go.
    void clear() throws Exception {
        for (Stored object : archive.objects(BUCKET, "", "", 100)) {
            archive.remove(BUCKET, object.key());
        }
        archive.tendCold(Long.MAX_VALUE);
    }

    @Override
    public void close() {
        archive.close();
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        HaltingDisk halting =
                new HaltingDisk(
                        new RealDisk(folder),
                        Long.parseLong(args[1]),
                        HaltingDisk.When.valueOf(args[2]));
        try (ColdWork work = new ColdWork(folder, halting, 1)) {
            work.play();
        }
        System.out.println("operations " + halting.operations());
    }
}

package dev.cairn.embedded.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.DataKeys;
import dev.cairn.archive.ObjectStore.Condition;
import dev.cairn.archive.Storage;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.archive.DiskColdFiles;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.secret.Secrets;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.fault.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// A data folder on a disk that is not real: a ledger and an archive as they are, the databases in
/// memory, and of everything else a file or two.
final class Folder {
    static final Instant NOW = Instant.parse("2026-11-22T00:30:00Z");
    static final InstantSource CLOCK = InstantSource.fixed(NOW);
    static final byte[] KEY = "0123456789abcdef0123456789ABCDEF".getBytes(UTF_8);

    private static final String BUCKET = "logs";
    private static final LedgerSettings LEDGER =
            LedgerSettings.DEFAULTS.withSegmentBytesMax(4096).withDiskFreeMin(0);

    final Disk disk;
    private final MemoryCatalog catalog = new MemoryCatalog();
    private MemoryCatalog index = new MemoryCatalog();
    private int events;
    private int archives;

    /// The colder place.
    final SimulatedDisk colder = new SimulatedDisk();

    /// What a backup is told of it.
    Backup.Cold cold = new Backup.Cold.Unknown();

    /// Whether there is an index.
    boolean indexed = true;

    /// What a backup copied the index as.
    MemoryCatalog copied = new MemoryCatalog();

    /// Done when the databases have just been copied.
    Act afterSnapshot = () -> {};

    interface Act {
        void run() throws Exception;
    }

    Folder(Disk disk) throws Exception {
        this.disk = disk;
        write("format", "cairn data 3\n");
        write("cairn.properties", "region=eu-central-1\n");
        write("keys/master", "a master key");
        write("gateway/begun-1", "calls in its hands");
        write("lake/tables/t1/data/1.parquet", "rows");
        write("lake/tables/t1/metadata/v1.metadata.json", "{}");
        write("lake/tables/t1/metadata/v2.metadata.json.draft", "half");
        write("history/0/index", "made again");
        catalog.<Boolean, CatalogException>write(tx -> {
            new BucketRegister(catalog)
                    .create(tx, new Bucket(BUCKET, "123456789012", "us-east-1", NOW, null, ""));
            return true;
        });
    }

    void write(String name, String text) throws DiskException {
        int slash = name.lastIndexOf('/');
        if (slash > 0) {
            disk.createFolder(name.substring(0, slash));
        }
        try (DiskFile file = disk.create(name)) {
            file.write(ByteBuffer.wrap(text.getBytes(UTF_8)), 0);
            file.force();
        }
        for (int at = slash; at > 0; at = name.lastIndexOf('/', at - 1)) {
            disk.force(name.substring(0, at));
        }
        disk.force("");
    }

    /// Unguessable enough, and the same each time.
    static Secrets secrets(long seed) {
        var random = new Random(seed);
        return count -> {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return bytes;
        };
    }

    static SegmentLedger ledger(Disk disk) throws LedgerException {
        return SegmentLedger.open(disk, LEDGER, CLOCK, Runnable::run);
    }

    /// Records so many events more, some of which fill segments.
    void record(int count) throws LedgerException, InterruptedException {
        try (var ledger = ledger(disk)) {
            record(ledger, count);
        }
    }

    void record(SegmentLedger ledger, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            int number = events++;
            String json = "{\"n\":%d,\"x\":\"%s\"}".formatted(number, "x".repeat(500));
            ledger.append(
                    List.of(
                            new Entry(
                                    new Place("123456789012", "us-east-1"),
                                    "id-" + number,
                                    Origin.INTAKE,
                                    json.getBytes(UTF_8))));
        }
    }

    /// The ids of all events of a ledger, in order.
    static List<String> events(Disk disk) throws LedgerException {
        var ids = new ArrayList<String>();
        try (var ledger = ledger(disk)) {
            long at = ledger.span(0).first();
            while (at < ledger.span(0).end()) {
                var slice = ledger.read(new Position(0, at), 1000, 1 << 20);
                for (var item : slice.items()) {
                    ids.add(((Slice.Held) item).entry().id());
                    at++;
                }
            }
        }
        return ids;
    }

    private DiskArchive archive(Disk disk, Catalog catalog, Catalog index, Disk colder)
            throws ArchiveException {
        return DiskArchive.open(
                new DiskArchive.Parts(
                        disk,
                        index,
                        new BucketRegister(catalog),
                        new WriteCheck(false),
                        new byte[32],
                        DataKeys.NONE,
                        secrets(++archives),
                        CLOCK,
                        Optional.of(new DiskColdFiles(colder))));
    }

    void put(String... keys) throws ArchiveException, IOException {
        index = index.reopen();
        try (var archive = archive(disk, catalog, index, colder)) {
            for (String key : keys) {
                try (var draft = archive.draft(BUCKET, Optional.empty())) {
                    byte[] bytes = ("content of " + key).getBytes(UTF_8);
                    draft.write(bytes, 0, bytes.length);
                    draft.commit(key, "e", Map.of(), new Condition.Always());
                }
            }
        }
    }

    /// As a start does that refuses.
    void makeEmptyIndex() {
        index = new MemoryCatalog();
    }

    void remove(String key) throws ArchiveException {
        index = index.reopen();
        try (var archive = archive(disk, catalog, index, colder)) {
            archive.remove(BUCKET, key);
        }
    }

    /// Moves an object to the colder place.
    void cool(String key) throws ArchiveException {
        index = index.reopen();
        try (var archive = archive(disk, catalog, index, colder)) {
            var object = archive.find(BUCKET, key).orElseThrow();
            assertThat(archive.cool(BUCKET, object, Storage.Type.GLACIER)).isTrue();
        }
    }

    /// What an archive has, as key and content, when it has the index that was copied.
    List<String> objects(Disk restored) throws ArchiveException, IOException {
        return objects(restored, new SimulatedDisk());
    }

    List<String> objects(Disk restored, Disk colder) throws ArchiveException, IOException {
        var found = new ArrayList<String>();
        try (var archive = archive(restored, catalog, copied.reopen(), colder)) {
            for (var object : archive.objects(BUCKET, "", "", 1000)) {
                try (var reading = archive.read(BUCKET, object).orElseThrow();
                        var bytes = reading.bytes(0, object.length())) {
                    found.add(object.key() + ": " + new String(bytes.readAllBytes(), UTF_8));
                }
            }
        }
        return found;
    }

    Backup.Parts parts(Disk place) throws BackupException {
        return parts(disk, place);
    }

    /// @param data how the backup sees this folder
    Backup.Parts parts(Disk data, Disk place) throws BackupException {
        return new Backup.Parts(
                data,
                cold,
                new Snapshots() {
                    @Override
                    public boolean take() throws DiskException {
                        copied = index.reopen();
                        for (String name : List.of(CATALOG, INDEX)) {
                            if (data.exists(name)) {
                                data.delete(name);
                            }
                            try (DiskFile file = data.create(name)) {
                                file.write(ByteBuffer.wrap(("a copy, " + name).getBytes(UTF_8)), 0);
                            }
                        }
                        try {
                            afterSnapshot.run();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                        return indexed;
                    }

                    @Override
                    public Catalog index() {
                        return copied.reopen();
                    }
                },
                BackupPlace.openOrCreate(place, KEY, secrets(1)),
                CLOCK,
                "test",
                _ -> {});
    }

    static BackupPlace place(Disk disk) throws BackupException {
        return BackupPlace.open(disk, KEY, secrets(2));
    }
}

package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;

import dev.cairn.archive.ArchiveException;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.secret.Secrets;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files that hold the bytes of the archive's objects, each written once ([ObjectFile]).
///
/// A file counts once a row of the index names it; a crash before that leaves one that nothing
/// names. Such files lie in the folder of their *epoch*, the life of the archive that wrote them;
/// an epoch that did not end in order is swept at the next start.
///
/// `archive/objects/<epoch>/<first two digits of the id>/<id>`: a folder holds a 256th of an
/// epoch's objects. What stands behind `objects/` is the file's *name* here.
final class ObjectFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectFiles.class);
    static final String ROOT = "archive/objects";

    private final Disk disk;
    private final Catalog index;
    private final byte[] key;
    private final Secrets secrets;
    private final String epoch;
    private final Set<String> folders = ConcurrentHashMap.newKeySet();
    private final AtomicLong versions = new AtomicLong();
    private volatile boolean leftovers;

    private ObjectFiles(Disk disk, Catalog index, byte[] key, Secrets secrets, String epoch) {
        this.disk = disk;
        this.index = index;
        this.key = key.clone();
        this.secrets = secrets;
        this.epoch = epoch;
    }

    /// Begins an epoch, and sweeps those that did not end in order.
    ///
    /// @param key 32 bytes, see [ArchiveKey]
    static ObjectFiles open(Disk disk, Catalog index, byte[] key, Secrets secrets)
            throws ArchiveException {
        try {
            disk.createFolder(ROOT);
            disk.force("archive");
            disk.force("");
            List<Document> epochs = epochs(index);
            if (epochs.isEmpty() && !disk.list(ROOT).isEmpty()) {
                throw new ArchiveException(
                        ArchiveException.Kind.CORRUPT,
                        "InternalError",
                        "expected the index of the archive beside its objects, found none: make it anew with cairn rebuild --archive");
            }
            long last = epochs.isEmpty() ? 0 : Long.parseLong(epochs.getLast().key(), 16);
            String epoch = "%08x".formatted(last + 1);
            var files = new ObjectFiles(disk, index, key, secrets, epoch);
            for (Document open : epochs) {
                if (Fields.of(open).text("state").equals("open")) {
                    files.sweep(open);
                }
            }
            index.<Boolean, RuntimeException>write(tx -> {
                tx.create("epoch", epoch, Fields.none().with("state", "open").json());
                return true;
            });
            return files;
        } catch (DiskException e) {
            throw failed(e);
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    /// Those of old that ended in order are removed as time goes by, so that they stay few; an
    /// index made anew has all that ever were.
    private static List<Document> epochs(Catalog index) throws CatalogException {
        List<Document> all = new ArrayList<>();
        List<Document> page = index.list("epoch", "", "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = index.list("epoch", "", page.getLast().key(), Catalog.LIMIT_MAX);
        }
        if (all.size() > Catalog.LIMIT_MAX / 2) {
            index.<Boolean, CatalogException>write(tx -> {
                for (Document old : all.subList(0, all.size() - 1)) {
                    if (!Fields.of(old).text("state").equals("open")) {
                        tx.delete(old);
                    }
                }
                return true;
            });
        }
        return all;
    }

    /// Deletes the files of an epoch that no row names.
    private void sweep(Document old) throws DiskException, CatalogException {
        String root = ROOT + "/" + old.key();
        int swept = 0;
        if (disk.exists(root)) {
            for (String part : disk.list(root)) {
                Set<String> named = named(old.key() + "/" + part + "/");
                String folder = root + "/" + part;
                boolean some = false;
                for (String name : disk.list(folder)) {
                    if (!named.contains(name)) {
                        disk.delete(folder + "/" + name);
                        some = true;
                        swept++;
                    }
                }
                if (some) {
                    disk.force(folder);
                }
            }
        }
        if (swept > 0) {
            LOG.info("removed {} files of unfinished writes from {}", swept, root);
        }
        end(old);
    }

    private Set<String> named(String prefix) throws CatalogException {
        var names = new HashSet<String>();
        List<Document> page = index.list("file", prefix, "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            page.forEach(row -> names.add(row.key().substring(prefix.length())));
            page = index.list("file", prefix, page.getLast().key(), Catalog.LIMIT_MAX);
        }
        return names;
    }

    private void end(Document open) throws CatalogException {
        index.<Boolean, CatalogException>write(tx -> {
            tx.replace(open, Fields.none().with("state", "ended").json());
            return true;
        });
    }

    // What sorts versions: 8 digits of epoch, 10 of a number within it, both counted down so that
    // the
    // newest comes first, and 14 of chance. No clock is asked, so none can go back.

    private static final long NUMBER_MAX = (1L << 40) - 1;
    private static final Pattern ORDER = Pattern.compile("[0-9a-f]{32}");

    /// What sorts a version that is stored now: before all that were there.
    String order() {
        return order(epoch, versions.incrementAndGet(), ObjectFile.name(secrets.bytes(7)));
    }

    /// What sorts an object that was put before its bucket had versions: behind all that were.
    static String order(String file) {
        String id = file.substring(file.lastIndexOf('/') + 1);
        return order(file.substring(0, file.indexOf('/')), 0, id.substring(0, 14));
    }

    private static String order(String epoch, long number, String chance) {
        return "%08x%010x%s"
                .formatted(0xFFFF_FFFFL - Long.parseLong(epoch, 16), NUMBER_MAX - number, chance);
    }

    /// Whether a text may be what [#order()] gives.
    static boolean isOrder(String text) {
        return ORDER.matcher(text).matches();
    }

    /// A file that is being written. Closing it leaves what was written.
    record Created(String name, DiskFile file, ObjectFile.Writer writer) implements AutoCloseable {
        @Override
        public void close() {
            file.close();
        }
    }

    /// A name that no file has.
    String newName() {
        String last = ObjectFile.name(secrets.bytes(ObjectFile.ID_BYTES));
        return epoch + "/" + last.substring(0, 2) + "/" + last;
    }

    /// Whether a name was given in an earlier life of the archive.
    boolean isOld(String name) {
        return !name.startsWith(epoch + "/");
    }

    /// Makes a file with a name of its own.
    ///
    /// @param dataKey what its content is encrypted under besides the archive's key; null for none
    Created create(byte @Nullable [] dataKey) throws DiskException {
        String name = newName();
        byte[] id = ObjectFile.id(name.substring(name.lastIndexOf('/') + 1));
        DiskFile file;
        try {
            folder(name);
            file = disk.create(path(name));
        } catch (DiskException e) {
            // How much of it was done is not known.
            leftovers = true;
            throw e;
        }
        try {
            return new Created(name, file, new ObjectFile.Writer(file::write, key, id, dataKey));
        } catch (DiskException e) {
            file.close();
            remove(List.of(name));
            throw e;
        }
    }

    /// Makes the folder of a file, durably, unless this epoch has.
    private void folder(String name) throws DiskException {
        String folder = folderOf(name);
        if (!folders.contains(folder)) {
            disk.createFolder(path(folder));
            disk.force(path(epoch));
            disk.force(ROOT);
            folders.add(folder);
        }
    }

    /// Makes the bytes of a file durable, and the name they have.
    ///
    /// @param footer what is told of the object in the file itself
    void finish(Created file, byte[] footer) throws DiskException {
        file.writer().finish(footer);
        file.file().force();
        disk.force(path(folderOf(file.name())));
    }

    /// @throws DiskException `NOT_FOUND` when it was removed
    DiskFile open(String name) throws DiskException {
        return disk.open(path(name));
    }

    /// The content of an open file. The stream closes the file.
    ///
    /// @param dataKey what it was created with
    /// @param total bytes of content in all
    InputStream content(
            DiskFile file,
            String name,
            byte @Nullable [] dataKey,
            long total,
            long from,
            long length) {
        byte[] id = ObjectFile.id(name.substring(name.lastIndexOf('/') + 1));
        return ObjectFile.content(file, key, id, dataKey, total, from, length);
    }

    /// Leaves files of this epoch, which rows may name or not, to the sweep of the next start.
    void leave() {
        leftovers = true;
    }

    /// Deletes files that no row names any more. One that stays is swept up at the next start.
    void remove(List<String> names) {
        for (String name : names) {
            try {
                disk.delete(path(name));
                // Or a power cut could bring it back, in an epoch that nobody sweeps any more.
                disk.force(path(folderOf(name)));
            } catch (DiskException e) {
                reopen(name, e);
            }
        }
    }

    private void reopen(String name, Exception e) {
        LOG.warn("the file {} of the archive stays until the next start", name, e);
        String its = name.substring(0, name.indexOf('/'));
        if (its.equals(epoch)) {
            leftovers = true;
            return;
        }
        try {
            index.<Boolean, CatalogException>write(tx -> {
                Optional<Document> row = tx.get("epoch", its);
                String open = Fields.none().with("state", "open").json();
                if (row.isPresent()) {
                    tx.replace(row.get(), open);
                } else {
                    tx.create("epoch", its, open);
                }
                return true;
            });
        } catch (CatalogException f) {
            LOG.warn("the epoch {} of the archive could not be marked", its, f);
        }
    }

    /// Ends the epoch in order, if nothing is left to sweep.
    void close() {
        try {
            Optional<Document> mine = index.get("epoch", epoch);
            if (!leftovers && mine.isPresent()) {
                end(mine.get());
            }
        } catch (CatalogException e) {
            LOG.warn("the archive could not be closed in order; the next start sweeps it", e);
        }
    }

    private static String path(String name) {
        return ROOT + "/" + name;
    }

    private static String folderOf(String name) {
        return name.substring(0, name.lastIndexOf('/'));
    }
}

package dev.cairn.embedded.backup;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.embedded.archive.ArchiveFiles;
import dev.cairn.embedded.backup.BackupException.Kind;
import dev.cairn.embedded.ledger.LedgerFiles;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.regex.Pattern;

/// Which files of a data folder make up a backup, walked in the order of their paths, which is the
/// order that [Backup] promises as well.
final class DataFiles {
    static final String COLD = "cold";
    static final String FORMAT = "format";

    private static final String INDEX = "archive/index.db";
    private static final String CATALOG = "catalog.db";

    /// Where the master key is, if it is in the data folder, under a name of its own (`keys.master`
    /// may say `file:`) and whatever else the operator keeps there.
    private static final String KEYS = "keys";

    /// Folders below [#KEYS], one in the other. Links may go round.
    private static final int KEYS_DEPTH_MAX = 8;

    private static final int KEY_BYTES_MAX = 4096;

    /// A name with a tab or the end of a line would be none in the list of a backup.
    private static final Pattern PRINTABLE = Pattern.compile("\\P{Cntrl}+");

    private static final String TABLES = "lake/tables";

    private final Backup.Parts parts;
    private final FileList.Writer files;
    private final Copier copier;
    private boolean complete = true;
    private long elsewhere;

    /// A file to copy.
    ///
    /// @param path in the backup
    /// @param name on its disk
    /// @param still whether it is written once, and never changed
    record Source(String path, Disk disk, String name, boolean still) {}

    /// Copies a file.
    interface Copier {
        /// @throws DiskException NOT_FOUND when it is not there
        BackupFile copy(Source source) throws DiskException, BackupException;
    }

    DataFiles(Backup.Parts parts, FileList.Writer files, Copier copier) {
        this.parts = parts;
        this.files = files;
        this.copier = copier;
    }

    /// Copies them all.
    ///
    /// @return false when what was to be copied was deleted meanwhile, or keys were changed: then
    ///   what was copied does not fit together
    boolean copy() throws BackupException, CatalogException, DiskException {
        Map<String, ByteBuffer> keys = keys();
        // Asked before the index is: it has its first row before there is an object.
        boolean objects = !list(ArchiveFiles.ROOT).isEmpty();
        boolean archive = parts.snapshots().take();
        if (objects) {
            refuseLostIndex(archive);
        }
        if (archive) {
            must(new Source(INDEX, parts.data(), Snapshots.INDEX, false));
            objects();
        }
        may("cairn.properties");
        must(new Source(CATALOG, parts.data(), Snapshots.CATALOG, false));
        if (archive) {
            cold();
        }
        must(new Source(FORMAT, parts.data(), FORMAT, false));
        for (String name : list("gateway")) {
            may("gateway/" + name);
        }
        for (String path : keys.keySet()) {
            may(path);
        }
        lake();
        ledger();
        return complete && keys.equals(keys());
    }

    /// Files of the colder place that are not copied.
    long elsewhere() {
        return elsewhere;
    }

    /// Without it no object would be copied, and nobody would miss one.
    private void refuseLostIndex(boolean there) throws BackupException, CatalogException {
        if (there) {
            try (Catalog index = parts.snapshots().index()) {
                if (ArchiveFiles.isIndex(index)) {
                    return;
                }
            }
        }
        throw new BackupException(
                Kind.NOT_FOUND,
                "expected the index of the archive beside its objects, found none: make it anew with cairn rebuild --archive");
    }

    private void objects() throws BackupException, CatalogException, DiskException {
        try (Catalog index = parts.snapshots().index()) {
            List<String> page = ArchiveFiles.here(index, "");
            while (!page.isEmpty()) {
                for (String name : page) {
                    String path = ArchiveFiles.ROOT + "/" + name;
                    must(new Source(path, parts.data(), path, true));
                }
                page = ArchiveFiles.here(index, page.getLast());
            }
        }
    }

    private void cold() throws BackupException, CatalogException, DiskException {
        List<String> names;
        boolean known;
        try (Catalog index = parts.snapshots().index()) {
            names = ArchiveFiles.cold(index);
            known = ArchiveFiles.hasColdPlace(index);
        }
        if (names.isEmpty() && !known) {
            return;
        }
        switch (parts.cold()) {
            case Backup.Cold.Unknown() -> {
                if (!names.isEmpty()) {
                    throw new BackupException(
                            Kind.NOT_FOUND,
                            "objects of the archive are in the colder place: say where it is");
                }
            }
            case Backup.Cold.Folder(Disk place) -> cold(place, names);
            case Backup.Cold.Elsewhere() -> elsewhere = names.size();
        }
    }

    private void cold(Disk place, List<String> names) throws BackupException, DiskException {
        if (!place.exists(ArchiveFiles.COLD_MARK)) {
            throw new BackupException(Kind.UNAVAILABLE, "the colder place is away: is it mounted?");
        }
        for (String name : names) {
            String its = ArchiveFiles.COLD_ROOT + "/" + name;
            must(new Source(COLD + "/" + its, place, its, true));
        }
        String mark = ArchiveFiles.COLD_MARK;
        must(new Source(COLD + "/" + mark, place, mark, false));
    }

    /// Of each table first is asked which versions there are, then which files: each version's
    /// files were there before it.
    private void lake() throws BackupException, DiskException {
        for (String name : list("lake/results")) {
            may("lake/results/" + name);
        }
        for (String table : list(TABLES)) {
            String folder = TABLES + "/" + table;
            List<String> versions = list(folder + "/metadata");
            for (String name : list(folder + "/data")) {
                still(folder + "/data/" + name);
            }
            for (String name : versions) {
                String path = folder + "/metadata/" + name;
                if (name.endsWith(".text")) {
                    may(path);
                } else if (!name.endsWith(".draft")) {
                    still(path);
                }
            }
        }
    }

    private void still(String path) throws BackupException, DiskException {
        must(new Source(path, parts.data(), path, true));
    }

    private void ledger() throws BackupException, DiskException {
        for (String partition : LedgerFiles.partitions(parts.data())) {
            segments(partition);
        }
        must(new Source(LedgerFiles.SHAPE, parts.data(), LedgerFiles.SHAPE, false));
    }

    /// Oldest first. A segment that is gone was sealed meanwhile, and has another name, or released
    /// like all before it.
    private void segments(String partition) throws BackupException, DiskException {
        List<BackupFile> copied = new ArrayList<>();
        NavigableMap<Long, String> left = LedgerFiles.segments(parts.data(), partition);
        while (!left.isEmpty()) {
            long first = left.firstKey();
            String path = left.firstEntry().getValue();
            try {
                boolean still = LedgerFiles.isSealed(path);
                copied.add(copier.copy(new Source(path, parts.data(), path, still)));
                left = left.tailMap(first, false);
            } catch (DiskException e) {
                ifGone(e);
                NavigableMap<Long, String> now = LedgerFiles.segments(parts.data(), partition);
                if (!now.containsKey(first)) {
                    copied.clear();
                }
                left = now.tailMap(first, true);
            }
        }
        for (BackupFile file : copied) {
            files.add(file);
        }
    }

    private void must(Source source) throws BackupException, DiskException {
        try {
            files.add(copier.copy(source));
        } catch (DiskException e) {
            ifGone(e);
            complete = false;
        }
    }

    /// One that is copied if it is there.
    private void may(String path) throws BackupException, DiskException {
        try {
            files.add(copier.copy(new Source(path, parts.data(), path, false)));
        } catch (DiskException e) {
            ifGone(e);
        }
    }

    private static void ifGone(DiskException e) throws DiskException {
        if (e.kind() != DiskException.Kind.NOT_FOUND) {
            throw e;
        }
    }

    private List<String> list(String folder) throws DiskException {
        return parts.data().exists(folder) ? parts.data().list(folder) : List.of();
    }

    /// The bytes of what lies below [#KEYS], by paths in their order: `cairn key rotate-master`
    /// changes them with the catalog.
    private Map<String, ByteBuffer> keys() throws BackupException, DiskException {
        Map<String, ByteBuffer> all = new LinkedHashMap<>();
        keys(KEYS, 0, all);
        return all;
    }

    private void keys(String folder, int depth, Map<String, ByteBuffer> all)
            throws BackupException, DiskException {
        for (String name : list(folder)) {
            String path = folder + "/" + name;
            if (depth > KEYS_DEPTH_MAX || !PRINTABLE.matcher(name).matches()) {
                throw new BackupException(
                        Kind.FOREIGN,
                        "expected files with printable names in keys/, in at most %d folders one below the other, found %s"
                                .formatted(KEYS_DEPTH_MAX, path));
            }
            try {
                keys(path, depth + 1, all);
            } catch (DiskException e) {
                ifGone(e);
                key(path, all);
            }
        }
    }

    private void key(String path, Map<String, ByteBuffer> all) throws DiskException {
        try (DiskFile file = parts.data().open(path)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), KEY_BYTES_MAX));
            file.read(bytes, 0);
            all.put(path, bytes.flip());
        } catch (DiskException e) {
            ifGone(e);
        }
    }
}

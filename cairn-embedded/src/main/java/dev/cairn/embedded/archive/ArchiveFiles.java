package dev.cairn.embedded.archive;

import dev.cairn.archive.ColdFiles;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.ArrayList;
import java.util.List;

/// Which files belong to an archive, as its index has it: for who copies them all.
///
/// Each is written once and never changed. Files that no row names are leftovers of a crash.
public final class ArchiveFiles {
    /// The folder of the files here, in the data folder.
    public static final String ROOT = ObjectFiles.ROOT;

    /// The folder of those in the colder place, where that is a folder, in its own.
    public static final String COLD_ROOT = ColdFiles.ROOT;

    /// The file that says which colder place it is, in the same folder.
    public static final String COLD_MARK = DiskColdFiles.MARK;

    private ArchiveFiles() {}

    /// Whether it is an archive's index. A start that finds none makes an empty one before it
    /// refuses.
    public static boolean isIndex(Catalog index) throws CatalogException {
        return !index.list("epoch", "", "", 1).isEmpty();
    }

    /// The names of files below [#ROOT], a page of them, in their order.
    ///
    /// @param after where the last page ended; empty for the first
    /// @return empty when there are no more
    public static List<String> here(Catalog index, String after) throws CatalogException {
        return index.list("file", "", after, Catalog.LIMIT_MAX).stream()
                .map(Document::key)
                .toList();
    }

    /// Whether there is a colder place, with anything in it or not: an archive takes no other one.
    public static boolean hasColdPlace(Catalog index) throws CatalogException {
        return ColdPlace.isKnown(index);
    }

    /// The names of all files below [#COLD_ROOT], in their order.
    public static List<String> cold(Catalog index) throws CatalogException {
        List<String> names = new ArrayList<>();
        List<Document> page = index.list(Rows.COLD, "", "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            for (Document row : page) {
                names.add(Rows.Cold.of(Fields.of(row)).place());
            }
            page = index.list(Rows.COLD, "", page.getLast().key(), Catalog.LIMIT_MAX);
        }
        return names.stream().sorted().distinct().toList();
    }
}

package dev.cairn.embedded.backup;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.disk.DiskException;

/// Copies the databases of a data folder while others write them.
public interface Snapshots {
    /// Where [#take] puts the catalog, in the data folder.
    String CATALOG = Backup.SCRATCH + "/catalog.db";

    /// Where [#take] puts the archive's index, in the data folder.
    String INDEX = Backup.SCRATCH + "/index.db";

    /// Copies the catalog and the archive's index to [#CATALOG] and [#INDEX], in place of what is
    /// there, both as they were at one moment: what the one says of the other is true in the
    /// copies.
    ///
    /// @return whether there is an index: without an archive there is none
    boolean take() throws CatalogException, DiskException;

    /// Opens the copy of the index.
    Catalog index() throws CatalogException;
}

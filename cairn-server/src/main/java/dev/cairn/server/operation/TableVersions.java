package dev.cairn.server.operation;

import dev.cairn.catalog.CatalogException;
import dev.cairn.store.EventDataStore;
import java.io.IOException;
import java.nio.file.Path;

/// Where the tables of event data stores are.
@FunctionalInterface
public interface TableVersions {
    /// The file of Iceberg's that says all of a table as it was committed last.
    Path newest(EventDataStore store) throws IOException, CatalogException;
}

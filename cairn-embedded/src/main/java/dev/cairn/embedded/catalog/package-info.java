/// The catalog on one machine: a SQLite file.
///
/// Read [dev.cairn.embedded.catalog.SqliteCatalog]. It guards I2 for what is not an event: what was
/// acknowledged is on disk.
@NullMarked
package dev.cairn.embedded.catalog;

import org.jspecify.annotations.NullMarked;

/// What every catalog must do, and the plainest one that does it.
///
/// [dev.cairn.testkit.catalog.MemoryCatalog] is the specification to read;
/// [dev.cairn.testkit.catalog.CatalogContract] is the suite that each implementation passes.
@NullMarked
package dev.cairn.testkit.catalog;

import org.jspecify.annotations.NullMarked;

/// What every archive does, as a suite.
///
/// Read [dev.cairn.testkit.archive.ArchiveContract].
@NullMarked
package dev.cairn.testkit.archive;

import org.jspecify.annotations.NullMarked;

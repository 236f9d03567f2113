/// A *reader* takes recorded events in order and makes an output. Here is what readers have in
/// common whose position and output are in the catalog: one transaction moves both.
///
/// Read [dev.cairn.reader.LedgerWalk] first.
@NullMarked
package dev.cairn.reader;

import org.jspecify.annotations.NullMarked;

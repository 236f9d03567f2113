/// The columns of a table of events, and how they are read out of a record.
///
/// Read [EventColumns] first.
@NullMarked
package dev.cairn.lake.column;

import org.jspecify.annotations.NullMarked;

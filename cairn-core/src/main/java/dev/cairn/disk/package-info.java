/// A *disk* is a folder to which everything precious is written.
///
/// Read [dev.cairn.disk.Disk] first. All disk writes of ledger, archive and catalog shell go
/// through it, so that tests can put a faulty disk in its place, or halt the process before and
/// after its nth operation. It guards I2 (acknowledged implies durable): what is durable, and after
/// which call, is said here and nowhere else.
@NullMarked
package dev.cairn.disk;

import org.jspecify.annotations.NullMarked;

/// A *backup* is all that a data folder holds at one moment, sealed, in a folder elsewhere.
///
/// Read [dev.cairn.embedded.backup.Backup] first, then [dev.cairn.embedded.backup.BackupPlace] for
/// the bytes there, and [dev.cairn.embedded.backup.Restore]. What makes one whole is its manifest,
/// written last: whatever a process dies on, a backup is there and whole or is not there.
@NullMarked
package dev.cairn.embedded.backup;

import org.jspecify.annotations.NullMarked;

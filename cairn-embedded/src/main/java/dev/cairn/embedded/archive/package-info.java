/// The built-in archive: objects in encrypted files of the data folder, found through an index of
/// their own.
///
/// Read [dev.cairn.embedded.archive.DiskArchive] first, then
/// [dev.cairn.embedded.archive.ObjectFile] for the bytes. An object is there from the moment its
/// row is committed, which comes after its bytes are durable: a crash leaves it whole or absent.
@NullMarked
package dev.cairn.embedded.archive;

import org.jspecify.annotations.NullMarked;

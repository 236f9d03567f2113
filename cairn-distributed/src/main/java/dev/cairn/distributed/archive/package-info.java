/// The archive on any S3: AWS's own, or one that speaks like it.
///
/// Read [S3Archive] first; [S3Destination] says in what the many S3s differ. I2 and I3 rest on the
/// store: what it acknowledged is durable, and a key that is taken is not written again.
/// [S3ColdFiles] keeps what built-in buckets move to a colder place.
@NullMarked
package dev.cairn.distributed.archive;

import org.jspecify.annotations.NullMarked;

/// The S3 front of the built-in archive: what each of S3's operations does with buckets and
/// objects.
///
/// Read [dev.cairn.server.bucket.S3Operations] first: the table of what is built, and the right
/// that each asks for. Who asks, and the way in and out, is `server.door`'s.
@NullMarked
package dev.cairn.server.bucket;

import org.jspecify.annotations.NullMarked;

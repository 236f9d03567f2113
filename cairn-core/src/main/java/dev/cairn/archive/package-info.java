/// The *archive* keeps objects in buckets: what trails deliver, for as long as their owner wants.
///
/// Read [dev.cairn.archive.Archive] first. An object that is put is durable, and a put-if-absent
/// that finds one says so instead of changing it: with that, delivery writes each file once
/// (invariant I3) whatever it dies on.
@NullMarked
package dev.cairn.archive;

import org.jspecify.annotations.NullMarked;

/// The *archive* keeps objects in buckets: what trails deliver, for as long as their owner wants.
///
/// Read [dev.cairn.archive.Archive] first. An object that is put is durable, and a put-if-absent
/// that finds one says so instead of changing it: with that, delivery writes each file once
/// (invariant I3) whatever it dies on. [dev.cairn.archive.ObjectStore] is what the built-in archive
/// does besides, for its S3 front; [dev.cairn.archive.BucketRegister] are its buckets,
/// [dev.cairn.archive.WriteCheck] says whether one lets a trail in. How a bucket keeps what it
/// holds is its [dev.cairn.archive.Keeping]: versions, locks ([dev.cairn.archive.Lock]) and rules
/// by age ([dev.cairn.archive.Lifecycle]). What is encrypted under a KMS key has a key of its own
/// ([dev.cairn.archive.WrappedKey]), which [dev.cairn.archive.DataKeys] make and open. What is old
/// may move to a colder place, whose files are [dev.cairn.archive.ColdFiles].
@NullMarked
package dev.cairn.archive;

import org.jspecify.annotations.NullMarked;

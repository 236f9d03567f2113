/// Buckets as CloudTrail fills them, and what an attacker with full rights on them can do.
///
/// Read [dev.cairn.testkit.proof.SealedBucket] first.
@NullMarked
package dev.cairn.testkit.proof;

import org.jspecify.annotations.NullMarked;

/// A *trail* takes what is recorded, selects, and has it delivered as log files to a bucket.
///
/// Read [dev.cairn.trail.Trail] first.
@NullMarked
package dev.cairn.trail;

import org.jspecify.annotations.NullMarked;

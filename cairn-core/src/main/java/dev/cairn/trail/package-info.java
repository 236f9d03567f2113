/// A *trail* takes what is recorded, selects, and has it delivered as log files to a bucket.
///
/// Read [dev.cairn.trail.Trails] first: the trails of a catalog, and how a change to one takes
/// effect at a position. It guards the first half of invariant I3: for each position it is settled,
/// once and for ever, whether a trail's logging span covers it. [dev.cairn.trail.Overlap] points
/// out what trails would store twice.
@NullMarked
package dev.cairn.trail;

import org.jspecify.annotations.NullMarked;

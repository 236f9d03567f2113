/// *Delivery* is the reader that writes log files: for each trail, what its logging spans cover and
/// its selectors take, once (invariant I3).
///
/// Read [dev.cairn.delivery.TrailDelivery] first. It has no thread and no clock of its own: it is
/// stepped, and each step ends with the catalog saying where it stands.
@NullMarked
package dev.cairn.delivery;

import org.jspecify.annotations.NullMarked;

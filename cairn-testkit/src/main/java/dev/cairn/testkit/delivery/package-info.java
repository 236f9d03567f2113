/// Delivery played through with a seed: a day of events, changes, crashes and faults in seconds.
///
/// Read [dev.cairn.testkit.delivery.DeliverySimulation] first. It holds delivery to I3 and I4.
@NullMarked
package dev.cairn.testkit.delivery;

import org.jspecify.annotations.NullMarked;

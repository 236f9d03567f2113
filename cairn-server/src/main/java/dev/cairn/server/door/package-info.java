/// The way of a request from the wire to its answer: who asks, may they, what do they ask, and the
/// record of having asked.
///
/// Read [dev.cairn.server.door.FrontDoor] first: it routes. [dev.cairn.server.door.ServiceDoor]
/// serves whatever a service model describes, [dev.cairn.server.door.IntakeDoor] takes events.
@NullMarked
package dev.cairn.server.door;

import org.jspecify.annotations.NullMarked;

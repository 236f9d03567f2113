/// Cairn as a program: what is said over HTTP and on the command line, and how the parts are put
/// together.
///
/// Read [dev.cairn.server.wiring.Cairn] for the parts, [dev.cairn.server.door.FrontDoor] for the
/// way of a request, and [dev.cairn.server.operation.Operations] for what can be asked.
@NullMarked
package dev.cairn.server;

import org.jspecify.annotations.NullMarked;

/// Puts the parts together: the only room where implementations of ports are made.
///
/// Read [dev.cairn.server.wiring.Cairn].
@NullMarked
package dev.cairn.server.wiring;

import org.jspecify.annotations.NullMarked;

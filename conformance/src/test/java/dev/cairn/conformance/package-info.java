/// *Conformance*: real clients against the real program.
///
/// Everything here starts the packaged server as a process of its own and speaks to it as its users
/// do: AWS's own clients, the command line, raw sockets. Read [dev.cairn.conformance.LiveServer]
/// first. The suites guard I2 (acknowledged implies durable) and I5 (nothing is dropped silently)
/// from outside.
@NullMarked
package dev.cairn.conformance;

import org.jspecify.annotations.NullMarked;

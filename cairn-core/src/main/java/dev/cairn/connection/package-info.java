/// A *connection* is how Cairn shows who it is to a server outside; an *API destination* is a
/// request there that rules may make by it: EventBridge's words.
///
/// Read [dev.cairn.connection.Connections] first. What is guarded: what a connection authorizes
/// with is sealed, and shown to nobody.
@NullMarked
package dev.cairn.connection;

import org.jspecify.annotations.NullMarked;

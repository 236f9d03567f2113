/// HTTP, and nothing of what is said over it.
///
/// Read [dev.cairn.server.http.Exchange] first: a request as it came over the wire (path, query and
/// headers untouched, because signatures cover them), answered by a [dev.cairn.server.http.Reply].
/// Only [dev.cairn.server.http.JettyServer] names the server library.
@NullMarked
package dev.cairn.server.http;

import org.jspecify.annotations.NullMarked;

/// The *upstream*: the server that calls are passed on to, over HTTP/1.1.
///
/// Read [dev.cairn.gateway.upstream.Upstream] first. Heads and bodies go out and come back as they
/// are; what an answer was when it was not one is told by
/// [dev.cairn.gateway.upstream.UpstreamException.Kind]. Nothing is ever sent twice, but a call that
/// only asks, on a connection that had ended before.
@NullMarked
package dev.cairn.gateway.upstream;

import org.jspecify.annotations.NullMarked;

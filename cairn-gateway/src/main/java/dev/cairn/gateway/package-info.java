/// The recording *gateway*: stands before any server that speaks like AWS, passes every call on as
/// it came, and makes an event of it.
///
/// It knows the domain and AWS's dialects, and neither the server that carries its bytes nor the
/// stores that keep its events.
@NullMarked
package dev.cairn.gateway;

import org.jspecify.annotations.NullMarked;

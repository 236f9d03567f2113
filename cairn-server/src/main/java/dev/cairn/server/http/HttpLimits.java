package dev.cairn.server.http;

import java.time.Duration;

/// How much a client may ask of the server.
///
/// @param headerBytesMax request line and headers; more is refused with 431
/// @param idleMax a connection that says nothing for so long is closed
/// @param arrivalGrace how long a head, or a body, may take however few its bytes. A connection on
///   which no head is complete so long after `idleMax` is closed
/// @param bodyRateMin bytes a second that a body must bring, beyond its grace; slower ones are
///   refused with 408
/// @param bodyTimeMax from the head to the body's last byte; longer is refused with 408
/// @param connectionsMax open connections; for one more, that which has waited longest for a
///   request is closed
/// @param concurrentMax requests worked on at once; more are refused with 503
/// @param unreadBytesMax of a body that is not read to its end, how many bytes are thrown away when
///   the answer is out, before the connection is closed: a sender that is cut off while it writes
///   does not come to read why
/// @param unreadTimeMax how long that may take
public record HttpLimits(
        int headerBytesMax,
        Duration idleMax,
        Duration arrivalGrace,
        int bodyRateMin,
        Duration bodyTimeMax,
        int connectionsMax,
        int concurrentMax,
        int unreadBytesMax,
        Duration unreadTimeMax) {

    /// The same, with another time for whole bodies.
    public HttpLimits withBodyTimeMax(Duration max) {
        return new HttpLimits(
                headerBytesMax,
                idleMax,
                arrivalGrace,
                bodyRateMin,
                max,
                connectionsMax,
                concurrentMax,
                unreadBytesMax,
                unreadTimeMax);
    }

    /// How long a connection may be without a whole head.
    Duration waitMax() {
        return idleMax.plus(arrivalGrace);
    }

    /// How long a body may take of which so many bytes are there.
    Duration bodyTime(long bytes) {
        var atThatRate = arrivalGrace.plusMillis(bytes * 1000 / bodyRateMin);
        return atThatRate.compareTo(bodyTimeMax) < 0 ? atThatRate : bodyTimeMax;
    }
}

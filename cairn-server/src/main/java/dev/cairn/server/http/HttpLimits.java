package dev.cairn.server.http;

import java.time.Duration;

/// How much a client may ask of the server.
///
/// @param headerBytesMax request line and headers; more is refused with 431
/// @param idleMax a connection that says nothing for so long is closed
/// @param bodyTimeMax from the headers to the body's last byte; longer is refused with 408
/// @param concurrentMax requests worked on at once; more are refused with 503
public record HttpLimits(
        int headerBytesMax, Duration idleMax, Duration bodyTimeMax, int concurrentMax) {}

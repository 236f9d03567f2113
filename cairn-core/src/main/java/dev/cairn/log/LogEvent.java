package dev.cairn.log;

import java.time.Instant;

/// A message of a log group, as it is read.
///
/// @param stream it stands in
/// @param id names it within its group; 1 to 56 digits
/// @param time what it is ordered by
/// @param ingested when it came
/// @param message its text
public record LogEvent(String stream, String id, Instant time, Instant ingested, String message) {
    /// The longest message, in bytes of UTF-8.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    public static final int BYTES_MAX = 256 << 10;
}

package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/// Moments as logs write them.
final class Times {
    private Times() {}

    /// ISO 8601 with an offset, such as `2026-11-21T08:00:00.123Z`; null for anything else.
    static @Nullable Instant of(JsonNode text) {
        try {
            return text.isTextual()
                    ? DateTimeFormatter.ISO_DATE_TIME.parse(text.textValue(), Instant::from)
                    : null;
        } catch (DateTimeException _) {
            return null;
        }
    }
}

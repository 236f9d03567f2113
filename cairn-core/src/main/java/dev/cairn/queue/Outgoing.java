package dev.cairn.queue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A message on its way into a queue.
///
/// @param attributes by name
/// @param traceHeader the system attribute `AWSTraceHeader`; null for none
/// @param delay how long it is held back; null for as long as the queue says
public record Outgoing(
        String body,
        Map<String, MessageAttribute> attributes,
        @Nullable String traceHeader,
        @Nullable Duration delay) {

    public Outgoing {
        attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    }

    /// A message that is only its body.
    public static Outgoing of(String body) {
        return new Outgoing(body, Map.of(), null, null);
    }

    /// What counts against the queue's limit: body, and names, types and values of the attributes.
    public int bytes() {
        int bytes = body.getBytes(StandardCharsets.UTF_8).length;
        for (Map.Entry<String, MessageAttribute> entry : attributes.entrySet()) {
            bytes +=
                    entry.getKey().getBytes(StandardCharsets.UTF_8).length
                            + entry.getValue().type().getBytes(StandardCharsets.UTF_8).length
                            + entry.getValue().bytes().length;
        }
        return bytes;
    }
}

package dev.cairn.trail;

import dev.cairn.selector.Selectors;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A trail as the API shows it.
///
/// @param id as of [TrailCourse]
/// @param started when logging was last turned on; null for never
/// @param stopped when logging was last turned off; null for never
/// @param tags in order of key
public record TrailState(
        String id,
        Trail trail,
        Selectors selectors,
        boolean logging,
        Instant created,
        @Nullable Instant started,
        @Nullable Instant stopped,
        Map<String, String> tags) {}

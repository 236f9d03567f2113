package dev.cairn.trail;

import dev.cairn.aggregation.Template;
import dev.cairn.selector.Selectors;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A trail as the API shows it.
///
/// @param id as of [TrailCourse]
/// @param templates how its data events are summed up; none when they are not
/// @param started when logging was last turned on; null for never
/// @param stopped when logging was last turned off; null for never
/// @param tags in order of key
public record TrailState(
        String id,
        Trail trail,
        Selectors selectors,
        Set<Template> templates,
        boolean logging,
        Instant created,
        @Nullable Instant started,
        @Nullable Instant stopped,
        Map<String, String> tags) {
    public TrailState {
        templates = Set.copyOf(templates);
    }
}

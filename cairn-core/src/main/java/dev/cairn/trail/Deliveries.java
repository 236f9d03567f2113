package dev.cairn.trail;

import dev.cairn.catalog.CatalogException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How a trail's deliveries stand, for who asks after the trail.
@FunctionalInterface
public interface Deliveries {

    /// Nothing was ever delivered, or tried.
    Figures NONE = new Figures(null, null, "", null, "");

    /// How the deliveries of a trail stand in one region.
    ///
    /// @param id as of [TrailCourse]
    /// @return [#NONE] when there were none
    Figures figures(String id, String region) throws CatalogException;

    /// What GetTrailStatus tells.
    ///
    /// @param delivered when a log file was last delivered; null for never
    /// @param attempted when delivering one was last tried; null for never
    /// @param error the store's error code at the last try, such as `AccessDenied`; empty when it
    ///   went well
    /// @param digestDelivered when a digest was last delivered; null for never
    /// @param digestError as `error`, of digests
    record Figures(
            @Nullable Instant delivered,
            @Nullable Instant attempted,
            String error,
            @Nullable Instant digestDelivered,
            String digestError) {}
}

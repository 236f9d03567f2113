package dev.cairn.server.operation;

import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.trail.Overlap;
import dev.cairn.trail.TrailState;
import dev.cairn.trail.Trails;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes to the log what a trail that was made or changed would store twice.
final class PointedOut {
    private static final Logger LOG = LoggerFactory.getLogger(PointedOut.class);

    private PointedOut() {}

    /// @return the trail
    static TrailState of(Trails trails, Transaction transaction, TrailState state)
            throws CatalogException {
        for (var overlap : Overlap.of(state, trails.of(transaction, state.trail().account()))) {
            LOG.warn("{} {}", overlap.message(), overlap.remedy());
        }
        return state;
    }
}

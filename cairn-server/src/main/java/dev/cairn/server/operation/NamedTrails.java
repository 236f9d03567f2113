package dev.cairn.server.operation;

import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.trail.TrailName;
import dev.cairn.trail.TrailState;
import dev.cairn.trail.Trails;
import java.util.Optional;

/// Finds the trail that a call names.
///
/// A name means a trail whose home is the region that is called; an ARN finds any trail of the
/// account. Trails of other accounts are not found, like those that do not exist.
///
/// @param finder finds by account, home region and name
record NamedTrails(Finder finder) {

    /// As the catalog stands.
    NamedTrails(Trails trails) {
        this(trails::find);
    }

    /// As a transaction sees it, so that what is read is what is changed.
    NamedTrails(Trails trails, Transaction transaction) {
        this((account, region, name) -> trails.find(transaction, account, region, name));
    }

    @FunctionalInterface
    interface Finder {
        Optional<TrailState> find(String account, String homeRegion, String name)
                throws CatalogException;
    }

    /// The trail that is named, whatever its region.
    ///
    /// @throws Failure INVALID_TRAIL_NAME, CLOUDTRAIL_ARN_INVALID, TRAIL_NOT_FOUND
    TrailState expect(Invocation call, String named) throws CatalogException {
        return find(call, named).orElseThrow(() -> unknown(call, named));
    }

    /// The trail that is named, which the region that is called must show: as its own, or as a
    /// shadow trail.
    ///
    /// @throws Failure INVALID_TRAIL_NAME, CLOUDTRAIL_ARN_INVALID, TRAIL_NOT_FOUND
    TrailState expectHere(Invocation call, String named) throws CatalogException {
        var found = expect(call, named);
        if (!found.trail().isIn(call.region())) {
            throw unknown(call, named);
        }
        return found;
    }

    /// The trail that is named, which must be at home in the region that is called.
    ///
    /// @throws Failure INVALID_TRAIL_NAME, CLOUDTRAIL_ARN_INVALID, TRAIL_NOT_FOUND,
    ///   INVALID_HOME_REGION
    TrailState expectHome(Invocation call, String named) throws CatalogException {
        var found = expect(call, named);
        if (!found.trail().homeRegion().equals(call.region())) {
            throw new Failure(
                    ErrorCode.INVALID_HOME_REGION,
                    "The trail %s can only be changed in its home region %s, got a call to %s."
                            .formatted(
                                    found.trail().arn(),
                                    found.trail().homeRegion(),
                                    call.region()));
        }
        return found;
    }

    /// @throws Failure INVALID_TRAIL_NAME, CLOUDTRAIL_ARN_INVALID
    Optional<TrailState> find(Invocation call, String named) throws CatalogException {
        var account = call.caller().account();
        return switch (TrailName.of(named)) {
            case TrailName.Name(var name) -> finder.find(account, call.region(), name);
            case TrailName.Arn(var region, var owner, var name) ->
                    owner.equals(account) ? finder.find(account, region, name) : Optional.empty();
        };
    }

    /// AWS's words.
    static Failure unknown(Invocation call, String named) {
        return new Failure(
                ErrorCode.TRAIL_NOT_FOUND,
                "Unknown trail: %s for the user: %s".formatted(named, call.caller().account()));
    }
}

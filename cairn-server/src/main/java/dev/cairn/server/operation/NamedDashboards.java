package dev.cairn.server.operation;

import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.dashboard.Dashboard;
import dev.cairn.dashboard.DashboardId;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.Optional;

/// Finds dashboards as callers name them: by ARN, or by name, in their own account and the region
/// that is called.
final class NamedDashboards {
    private final Finder finder;

    /// As the catalog stands.
    NamedDashboards(Dashboards dashboards) {
        this.finder = dashboards::find;
    }

    /// As a transaction sees it, so that what is read is what is changed.
    NamedDashboards(Dashboards dashboards, Transaction transaction) {
        this.finder =
                (account, region, name) -> dashboards.find(transaction, account, region, name);
    }

    @FunctionalInterface
    private interface Finder {
        Optional<Dashboard> find(String account, String region, String name)
                throws CatalogException;
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    Dashboard expect(Invocation call, String named) throws CatalogException {
        var account = call.caller().account();
        var id = DashboardId.of(named);
        var ours =
                (id.account().isEmpty() || id.account().equals(account))
                        && (id.region().isEmpty() || id.region().equals(call.region()));
        return (ours && id.isSound()
                        ? finder.find(account, call.region(), id.name())
                        : Optional.<Dashboard>empty())
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "There is no dashboard %s in %s.".formatted(named, call.region())));
    }
}

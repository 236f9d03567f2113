package dev.cairn.gateway.link;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.Optional;

/// Whose events a gateway may record, by its token or key.
///
/// Told by Cairn at each start, and kept in the gateway's own catalog, as the document
/// `gateway-scope/cairn`, for starts while Cairn is away.
///
/// @param account of the token or key: that of callers whom nobody knows
/// @param everyAccount whether events of other accounts are taken, too
public record Scope(String account, boolean everyAccount) {
    private static final String KIND = "gateway-scope";
    private static final String KEY = "cairn";

    boolean includes(String other) {
        return everyAccount || account.equals(other);
    }

    /// What Cairn says of it; empty when it says something else.
    static Optional<Scope> of(CairnLink.Said said) {
        var account = said.json().path("accountId");
        return account.isTextual()
                ? Optional.of(
                        new Scope(
                                account.asText(),
                                said.json().path("everyAccount").asBoolean(false)))
                : Optional.empty();
    }

    /// What Cairn says, else what it said to an earlier process.
    ///
    /// @param said to the question for [CairnLink#STATE]
    public static Optional<Scope> of(CairnLink.Said said, Catalog catalog) throws CatalogException {
        var told = of(said);
        if (told.isPresent()) {
            keep(catalog, told.get());
            return told;
        }
        var kept = catalog.get(KIND, KEY);
        if (kept.isEmpty()) {
            return Optional.empty();
        }
        var fields = Fields.of(kept.get());
        return Optional.of(
                new Scope(
                        fields.text("account"), Boolean.parseBoolean(fields.text("everyAccount"))));
    }

    private static void keep(Catalog catalog, Scope scope) throws CatalogException {
        var json =
                Fields.none()
                        .with("account", scope.account())
                        .with("everyAccount", Boolean.toString(scope.everyAccount()))
                        .json();
        catalog.<Boolean, RuntimeException>write(transaction -> {
            var there = transaction.get(KIND, KEY);
            if (there.isEmpty()) {
                transaction.create(KIND, KEY, json);
            } else if (!there.get().json().equals(json)) {
                transaction.replace(there.get(), json);
            }
            return true;
        });
    }
}

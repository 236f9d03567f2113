package dev.cairn.server.lake;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.server.operation.Queries.Delivery;
import dev.cairn.server.operation.Queries.DeliveryStatus;
import dev.cairn.server.operation.Queries.Query;
import dev.cairn.server.operation.Queries.Status;
import dev.cairn.server.operation.Queries.Template;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Queries in the catalog.
final class QueryDocuments {
    private static final String KIND = "lake-query";

    private final Catalog catalog;

    QueryDocuments(Catalog catalog) {
        this.catalog = catalog;
    }

    Optional<Query> find(String account, String region, String id) throws CatalogException {
        var document = catalog.get(KIND, key(account, region, id));
        return document.isEmpty() ? Optional.empty() : Optional.of(query(document.get()));
    }

    /// @param prefix of keys, empty for all
    List<Query> list(String prefix) throws CatalogException {
        var queries = new ArrayList<Query>();
        var after = "";
        List<Document> page;
        do {
            page = catalog.list(KIND, prefix, after, Catalog.LIMIT_MAX);
            for (var document : page) {
                queries.add(query(document));
                after = document.key();
            }
        } while (page.size() == Catalog.LIMIT_MAX);
        return queries;
    }

    void add(Query query) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            tx.create(KIND, key(query), json(query));
            return true;
        });
    }

    /// Writes down where a query is now, unless it has ended before.
    ///
    /// @return whether it was written
    boolean replace(Query query) throws CatalogException {
        return catalog.<Boolean, RuntimeException>write(tx -> {
            var old = tx.get(KIND, key(query));
            if (old.isEmpty() || query(old.get()).status().ended()) {
                return false;
            }
            tx.replace(old.get(), json(query));
            return true;
        });
    }

    /// Writes down what became of the delivery of a query that has ended.
    void delivered(Query query) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            var old = tx.get(KIND, key(query));
            if (old.isPresent()) {
                tx.replace(old.get(), json(query));
            }
            return true;
        });
    }

    void remove(Query query) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            var old = tx.get(KIND, key(query));
            if (old.isPresent()) {
                tx.delete(old.get());
            }
            return true;
        });
    }

    private static String key(Query query) {
        return key(query.account(), query.region(), query.id());
    }

    private static String key(String account, String region, String id) {
        return within(account, region) + id;
    }

    /// The account's length comes first, so that no account's queries stand among another's.
    static String within(String account, String region) {
        return account.length() + ":" + account + "/" + region + "/";
    }

    private static String json(Query query) {
        var fields =
                Fields.none()
                        .with("id", query.id())
                        .with("account", query.account())
                        .with("region", query.region())
                        .with("asker", query.asker())
                        .with("statement", query.statement())
                        .with("stores", String.join(",", query.stores()))
                        .with("status", query.status().name())
                        .with("created", query.created().toString())
                        .with("eventsScanned", Long.toString(query.eventsScanned()))
                        .with("bytesScanned", Long.toString(query.bytesScanned()))
                        .with("rows", Long.toString(query.rows()))
                        .with("milliseconds", Long.toString(query.milliseconds()));
        if (query.error() != null) {
            fields = fields.with("error", query.error());
        }
        var delivery = query.delivery();
        if (delivery != null) {
            fields =
                    fields.with("deliveryUri", delivery.uri())
                            .with("deliverySource", delivery.source())
                            .with("deliveryStatus", delivery.status().name());
            if (delivery.completed() != null) {
                fields = fields.with("completed", delivery.completed().toString());
            }
        }
        var template = query.template();
        if (template != null) {
            fields = fields.with("alias", template.alias()).with("refresh", template.refresh());
        }
        return fields.json();
    }

    private static Query query(Document document) throws CatalogException {
        var fields = Fields.of(document);
        return new Query(
                fields.text("id"),
                fields.text("account"),
                fields.text("region"),
                // Before others could ask, none was written.
                fields.find("asker").orElse(fields.text("account")),
                fields.text("statement"),
                List.of(fields.text("stores").split(",", -1)),
                Status.valueOf(fields.text("status")),
                Instant.parse(fields.text("created")),
                Long.parseLong(fields.text("eventsScanned")),
                Long.parseLong(fields.text("bytesScanned")),
                Long.parseLong(fields.text("rows")),
                Long.parseLong(fields.text("milliseconds")),
                fields.find("error").orElse(null),
                delivery(fields),
                fields.find("alias").isEmpty()
                        ? null
                        : new Template(fields.text("alias"), fields.text("refresh")));
    }

    private static @Nullable Delivery delivery(Fields fields) throws CatalogException {
        return fields.find("deliveryUri").isEmpty()
                ? null
                : new Delivery(
                        fields.text("deliveryUri"),
                        fields.text("deliverySource"),
                        DeliveryStatus.valueOf(fields.text("deliveryStatus")),
                        fields.find("completed").map(Instant::parse).orElse(null));
    }
}

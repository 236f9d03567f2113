package dev.cairn.connection;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The API destinations of all accounts. Any thread may call any method; those with a transaction
/// change things, or see what the transaction sees.
///
/// Documents: `api-destination` under `ACCOUNT/REGION/NAME`.
///
/// Source: Amazon EventBridge API Reference.
public final class ApiDestinations {
    /// How many an account may have in a region: what EventBridge allows before anyone asks for
    /// more.
    public static final int DESTINATIONS_MAX = 3000;

    private static final String KIND = "api-destination";

    private final Catalog catalog;

    public ApiDestinations(Catalog catalog) {
        this.catalog = catalog;
    }

    /// Empty when there is none of that name now.
    public Optional<ApiDestination> find(Place place, String name) throws CatalogException {
        return read(catalog.get(KIND, ConnectionArn.key(place, name)));
    }

    /// Empty when there is none, or only another one of its name.
    public Optional<ApiDestination> find(ApiDestinationArn arn) throws CatalogException {
        return find(arn.place(), arn.name()).filter(found -> found.arn().equals(arn));
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public ApiDestination expect(Place place, String name) throws CatalogException {
        return find(place, name).orElseThrow(() -> none(name));
    }

    /// As [#expect(Place, String)], as a transaction sees it.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public ApiDestination expect(Transaction tx, Place place, String name) throws CatalogException {
        return read(tx.get(KIND, ConnectionArn.key(place, name))).orElseThrow(() -> none(name));
    }

    private static Failure none(String name) {
        return new Failure(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Failed to describe the api-destination(s). An api-destination '%s' does not exist."
                        .formatted(name));
    }

    /// Those of an account and region whose names begin with a prefix, in order of name.
    ///
    /// @param after the last name of the page before; empty for the first page
    public List<ApiDestination> list(Place place, String prefix, String after, int limit)
            throws CatalogException {
        String all = ConnectionArn.key(place, "");
        List<ApiDestination> found = new ArrayList<>();
        for (Document document :
                catalog.list(KIND, all + prefix, after.isEmpty() ? "" : all + after, limit)) {
            found.add(read(document));
        }
        return found;
    }

    /// @throws Failure RESOURCE_ALREADY_EXISTS, LIMIT_EXCEEDED
    public void create(Transaction tx, ApiDestination destination) throws CatalogException {
        String key = destination.arn().key();
        if (tx.get(KIND, key).isPresent()) {
            throw new Failure(
                    ErrorCode.RESOURCE_ALREADY_EXISTS,
                    "An api-destination '%s' already exists.".formatted(destination.arn().name()));
        }
        Connections.checkRoom(
                tx, KIND, destination.arn().place(), DESTINATIONS_MAX, "API destinations");
        tx.create(KIND, key, json(destination));
    }

    /// Takes the place of the one that has its ARN, which must be there.
    public void replace(Transaction tx, ApiDestination destination) throws CatalogException {
        tx.replace(tx.get(KIND, destination.arn().key()).orElseThrow(), json(destination));
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public void delete(Transaction tx, Place place, String name) throws CatalogException {
        tx.delete(tx.get(KIND, ConnectionArn.key(place, name)).orElseThrow(() -> none(name)));
    }

    private static String json(ApiDestination destination) {
        Fields fields =
                Fields.none()
                        .with("arn", destination.arn().toString())
                        .with("description", destination.description())
                        .with("connection", destination.connection().toString())
                        .with("endpoint", destination.endpoint())
                        .with("method", destination.method())
                        .with("created", destination.created().toString())
                        .with("modified", destination.modified().toString());
        Optional<Integer> max = destination.perSecondMax();
        return (max.isEmpty() ? fields : fields.with("perSecondMax", max.get().toString())).json();
    }

    private static Optional<ApiDestination> read(Optional<Document> document)
            throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(read(document.get()));
    }

    private static ApiDestination read(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new ApiDestination(
                ApiDestinationArn.of(fields.text("arn")).orElseThrow(),
                fields.text("description"),
                ConnectionArn.of(fields.text("connection")).orElseThrow(),
                fields.text("endpoint"),
                fields.text("method"),
                fields.find("perSecondMax").map(Integer::valueOf),
                Instant.parse(fields.text("created")),
                Instant.parse(fields.text("modified")));
    }
}

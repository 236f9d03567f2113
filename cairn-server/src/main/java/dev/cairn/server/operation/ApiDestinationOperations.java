package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.connection.ApiDestination;
import dev.cairn.connection.ApiDestinationArn;
import dev.cairn.connection.ApiDestinations;
import dev.cairn.connection.Connection;
import dev.cairn.connection.ConnectionArn;
import dev.cairn.connection.Connections;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// EventBridge's operations on API destinations.
///
/// Source: Amazon EventBridge API Reference.
final class ApiDestinationOperations {
    private static final String NAME = "Name";
    private static final String DESCRIPTION = "Description";
    private static final String CONNECTION = "ConnectionArn";
    private static final String ENDPOINT = "InvocationEndpoint";
    private static final String METHOD = "HttpMethod";
    private static final String RATE = "InvocationRateLimitPerSecond";

    private final ApiDestinations destinations;
    private final Connections connections;
    private final Reach reach;
    private final Secrets secrets;

    ApiDestinationOperations(
            ApiDestinations destinations, Connections connections, Reach reach, Secrets secrets) {
        this.destinations = destinations;
        this.connections = connections;
        this.reach = reach;
        this.secrets = secrets;
    }

    Operation.Change create() {
        return new Checked(this::create);
    }

    Operation.Change update() {
        return new Checked(this::update);
    }

    /// A change whose address is judged before its transaction: names are looked up for it.
    private final class Checked implements Operation.Change {
        private final Operation.Change change;

        Checked(Operation.Change change) {
            this.change = change;
        }

        @Override
        public void prepare(Invocation call) {
            if (call.input().has(ENDPOINT)) {
                HttpsEndpoint.check(ENDPOINT, call.text(ENDPOINT, ""), reach);
            }
        }

        @Override
        public ObjectNode run(Invocation call, Transaction tx) throws CatalogException {
            return change.run(call, tx);
        }
    }

    private ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        var now = call.now().truncatedTo(ChronoUnit.MILLIS);
        var made =
                new ApiDestination(
                        new ApiDestinationArn(
                                BusCall.place(call), call.text(NAME, ""), secrets.uuid()),
                        call.text(DESCRIPTION, ""),
                        connection(call, tx),
                        call.text(ENDPOINT, ""),
                        call.text(METHOD, ""),
                        rate(call),
                        now,
                        now);
        destinations.create(tx, made);
        return changed(made);
    }

    /// What is not said stays as it was.
    private ObjectNode update(Invocation call, Transaction tx) throws CatalogException {
        var there = destinations.expect(tx, BusCall.place(call), call.text(NAME, ""));
        var made =
                new ApiDestination(
                        there.arn(),
                        call.text(DESCRIPTION, there.description()),
                        call.input().has(CONNECTION) ? connection(call, tx) : there.connection(),
                        call.text(ENDPOINT, there.endpoint()),
                        call.text(METHOD, there.method()),
                        rate(call).or(there::perSecondMax),
                        there.created(),
                        call.now().truncatedTo(ChronoUnit.MILLIS));
        destinations.replace(tx, made);
        return changed(made);
    }

    private static Optional<Integer> rate(Invocation call) {
        return call.input().has(RATE) ? Optional.of(call.number(RATE, 0)) : Optional.empty();
    }

    /// The caller's own connection: what others have is not there for them.
    private ConnectionArn connection(Invocation call, Transaction tx) throws CatalogException {
        var arn = call.text(CONNECTION, "");
        var found = ConnectionArn.of(arn).filter(one -> one.place().equals(BusCall.place(call)));
        if (found.isEmpty()
                || !connections
                        .expect(tx, found.get().place(), found.get().name())
                        .arn()
                        .equals(found.get())) {
            throw new Failure(
                    ErrorCode.RESOURCE_NOT_FOUND, "Connection '%s' does not exist.".formatted(arn));
        }
        return found.get();
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        destinations.delete(tx, BusCall.place(call), call.text(NAME, ""));
        return JsonNodeFactory.instance.objectNode();
    }

    // What is shown.

    ObjectNode describe(Invocation call) throws CatalogException {
        var destination = destinations.expect(BusCall.place(call), call.text(NAME, ""));
        var shown = shown(destination);
        return destination.description().isEmpty()
                ? shown
                : shown.put(DESCRIPTION, destination.description());
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var limit = BusCall.limit(call);
        var connection = call.text(CONNECTION, "");
        var place = BusCall.place(call);
        var after = NameToken.after(call, "NextToken");
        var found = new ArrayList<ApiDestination>();
        List<ApiDestination> page;
        do {
            page = destinations.list(place, call.text("NamePrefix", ""), after, limit + 1);
            for (var one : page) {
                after = one.arn().name();
                if (connection.isEmpty() || one.connection().toString().equals(connection)) {
                    found.add(one);
                }
            }
        } while (found.size() <= limit && page.size() > limit);
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("ApiDestinations");
        for (var one : found.subList(0, Math.min(limit, found.size()))) {
            items.add(shown(one));
        }
        if (found.size() > limit) {
            output.put("NextToken", NameToken.of(found.get(limit - 1).arn().name()));
        }
        return output;
    }

    private ObjectNode changed(ApiDestination destination) throws CatalogException {
        return times(
                JsonNodeFactory.instance
                        .objectNode()
                        .put("ApiDestinationArn", destination.arn().toString())
                        .put("ApiDestinationState", state(destination)),
                destination);
    }

    private ObjectNode shown(ApiDestination destination) throws CatalogException {
        return times(
                JsonNodeFactory.instance
                        .objectNode()
                        .put("ApiDestinationArn", destination.arn().toString())
                        .put(NAME, destination.arn().name())
                        .put("ApiDestinationState", state(destination))
                        .put(CONNECTION, destination.connection().toString())
                        .put(ENDPOINT, destination.endpoint())
                        .put(METHOD, destination.method())
                        .put(
                                RATE,
                                destination.perSecondMax().orElse(ApiDestination.PER_SECOND_MAX)),
                destination);
    }

    /// It can be used as long as its connection can.
    private String state(ApiDestination destination) throws CatalogException {
        return connections
                        .find(destination.connection())
                        .filter(one -> one.state() == Connection.State.AUTHORIZED)
                        .isPresent()
                ? "ACTIVE"
                : "INACTIVE";
    }

    private static ObjectNode times(ObjectNode shown, ApiDestination destination) {
        return shown.put("CreationTime", destination.created().toEpochMilli() / 1000.0)
                .put("LastModifiedTime", destination.modified().toEpochMilli() / 1000.0);
    }
}

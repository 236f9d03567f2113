package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.connection.Authorization;
import dev.cairn.connection.Connection;
import dev.cairn.connection.ConnectionArn;
import dev.cairn.connection.Connections;
import dev.cairn.connection.Credentials;
import dev.cairn.connection.HttpParameter;
import dev.cairn.connection.HttpParameter.Part;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Secrets;
import dev.cairn.server.courier.ApiCourier;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// EventBridge's operations on connections. What is secret comes in and is never given out.
///
/// Source: Amazon EventBridge API Reference.
final class ConnectionOperations {
    private static final String NAME = "Name";
    private static final String DESCRIPTION = "Description";
    private static final String TYPE = "AuthorizationType";
    private static final String PARAMETERS = "AuthParameters";
    private static final String API_KEY = "ApiKeyAuthParameters";
    private static final String BASIC = "BasicAuthParameters";
    private static final String OAUTH = "OAuthParameters";
    private static final String CLIENT = "ClientParameters";
    private static final String OAUTH_HTTP = "OAuthHttpParameters";
    private static final String CALL_HTTP = "InvocationHttpParameters";
    private static final String ENDPOINT = "AuthorizationEndpoint";
    private static final String METHOD = "HttpMethod";

    private static final List<String> NOT_BUILT =
            List.of("InvocationConnectivityParameters", "KmsKeyIdentifier");

    private final Connections connections;
    private final Reach reach;
    private final Secrets secrets;

    ConnectionOperations(Connections connections, Reach reach, Secrets secrets) {
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

    /// A change whose addresses are judged before its transaction: names are looked up for it.
    private final class Checked implements Operation.Change {
        private final Operation.Change change;

        Checked(Operation.Change change) {
            this.change = change;
        }

        @Override
        public void prepare(Invocation call) {
            for (var member : NOT_BUILT) {
                if (call.input().has(member)) {
                    throw BusService.notBuilt(member);
                }
            }
            if (call.input().path(PARAMETERS).has("ConnectivityParameters")) {
                throw BusService.notBuilt("ConnectivityParameters");
            }
            var endpoint = call.input().path(PARAMETERS).path(OAUTH).path(ENDPOINT);
            if (!endpoint.isMissingNode()) {
                HttpsEndpoint.check(ENDPOINT, endpoint.asText(), reach);
            }
        }

        @Override
        public ObjectNode run(Invocation call, Transaction tx) throws CatalogException {
            return change.run(call, tx);
        }
    }

    private ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        var asked = call.input().path(PARAMETERS);
        var credentials =
                new Credentials(
                        authorization(kind(call.text(TYPE, "")), asked, Optional.empty()),
                        parameters(asked.path(CALL_HTTP)));
        // Its answer does not have the time of authorization, as those of the others do.
        return changed(
                        connections.create(
                                tx,
                                new ConnectionArn(
                                        BusCall.place(call), call.text(NAME, ""), secrets.uuid()),
                                call.text(DESCRIPTION, ""),
                                credentials,
                                call.now().truncatedTo(ChronoUnit.MILLIS)))
                .without("LastAuthorizedTime");
    }

    /// What is not said stays as it was.
    private ObjectNode update(Invocation call, Transaction tx) throws CatalogException {
        var there = connections.expect(tx, BusCall.place(call), call.text(NAME, ""));
        var old = connections.credentials(tx, there);
        var kind = call.input().has(TYPE) ? kind(call.text(TYPE, "")) : there.kind();
        var asked = call.input().path(PARAMETERS);
        var credentials =
                new Credentials(
                        authorization(
                                kind,
                                asked,
                                old.map(Credentials::authorization)
                                        .filter(one -> one.kind() == kind)),
                        asked.has(CALL_HTTP)
                                ? parameters(asked.path(CALL_HTTP))
                                : old.map(Credentials::parameters).orElse(List.of()));
        return changed(
                connections.update(
                        tx,
                        there,
                        call.text(DESCRIPTION, there.description()),
                        credentials,
                        call.now().truncatedTo(ChronoUnit.MILLIS)));
    }

    ObjectNode deauthorize(Invocation call, Transaction tx) throws CatalogException {
        return changed(connections.deauthorize(tx, BusCall.place(call), call.text(NAME, "")));
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        return changed(connections.delete(tx, BusCall.place(call), call.text(NAME, "")))
                .put("ConnectionState", "DELETING");
    }

    // What is asked for.

    private static Authorization.Kind kind(String word) {
        return Authorization.Kind.valueOf(word);
    }

    private static Authorization authorization(
            Authorization.Kind kind, JsonNode asked, Optional<Authorization> old) {
        return switch (kind) {
            case API_KEY -> apiKey(asked.path(API_KEY), old);
            case BASIC -> basic(asked.path(BASIC), old);
            case OAUTH_CLIENT_CREDENTIALS -> oauth(asked.path(OAUTH), old);
        };
    }

    private static Authorization apiKey(JsonNode asked, Optional<Authorization> old) {
        var key = old.map(Authorization.ApiKey.class::cast);
        var header = text(asked, API_KEY, "ApiKeyName", key.map(Authorization.ApiKey::header));
        if (!header.matches("[!#$%&'*+.^_`|~0-9a-zA-Z-]+") || !ApiCourier.isGiven(header)) {
            throw BusService.invalid(
                    "Parameter ApiKeyName is not valid. Reason: expected the name of a header that may be given, got "
                            + header);
        }
        return new Authorization.ApiKey(
                header,
                secret(asked, API_KEY, "ApiKeyValue", key.map(Authorization.ApiKey::value)));
    }

    private static Authorization basic(JsonNode asked, Optional<Authorization> old) {
        var basic = old.map(Authorization.Basic.class::cast);
        return new Authorization.Basic(
                text(asked, BASIC, "Username", basic.map(Authorization.Basic::user)),
                secret(asked, BASIC, "Password", basic.map(Authorization.Basic::password)));
    }

    private static Authorization oauth(JsonNode asked, Optional<Authorization> old) {
        var oauth = old.map(Authorization.OAuth.class::cast);
        var client = asked.path(CLIENT);
        return new Authorization.OAuth(
                text(client, OAUTH, "ClientID", oauth.map(Authorization.OAuth::clientId)),
                secret(client, OAUTH, "ClientSecret", oauth.map(Authorization.OAuth::clientSecret)),
                text(asked, OAUTH, ENDPOINT, oauth.map(Authorization.OAuth::endpoint)),
                text(asked, OAUTH, METHOD, oauth.map(Authorization.OAuth::method)),
                asked.has(OAUTH_HTTP)
                        ? parameters(asked.path(OAUTH_HTTP))
                        : oauth.map(Authorization.OAuth::parameters).orElse(List.of()));
    }

    private static String text(JsonNode asked, String within, String member, Optional<String> old) {
        return Optional.ofNullable(asked.path(member).textValue())
                .or(() -> old)
                .orElseThrow(() ->
                        BusService.invalid(
                                "Parameter %s is not valid. Reason: expected %s in it, for this AuthorizationType"
                                        .formatted(within, member)));
    }

    private static Secret secret(
            JsonNode asked, String within, String member, Optional<Secret> old) {
        return new Secret(text(asked, within, member, old.map(Secret::reveal)));
    }

    private static List<HttpParameter> parameters(JsonNode asked) {
        var parameters = new ArrayList<HttpParameter>();
        for (var part : Part.values()) {
            for (var one : asked.path(member(part))) {
                parameters.add(
                        new HttpParameter(
                                part,
                                one.path("Key").asText(),
                                new Secret(one.path("Value").asText()),
                                one.path("IsValueSecret").asBoolean()));
            }
        }
        return parameters;
    }

    private static String member(Part part) {
        return switch (part) {
            case HEADER -> "HeaderParameters";
            case QUERY -> "QueryStringParameters";
            case BODY -> "BodyParameters";
        };
    }

    // What is shown.

    ObjectNode describe(Invocation call) throws CatalogException {
        var connection = connections.expect(BusCall.place(call), call.text(NAME, ""));
        var shown = shown(connection);
        if (!connection.description().isEmpty()) {
            shown.put(DESCRIPTION, connection.description());
        }
        var credentials = connections.credentials(connection);
        if (credentials.isPresent()) {
            shown.set(PARAMETERS, shown(credentials.get()));
        }
        return shown;
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var limit = BusCall.limit(call);
        var state = call.text("ConnectionState", "");
        var place = BusCall.place(call);
        var after = NameToken.after(call, "NextToken");
        var found = new ArrayList<Connection>();
        List<Connection> page;
        do {
            page = connections.list(place, call.text("NamePrefix", ""), after, limit + 1);
            for (var one : page) {
                after = one.arn().name();
                if (state.isEmpty() || one.state().name().equals(state)) {
                    found.add(one);
                }
            }
        } while (found.size() <= limit && page.size() > limit);
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("Connections");
        found.stream().limit(limit).map(ConnectionOperations::shown).forEach(items::add);
        if (found.size() > limit) {
            output.put("NextToken", NameToken.of(found.get(limit - 1).arn().name()));
        }
        return output;
    }

    private static ObjectNode changed(Connection connection) {
        var shown =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("ConnectionArn", connection.arn().toString())
                        .put("ConnectionState", connection.state().name());
        return times(shown, connection);
    }

    private static ObjectNode shown(Connection connection) {
        var shown =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("ConnectionArn", connection.arn().toString())
                        .put(NAME, connection.arn().name())
                        .put("ConnectionState", connection.state().name());
        if (!connection.reason().isEmpty()) {
            shown.put("StateReason", connection.reason());
        }
        return times(shown.put(TYPE, connection.kind().name()), connection);
    }

    private static ObjectNode times(ObjectNode shown, Connection connection) {
        shown.put("CreationTime", connection.created().toEpochMilli() / 1000.0)
                .put("LastModifiedTime", connection.modified().toEpochMilli() / 1000.0);
        connection
                .authorized()
                .ifPresent(at -> shown.put("LastAuthorizedTime", at.toEpochMilli() / 1000.0));
        return shown;
    }

    private static ObjectNode shown(Credentials credentials) {
        var shown = JsonNodeFactory.instance.objectNode();
        switch (credentials.authorization()) {
            case Authorization.ApiKey(var header, var _) ->
                    shown.putObject(API_KEY).put("ApiKeyName", header);
            case Authorization.Basic(var user, var _) ->
                    shown.putObject(BASIC).put("Username", user);
            case Authorization.OAuth oauth -> {
                var own = shown.putObject(OAUTH);
                own.putObject(CLIENT).put("ClientID", oauth.clientId());
                own.put(ENDPOINT, oauth.endpoint()).put(METHOD, oauth.method());
                show(own, OAUTH_HTTP, oauth.parameters());
            }
        }
        show(shown, CALL_HTTP, credentials.parameters());
        return shown;
    }

    private static void show(ObjectNode into, String member, List<HttpParameter> parameters) {
        if (parameters.isEmpty()) {
            return;
        }
        var shown = into.putObject(member);
        for (var one : parameters) {
            var item = shown.withArray(member(one.part())).addObject().put("Key", one.key());
            if (!one.hidden()) {
                item.put("Value", one.value().reveal());
            }
            item.put("IsValueSecret", one.hidden());
        }
    }
}

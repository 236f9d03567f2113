package dev.cairn.connection;

import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.connection.HttpParameter.Part;
import dev.cairn.secret.Secret;
import java.util.ArrayList;
import java.util.List;

/// What a connection authorizes with, and what it adds to each request.
public record Credentials(Authorization authorization, List<HttpParameter> parameters) {
    /// The longest they may be when written down, as a secret of Secrets Manager on AWS.
    public static final int CHARS_MAX = 64 << 10;

    private static final String KIND = "kind";
    private static final String NAME = "name";
    private static final String VALUE = "value";
    private static final String ENDPOINT = "endpoint";
    private static final String METHOD = "method";
    private static final String OF_OAUTH = "oauth.";
    private static final String OF_CALLS = "call.";
    private static final String COUNT = "count";

    public Credentials {
        parameters = List.copyOf(parameters);
    }

    /// To be sealed before it is kept.
    Secret written() {
        Fields fields = Fields.none().with(KIND, authorization.kind().name());
        fields =
                switch (authorization) {
                    case Authorization.ApiKey(String header, Secret value) ->
                            fields.with(NAME, header).with(VALUE, value.reveal());
                    case Authorization.Basic(String user, Secret password) ->
                            fields.with(NAME, user).with(VALUE, password.reveal());
                    case Authorization.OAuth oauth ->
                            with(
                                    fields.with(NAME, oauth.clientId())
                                            .with(VALUE, oauth.clientSecret().reveal())
                                            .with(ENDPOINT, oauth.endpoint())
                                            .with(METHOD, oauth.method()),
                                    OF_OAUTH,
                                    oauth.parameters());
                };
        return new Secret(with(fields, OF_CALLS, parameters).json());
    }

    private static Fields with(Fields fields, String prefix, List<HttpParameter> parameters) {
        Fields all = fields.with(prefix + COUNT, Integer.toString(parameters.size()));
        for (int i = 0; i < parameters.size(); i++) {
            HttpParameter one = parameters.get(i);
            all =
                    all.with(prefix + i, one.part().name() + (one.hidden() ? '!' : ':') + one.key())
                            .with(prefix + i + '.', one.value().reveal());
        }
        return all;
    }

    static Credentials of(Fields fields) throws CatalogException {
        String name = fields.text(NAME);
        Secret value = new Secret(fields.text(VALUE));
        return new Credentials(
                switch (Authorization.Kind.valueOf(fields.text(KIND))) {
                    case API_KEY -> new Authorization.ApiKey(name, value);
                    case BASIC -> new Authorization.Basic(name, value);
                    case OAUTH_CLIENT_CREDENTIALS ->
                            new Authorization.OAuth(
                                    name,
                                    value,
                                    fields.text(ENDPOINT),
                                    fields.text(METHOD),
                                    parameters(fields, OF_OAUTH));
                },
                parameters(fields, OF_CALLS));
    }

    private static List<HttpParameter> parameters(Fields fields, String prefix)
            throws CatalogException {
        List<HttpParameter> parameters = new ArrayList<>();
        int count = Integer.parseInt(fields.text(prefix + COUNT));
        for (int i = 0; i < count; i++) {
            String head = fields.text(prefix + i);
            int end = 0;
            while (Character.isLetter(head.charAt(end))) {
                end++;
            }
            parameters.add(
                    new HttpParameter(
                            Part.valueOf(head.substring(0, end)),
                            head.substring(end + 1),
                            new Secret(fields.text(prefix + i + '.')),
                            head.charAt(end) == '!'));
        }
        return parameters;
    }
}

package dev.cairn.access;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.cairn.access.Policy.Principals;
import dev.cairn.access.Policy.Statement;
import dev.cairn.access.PolicyCondition.Operator;
import dev.cairn.access.PolicyCondition.Quantifier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Reads a policy document with a streaming parser. One reader reads one document.
final class PolicyReader {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private static final String VERSION = "2012-10-17";
    private static final String OLD_VERSION = "2008-10-17";

    List<Statement> read(String json) throws PolicyException {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            List<Statement> statements = document(parser);
            if (parser.nextToken() != null) {
                throw new PolicyException("expected one JSON object, got more behind it");
            }
            return statements;
        } catch (IOException _) {
            throw new PolicyException("This policy contains invalid Json");
        }
    }

    private static List<Statement> document(JsonParser json) throws IOException, PolicyException {
        expect(json, JsonToken.START_OBJECT, "a policy", "an object");
        var statements = new ArrayList<Statement>();
        boolean some = false;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "Version" -> {
                    String version = text(json, name);
                    if (!version.equals(VERSION) && !version.equals(OLD_VERSION)) {
                        throw new PolicyException(
                                "expected Version %s, got %s".formatted(VERSION, version));
                    }
                }
                case "Id" -> text(json, name);
                case "Statement" -> {
                    some = true;
                    if (json.currentToken() == JsonToken.START_ARRAY) {
                        while (json.nextToken() != JsonToken.END_ARRAY) {
                            statements.add(statement(json));
                        }
                    } else {
                        statements.add(statement(json));
                    }
                }
                default -> throw new PolicyException("unknown element " + name);
            }
        }
        if (!some || statements.isEmpty()) {
            throw new PolicyException("Missing required field Statement");
        }
        return statements;
    }

    private static Statement statement(JsonParser json) throws IOException, PolicyException {
        expect(json, JsonToken.START_OBJECT, "a statement", "an object");
        String effect = "";
        var principals = new Principals(Set.of(), Set.of());
        List<String> actions = List.of();
        List<String> resources = List.of();
        List<PolicyCondition> conditions = List.of();
        Set<String> seen = new HashSet<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            seen.add(name);
            json.nextToken();
            switch (name) {
                case "Sid" -> text(json, name);
                case "Effect" -> effect = text(json, name);
                case "Principal", "NotPrincipal" -> principals = principals(json);
                case "Action", "NotAction" -> actions = texts(json, name);
                case "Resource", "NotResource" -> resources = texts(json, name);
                case "Condition" -> conditions = conditions(json);
                default -> throw new PolicyException("unknown element " + name);
            }
        }
        if (!effect.equals("Allow") && !effect.equals("Deny")) {
            throw new PolicyException("Missing required field Effect: expected Allow or Deny");
        }
        oneOf(seen, "Principal", "NotPrincipal");
        oneOf(seen, "Action", "NotAction");
        oneOf(seen, "Resource", "NotResource");
        boolean notPrincipal = seen.contains("NotPrincipal");
        if (notPrincipal && effect.equals("Allow")) {
            throw new PolicyException("Allow with NotPrincipal is not allowed");
        }
        return new Statement(
                effect.equals("Allow"),
                principals,
                notPrincipal,
                actions,
                seen.contains("NotAction"),
                resources,
                seen.contains("NotResource"),
                conditions);
    }

    private static void oneOf(Set<String> seen, String one, String other) throws PolicyException {
        if (seen.contains(one) == seen.contains(other)) {
            throw new PolicyException("expected one of %s and %s".formatted(one, other));
        }
    }

    private static Principals principals(JsonParser json) throws IOException, PolicyException {
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            if (!json.getText().equals("*")) {
                throw new PolicyException("Invalid principal in policy");
            }
            return new Principals(Set.of("*"), Set.of());
        }
        expect(json, JsonToken.START_OBJECT, "Principal", "* or an object");
        var accounts = new HashSet<String>();
        var services = new HashSet<String>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String kind = json.currentName();
            json.nextToken();
            List<String> names = texts(json, kind);
            switch (kind) {
                case "AWS" -> accounts.addAll(names);
                case "Service" -> services.addAll(names);
                // Cairn has neither: nobody is ever such a one.
                case "Federated", "CanonicalUser" -> {}
                default -> throw new PolicyException("Invalid principal in policy");
            }
        }
        for (String account : accounts) {
            if (!account.equals("*")
                    && !account.matches("\\d{12}|arn:aws:(iam|sts)::\\d{12}:[^*?]+")) {
                throw new PolicyException("Invalid principal in policy");
            }
        }
        return new Principals(Set.copyOf(accounts), Set.copyOf(services));
    }

    private static List<PolicyCondition> conditions(JsonParser json)
            throws IOException, PolicyException {
        expect(json, JsonToken.START_OBJECT, "Condition", "an object");
        var conditions = new ArrayList<PolicyCondition>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String written = json.currentName();
            String name = written;
            var quantifier = Quantifier.ONE;
            if (name.startsWith("ForAnyValue:")) {
                quantifier = Quantifier.FOR_ANY_VALUE;
                name = name.substring("ForAnyValue:".length());
            } else if (name.startsWith("ForAllValues:")) {
                quantifier = Quantifier.FOR_ALL_VALUES;
                name = name.substring("ForAllValues:".length());
            }
            boolean ifExists = name.endsWith("IfExists");
            if (ifExists) {
                name = name.substring(0, name.length() - "IfExists".length());
            }
            Operator operator =
                    Operator.named(name)
                            .orElseThrow(() ->
                                    new PolicyException("Invalid Condition type : " + written));
            json.nextToken();
            expect(json, JsonToken.START_OBJECT, written, "an object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                conditions.add(
                        new PolicyCondition(
                                quantifier,
                                operator,
                                ifExists,
                                key.toLowerCase(Locale.ROOT),
                                texts(json, key)));
            }
        }
        return conditions;
    }

    private static List<String> texts(JsonParser json, String name)
            throws IOException, PolicyException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            return List.of(text(json, name));
        }
        var texts = new ArrayList<String>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            texts.add(text(json, name));
        }
        return List.copyOf(texts);
    }

    /// Booleans and numbers count as their text, as IAM takes them in conditions.
    private static String text(JsonParser json, String name) throws IOException, PolicyException {
        if (!json.currentToken().isScalarValue() || json.currentToken() == JsonToken.VALUE_NULL) {
            throw new PolicyException("expected a text as " + name);
        }
        String text = json.getText();
        if (text.contains("${")) {
            throw new PolicyException("policy variables are not supported: " + text);
        }
        return text;
    }

    private static void expect(JsonParser json, JsonToken token, String what, String form)
            throws PolicyException {
        if (json.currentToken() != token) {
            throw new PolicyException("expected %s to be %s".formatted(what, form));
        }
    }
}

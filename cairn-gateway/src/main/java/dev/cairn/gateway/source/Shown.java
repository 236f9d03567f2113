package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.cairn.aws.style.RecordStyle;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/// Copies of originals, fit to be shown.
final class Shown {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final char REPLACEMENT = '\uFFFD';

    /// Members that hold what one could sign or sign in with, besides those that
    /// [RecordStyle#secret] knows; in lower case.
    private static final Set<String> SECRETS =
            Set.of(
                    "authorization",
                    "proxy-authorization",
                    "cookie",
                    "set-cookie",
                    "x-auth-token",
                    "x-amz-security-token",
                    "x-amz-signature",
                    "x-amz-server-side-encryption-customer-key",
                    "x-amz-copy-source-server-side-encryption-customer-key",
                    "signature",
                    "token",
                    "secret",
                    "apikey",
                    "api_key",
                    "access_token",
                    "refresh_token",
                    "id_token",
                    "client_secret",
                    "passwd");

    /// The same in the query of an address.
    private static final Pattern IN_QUERY =
            Pattern.compile(
                    "(?i)([?&](?:x-amz-signature|x-amz-security-token|signature|temp_url_sig|token|access_token|id_token|password|client_secret|api_key)=)[^&\\s\"#]+");

    private Shown() {}

    /// A copy whose every text can be written as UTF-8: half of a surrogate pair is replaced.
    static ObjectNode writable(ObjectNode original) {
        return (ObjectNode)
                copy(original, (_, value) -> value.isTextual() ? paired(value) : value, true);
    }

    /// A copy in which secrets are [RecordStyle#HIDDEN].
    static ObjectNode withoutSecrets(ObjectNode original) {
        return (ObjectNode) copy(original, Shown::hidden, false);
    }

    /// @param value gives what stands for the value of a member of that name
    private static JsonNode copy(
            JsonNode node, BiFunction<String, JsonNode, JsonNode> value, boolean names) {
        if (node instanceof ObjectNode object) {
            var copy = NODES.objectNode();
            for (var field : object.properties()) {
                var name = names ? paired(field.getKey()) : field.getKey();
                copy.set(name, copy(value.apply(name, field.getValue()), value, names));
            }
            return copy;
        }
        if (node instanceof ArrayNode array) {
            var copy = NODES.arrayNode(array.size());
            for (var item : array) {
                copy.add(copy(value.apply("", item), value, names));
            }
            return copy;
        }
        return node;
    }

    private static JsonNode hidden(String name, JsonNode value) {
        if (value.isNull() || value.isBoolean()) {
            return value;
        }
        if (RecordStyle.secret(name) || SECRETS.contains(name.toLowerCase(Locale.ROOT))) {
            return TextNode.valueOf(RecordStyle.HIDDEN);
        }
        return value.isTextual() ? TextNode.valueOf(withoutSecrets(value.textValue())) : value;
    }

    /// An address without the secrets in its query.
    static String withoutSecrets(String address) {
        return address.indexOf('=') < 0
                ? address
                : IN_QUERY.matcher(address).replaceAll("$1" + RecordStyle.HIDDEN);
    }

    private static JsonNode paired(JsonNode text) {
        var value = text.textValue();
        var paired = paired(value);
        return paired.equals(value) ? text : TextNode.valueOf(paired);
    }

    private static String paired(String text) {
        StringBuilder repaired = null;
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (repaired == null) {
                repaired = new StringBuilder(text);
            }
            repaired.setCharAt(i, REPLACEMENT);
        }
        return repaired == null ? text : repaired.toString();
    }
}

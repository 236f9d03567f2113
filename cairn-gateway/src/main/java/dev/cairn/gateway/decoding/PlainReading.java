package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.style.RecordStyle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Calls no model knows: of services and operations newer than the models, or not AWS's at all. The
/// operation is where the protocols put it, and a JSON body or a form's parameters are shown in the
/// usual style, what is secret by its name hidden.
final class PlainReading {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern OPERATION = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,127}");

    private PlainReading() {}

    /// The operation that a request names, in whatever protocol.
    static Optional<String> operation(Request request, byte[] body) {
        Optional<String> named =
                request.headers()
                        .first("x-amz-target")
                        .map(target -> target.substring(target.lastIndexOf('.') + 1))
                        .or(() -> Parameters.of(request.rawQuery()).first("Action"))
                        .or(() -> isForm(request) ? form(body).first("Action") : Optional.empty())
                        .or(() -> cbor(request));
        return named.filter(name -> OPERATION.matcher(name).matches());
    }

    private static Optional<String> cbor(Request request) {
        int at = request.rawPath().lastIndexOf("/operation/");
        return at >= 0 && request.headers().has("smithy-protocol")
                ? Optional.of(request.rawPath().substring(at + "/operation/".length()))
                : Optional.empty();
    }

    /// Whether a request says that its body is a form.
    static boolean isForm(Request request) {
        return request.headers()
                .first("content-type")
                .map(type -> type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form"))
                .orElse(false);
    }

    static Parameters form(byte[] body) {
        return Parameters.of(text(body));
    }

    /// A form's bytes, one a character.
    static String text(byte[] form) {
        return new String(form, StandardCharsets.ISO_8859_1);
    }

    /// The parameters, if they can be read: of a body only where the request says that it is an
    /// operation's input, since any other may be somebody's data.
    static @Nullable ObjectNode parameters(Request request, Kept body, RecordStyle style) {
        if (request.headers().has("x-amz-target")) {
            return body.cut() ? null : document(body.bytes(), style);
        }
        if (isForm(request) && !body.cut()) {
            Parameters parameters = form(body.bytes());
            if (parameters.first("Action").isPresent()) {
                return form(parameters);
            }
        }
        Parameters query = Parameters.of(request.rawQuery());
        if (query.first("Action").isPresent()) {
            return form(query);
        }
        ObjectNode shown = JSON.createObjectNode();
        S3Reading.query(query, shown);
        return shown;
    }

    /// A JSON object, shown.
    static @Nullable ObjectNode document(byte[] body, RecordStyle style) {
        try {
            return JSON.readTree(body) instanceof ObjectNode object
                    ? (ObjectNode) style.plain(object)
                    : null;
        } catch (IOException _) {
            return null;
        }
    }

    /// `Filters.Filter.1.Name=…` and its like as the document it stands for.
    private static ObjectNode form(Parameters parameters) {
        return object(ParameterBranch.of(parameters));
    }

    private static ObjectNode object(ParameterBranch branch) {
        ObjectNode shown = JSON.createObjectNode();
        branch.children()
                .forEach((name, child) ->
                        shown.set(
                                RecordStyle.lowerCamel(name),
                                RecordStyle.secret(name)
                                        ? JsonNodeFactory.instance.textNode(RecordStyle.HIDDEN)
                                        : shown(child)));
        return shown;
    }

    private static JsonNode shown(ParameterBranch branch) {
        var children = branch.children();
        if (children.isEmpty()) {
            return JsonNodeFactory.instance.textNode(branch.value());
        }
        // One name between a list's own and its numbers is the items': it says nothing.
        if (children.size() == 1 && children.values().iterator().next().numbered()) {
            return shown(children.values().iterator().next());
        }
        if (branch.numbered()) {
            ArrayNode array = JSON.createArrayNode();
            branch.items().forEach(item -> array.add(shown(item)));
            return array;
        }
        return object(branch);
    }
}

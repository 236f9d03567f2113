package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// AWS's protocol cases, as botocore keeps them, from the data folder beside the checkout.
final class ProtocolCases {

    static final Path FOLDER = Path.of("../../shared/data/protocol-cases/tests/unit/protocols");
    private static final ObjectMapper JSON = new ObjectMapper();

    private ProtocolCases() {}

    /// One case.
    ///
    /// @param id file and case, unique
    /// @param model a service of just this operation
    record Case(String id, ServiceModel model, String operation, JsonNode json) {}

    static boolean present() {
        return Files.isDirectory(FOLDER);
    }

    static List<Case> read(String file) {
        var cases = new ArrayList<Case>();
        try {
            int suiteNumber = 0;
            for (JsonNode suite : JSON.readTree(FOLDER.resolve(file).toFile())) {
                int caseNumber = 0;
                for (JsonNode one : suite.path("cases")) {
                    String name = one.path("given").path("name").asText();
                    String id =
                            one.has("id")
                                    ? one.path("id").asText()
                                    : suite.path("description").asText();
                    cases.add(
                            new Case(
                                    file.replace(".json", "")
                                            + "#"
                                            + suiteNumber
                                            + "."
                                            + caseNumber++
                                            + " "
                                            + id,
                                    model(suite, name, one.path("given")),
                                    name,
                                    one));
                }
                suiteNumber++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cases;
    }

    private static ServiceModel model(JsonNode suite, String name, JsonNode given) {
        ObjectNode model = JSON.createObjectNode();
        model.set("metadata", suite.path("metadata"));
        model.putObject("operations").set(name, given);
        model.set("shapes", suite.path("shapes"));
        // Old cases name the payload where the shape is used; models name it in the shape.
        for (String side : List.of("input", "output")) {
            JsonNode use = given.path(side);
            if (use.has("payload")
                    && model.path("shapes").get(use.path("shape").asText())
                            instanceof ObjectNode shape) {
                shape.set("payload", use.path("payload"));
            }
        }
        return ServiceModel.of(model);
    }

    /// What a case calls parameters, as one of our documents.
    static JsonNode document(JsonNode params, Member member) {
        return member.jsonValue() ? params : document(params, member.shape());
    }

    static JsonNode document(JsonNode params, Shape shape) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (params.isNull()) {
            return params;
        }
        return switch (shape) {
            case Shape.Structure structure -> {
                ObjectNode object = nodes.objectNode();
                for (Map.Entry<String, JsonNode> entry : params.properties()) {
                    if (!entry.getValue().isNull()) {
                        Member member =
                                structure
                                        .member(entry.getKey())
                                        .orElseThrow(() ->
                                                new AssertionError(
                                                        structure.name()
                                                                + " has no member "
                                                                + entry.getKey()));
                        object.set(entry.getKey(), document(entry.getValue(), member));
                    }
                }
                yield object;
            }
            case Shape.Listing listing -> {
                ArrayNode array = nodes.arrayNode();
                params.forEach(item -> array.add(document(item, listing.item())));
                yield array;
            }
            case Shape.Mapping mapping -> {
                ObjectNode object = nodes.objectNode();
                params.properties()
                        .forEach(entry ->
                                object.set(
                                        entry.getKey(),
                                        document(entry.getValue(), mapping.value())));
                yield object;
            }
            case Shape.Blob _ -> nodes.binaryNode(params.asText().getBytes(StandardCharsets.UTF_8));
            case Shape.Numeric numeric when numeric.kind().floating() ->
                    nodes.numberNode(Double.parseDouble(params.asText()));
            case Shape.Numeric _, Shape.Flag _, Shape.Text _, Shape.Timestamp _, Shape.Document _ ->
                    params;
        };
    }

    /// Equal as JSON values: numbers by value, objects without order.
    static boolean same(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) {
            return (Double.isFinite(a.doubleValue()) && Double.isFinite(b.doubleValue()))
                    ? decimal(a).compareTo(decimal(b)) == 0
                    : Double.compare(a.doubleValue(), b.doubleValue()) == 0;
        }
        if (a.isObject() && b.isObject()) {
            return a.size() == b.size()
                    && a.properties().stream()
                            .allMatch(entry ->
                                    b.has(entry.getKey())
                                            && same(entry.getValue(), b.path(entry.getKey())));
        }
        if (a.isArray() && b.isArray() && a.size() == b.size()) {
            for (int i = 0; i < a.size(); i++) {
                if (!same(a.path(i), b.path(i))) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }

    private static BigDecimal decimal(JsonNode number) {
        return (number.isFloatingPointNumber() && !number.isBigDecimal())
                ? BigDecimal.valueOf(number.doubleValue())
                : number.decimalValue();
    }
}

package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/// query: `Action` and `Version` and flat parameters in, by POST or GET; XML out.
public final class QueryCodec implements Codec {

    static final String FORM = "application/x-www-form-urlencoded";

    QueryCodec() {}

    @Override
    public Protocol protocol() {
        return Protocol.QUERY;
    }

    @Override
    public Call parse(ServiceModel model, Request request, byte[] body) {
        Optional<Operation> found = Optional.empty();
        try {
            Form parameters = parameters(request, body);
            var actions = parameters.all("Action");
            if (actions.isEmpty()) {
                return refused(
                        WireError.of(
                                "MissingAction",
                                400,
                                "The request must contain the parameter Action."));
            }
            String action = actions.getFirst();
            String version = parameters.all("Version").stream().findFirst().orElse("");
            found = model.operation(action);
            if (found.isEmpty() || !version.equals(model.metadata().apiVersion())) {
                return refused(
                        WireError.of(
                                CommonError.UNKNOWN_OPERATION,
                                Protocol.QUERY,
                                "Could not find operation "
                                        + shorten(action)
                                        + " for version "
                                        + shorten(version)));
            }
            return new Call.Parsed(found.get(), input(found.get(), ParameterTree.of(parameters)));
        } catch (Malformed e) {
            return new Call.Refused(
                    found, WireError.of(CommonError.SERIALIZATION, Protocol.QUERY, e.sentence()));
        }
    }

    /// The parameters, from the body or the query.
    static Form parameters(Request request, byte[] body) throws Malformed {
        boolean form =
                body.length > 0
                        && request.headers()
                                .first("content-type")
                                .map(type -> type.toLowerCase(Locale.ROOT).startsWith(FORM))
                                .orElse(true);
        return Form.parse(
                form ? new String(body, StandardCharsets.ISO_8859_1) : request.rawQuery());
    }

    private static Call refused(WireError error) {
        return new Call.Refused(Optional.empty(), error);
    }

    private static String shorten(String text) {
        return text.length() <= 128 ? text : text.substring(0, 128) + "...";
    }

    static ObjectNode input(Operation operation, ParameterTree parameters) throws Malformed {
        return structure(parameters, operation.input().orElse(Nothing.SHAPE));
    }

    private static ObjectNode structure(ParameterTree tree, Shape.Structure structure)
            throws Malformed {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (Member member : structure.members().values()) {
            JsonNode value = member(tree, member);
            if (value != null) {
                object.set(member.name(), value);
            }
        }
        return object;
    }

    private static @Nullable JsonNode member(ParameterTree parent, Member member) throws Malformed {
        ParameterTree tree = parent.child(member.queryWireName());
        if (member.shape() instanceof Shape.Listing listing
                && (member.flattened() || listing.flattened())) {
            // A flattened list goes by its items' name where they have one; Smithy's by the
            // member's.
            Optional<ParameterTree> named = listing.item().locationName().map(parent::child);
            ParameterTree items = named.filter(child -> !child.isEmpty()).orElse(tree);
            return items.isEmpty() ? null : items(items, listing);
        }
        return tree.isEmpty() ? null : value(tree, member);
    }

    private static JsonNode value(ParameterTree tree, Member member) throws Malformed {
        return switch (member.shape()) {
            case Shape.Structure structure -> structure(tree, structure);
            case Shape.Listing listing -> {
                ParameterTree items = tree.child(listing.item().wireName());
                yield items(items.isEmpty() ? tree.child("member") : items, listing);
            }
            case Shape.Mapping mapping ->
                    mapping(
                            member.flattened() || mapping.flattened() ? tree : tree.child("entry"),
                            mapping);
            case Shape.Text _,
                    Shape.Numeric _,
                    Shape.Flag _,
                    Shape.Timestamp _,
                    Shape.Blob _,
                    Shape.Document _ ->
                    Scalars.parse(tree.value(), member, TimestampFormat.ISO8601);
        };
    }

    private static ArrayNode items(ParameterTree tree, Shape.Listing listing) throws Malformed {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (ParameterTree item : tree.numbered()) {
            array.add(value(item, listing.item()));
        }
        return array;
    }

    private static ObjectNode mapping(ParameterTree tree, Shape.Mapping mapping) throws Malformed {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (ParameterTree entry : tree.numbered()) {
            ParameterTree value = entry.child(mapping.value().wireName());
            if (object.has(entry.child(mapping.key().wireName()).value())) {
                throw new Malformed("A map has a key twice");
            }
            object.set(
                    entry.child(mapping.key().wireName()).value(), value(value, mapping.value()));
        }
        return object;
    }

    @Override
    public Response write(
            ServiceModel model, Operation operation, ObjectNode output, String requestId) {
        Shape.Structure shape = operation.output().orElse(Nothing.SHAPE);
        Documents.checkMembers(output, shape);
        byte[] body =
                Xml.bytes(xml -> {
                    root(xml, model, operation.name() + "Response");
                    if (operation.output().isPresent()) {
                        xml.writeStartElement(
                                operation.resultWrapper().orElse(operation.name() + "Result"));
                        Xml.members(xml, output, shape);
                        xml.writeEndElement();
                    }
                    xml.writeStartElement("ResponseMetadata");
                    Xml.element(xml, "RequestId", requestId);
                    xml.writeEndElement();
                });
        return new Response(200, headers(requestId), body);
    }

    @Override
    public Response writeError(ServiceModel model, WireError error, String requestId) {
        Optional<Shape.Structure> shape = model.error(error.code());
        Optional<Shape.ErrorTrait> trait = shape.flatMap(Shape.Structure::error);
        byte[] body =
                Xml.bytes(xml -> {
                    root(xml, model, "ErrorResponse");
                    xml.writeStartElement("Error");
                    Xml.element(xml, "Type", error.sender() ? "Sender" : "Receiver");
                    Xml.element(
                            xml,
                            "Code",
                            trait.flatMap(Shape.ErrorTrait::code).orElse(error.code()));
                    if (!error.message().isEmpty()) {
                        Xml.element(xml, "Message", error.message());
                    }
                    Xml.members(xml, error.members(), shape.orElse(Nothing.SHAPE));
                    xml.writeEndElement();
                    Xml.element(xml, "RequestId", requestId);
                });
        int status =
                error.status()
                        .or(() -> trait.flatMap(Shape.ErrorTrait::status))
                        .orElse(error.sender() ? 400 : 500);
        return new Response(status, headers(requestId), body);
    }

    private static void root(XMLStreamWriter xml, ServiceModel model, String name)
            throws XMLStreamException {
        xml.writeStartElement(name);
        if (model.metadata().xmlNamespace().isPresent()) {
            xml.writeDefaultNamespace(model.metadata().xmlNamespace().get());
        }
    }

    private static Headers headers(String requestId) {
        return Headers.of("x-amzn-RequestId", requestId, "Content-Type", "text/xml");
    }
}

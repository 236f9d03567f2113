package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Member.Location;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// rest-xml: method and path name the operation; members travel in path, query, headers and an XML
/// body. S3 has errors of a form of its own.
public final class RestXmlCodec implements Codec {

    private static final String XML = "application/xml";

    /// Grows with the models in use, of which there are as many as there are services.
    private final Map<ServiceModel, RestRoutes> routes = new ConcurrentHashMap<>();

    RestXmlCodec() {}

    @Override
    public Protocol protocol() {
        return Protocol.REST_XML;
    }

    @Override
    public Call parse(ServiceModel model, Request request, byte[] body) {
        Optional<Operation> found = Optional.empty();
        try {
            Form query = Form.parse(request.rawQuery());
            Optional<RestRoutes.Match> match =
                    routes.computeIfAbsent(model, RestRoutes::new)
                            .find(request.method(), request.rawPath(), query);
            if (match.isEmpty()) {
                return new Call.Refused(
                        found,
                        WireError.of(
                                "MethodNotAllowed",
                                405,
                                "The specified method is not allowed against this resource."));
            }
            found = Optional.of(match.get().operation());
            return new Call.Parsed(
                    match.get().operation(), input(match.get(), request, query, body));
        } catch (Malformed e) {
            return new Call.Refused(found, WireError.of("MalformedXML", 400, e.sentence()));
        }
    }

    static ObjectNode input(RestRoutes.Match match, Request request, Form query, byte[] body)
            throws Malformed {
        Shape.Structure shape = match.operation().input().orElse(Nothing.SHAPE);
        ObjectNode input = body(shape, body);
        RestMembers.read(input, shape, match.labels(), query, request.headers());
        return input;
    }

    static ObjectNode body(Shape.Structure shape, byte[] body) throws Malformed {
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        if (body.length == 0) {
            return input;
        }
        if (shape.payload().isPresent()) {
            Member member = shape.members().get(shape.payload().get());
            if (member != null) {
                input.set(
                        member.name(),
                        switch (member.shape()) {
                            case Shape.Blob _ -> JsonNodeFactory.instance.binaryNode(body);
                            case Shape.Text _ ->
                                    JsonNodeFactory.instance.textNode(JsonReader.utf8(body));
                            default -> XmlReader.read(body, member.shape());
                        });
            }
            return input;
        }
        boolean read =
                shape.members().values().stream()
                        .anyMatch(member -> member.location() == Location.BODY);
        return read ? (ObjectNode) XmlReader.read(body, shape) : input;
    }

    @Override
    public Response write(
            ServiceModel model, Operation operation, ObjectNode output, String requestId) {
        Shape.Structure shape = operation.output().orElse(Nothing.SHAPE);
        Documents.checkMembers(output, shape);
        Headers headers =
                RestMembers.headers(shape, output, Headers.of(requestHeader(model), requestId));
        int status = RestMembers.status(operation, shape, output);
        if (shape.payload().isPresent()) {
            return RestMembers.payload(
                    shape,
                    output,
                    status,
                    headers,
                    XML,
                    (value, member) -> Xml.bytes(xml -> Xml.root(xml, value, member)));
        }
        boolean hasBody =
                shape.members().values().stream()
                        .anyMatch(member -> member.location() == Location.BODY);
        if (!hasBody || status == 204 || status == 304) {
            return new Response(status, headers, new byte[0]);
        }
        byte[] body =
                Xml.bytes(xml -> {
                    Xml.start(xml, shape.xmlName().orElse(shape.name()), shape.xmlNamespace());
                    Xml.members(xml, output, shape, member -> member.location() == Location.BODY);
                    xml.writeEndElement();
                });
        return new Response(status, RestMembers.contentType(headers, XML), body);
    }

    @Override
    public Response writeError(ServiceModel model, WireError error, String requestId) {
        Shape.Structure shape = model.error(error.code()).orElse(Nothing.SHAPE);
        Optional<Shape.ErrorTrait> trait = shape.error();
        int status =
                error.status()
                        .or(() -> trait.flatMap(Shape.ErrorTrait::status))
                        .orElse(error.sender() ? 400 : 500);
        byte[] body =
                Xml.bytes(xml -> {
                    if (isS3(model)) {
                        error(xml, error, shape, requestId);
                        return;
                    }
                    Xml.start(
                            xml,
                            "ErrorResponse",
                            model.metadata()
                                    .xmlNamespace()
                                    .map(uri -> new Shape.XmlNamespace("", uri)));
                    error(xml, error, shape, "");
                    Xml.element(xml, "RequestId", requestId);
                    xml.writeEndElement();
                });
        Headers headers =
                RestMembers.headers(
                        shape,
                        error.members(),
                        Headers.of(requestHeader(model), requestId, "Content-Type", XML));
        return new Response(status, headers, body);
    }

    private static void error(
            XMLStreamWriter xml, WireError error, Shape.Structure shape, String requestId)
            throws XMLStreamException {
        xml.writeStartElement("Error");
        if (requestId.isEmpty()) {
            Xml.element(xml, "Type", error.sender() ? "Sender" : "Receiver");
        }
        Xml.element(
                xml, "Code", shape.error().flatMap(Shape.ErrorTrait::code).orElse(error.code()));
        if (!error.message().isEmpty()) {
            Xml.element(xml, "Message", error.message());
        }
        Xml.members(xml, error.members(), shape, member -> member.location() == Location.BODY);
        if (!requestId.isEmpty()) {
            Xml.element(xml, "RequestId", requestId);
        }
        xml.writeEndElement();
    }

    private static boolean isS3(ServiceModel model) {
        return model.metadata().signingName().equals("s3");
    }

    private static String requestHeader(ServiceModel model) {
        return isS3(model) ? "x-amz-request-id" : "x-amzn-RequestId";
    }
}

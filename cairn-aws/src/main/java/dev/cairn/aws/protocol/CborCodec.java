package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import java.util.Optional;

/// rpc-v2-cbor: service and operation in the path, CBOR in and out
/// (https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html).
public final class CborCodec implements Codec {
    private static final String OPERATION = "/operation/";

    private static final CborReader READER = new CborReader(new JsonReader(false));

    CborCodec() {}

    @Override
    public Protocol protocol() {
        return Protocol.RPC_V2_CBOR;
    }

    @Override
    public Call parse(ServiceModel model, Request request, byte[] body) {
        Optional<Operation> found = operation(model, request);
        if (found.isEmpty()) {
            return new Call.Refused(
                    found,
                    WireError.of(
                            CommonError.UNKNOWN_OPERATION,
                            protocol(),
                            "The requested operation is not recognized by the service."));
        }
        try {
            Shape.Structure shape = found.get().input().orElse(Nothing.SHAPE);
            return new Call.Parsed(found.get(), (ObjectNode) READER.read(body, shape));
        } catch (Malformed e) {
            return new Call.Refused(
                    found, WireError.of(CommonError.SERIALIZATION, protocol(), e.sentence()));
        }
    }

    /// By the last part of the path; the service is known by the signature already.
    static Optional<Operation> operation(ServiceModel model, Request request) {
        int at = request.rawPath().lastIndexOf(OPERATION);
        return at < 0
                ? Optional.empty()
                : model.operation(request.rawPath().substring(at + OPERATION.length()));
    }

    @Override
    public Response write(
            ServiceModel model, Operation operation, ObjectNode output, String requestId) {
        Headers headers =
                Headers.of("x-amzn-RequestId", requestId, "smithy-protocol", "rpc-v2-cbor");
        if (operation.output().isEmpty()) {
            return new Response(200, headers, new byte[0]);
        }
        return new Response(
                200,
                headers.plus("Content-Type", "application/cbor"),
                JsonWriter.cbor(output, operation.output().get()));
    }

    @Override
    public Response writeError(ServiceModel model, WireError error, String requestId) {
        Optional<Shape.Structure> shape = model.error(error.code());
        Headers headers =
                Headers.of("x-amzn-RequestId", requestId, "smithy-protocol", "rpc-v2-cbor")
                        .plus("Content-Type", "application/cbor");
        if (model.metadata().queryCompatible()) {
            headers = JsonCodec.withQueryError(headers, error, shape);
        }
        byte[] body =
                JsonWriter.cbor(cbor -> {
                    cbor.writeStartObject();
                    cbor.writeStringField("__type", error.code());
                    JsonCodec.errorMembers(cbor, error, shape.orElse(Nothing.SHAPE), "message");
                    cbor.writeEndObject();
                });
        return new Response(error.status().orElse(error.sender() ? 400 : 500), headers, body);
    }
}

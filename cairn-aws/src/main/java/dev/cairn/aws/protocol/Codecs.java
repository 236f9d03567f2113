package dev.cairn.aws.protocol;

import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceModel;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// Finds the codec a request needs. One object serves all requests.
public final class Codecs {

    private final JsonCodec json10 = new JsonCodec(Protocol.JSON_1_0);
    private final JsonCodec json11 = new JsonCodec(Protocol.JSON_1_1);
    private final RestJsonCodec restJson = new RestJsonCodec();
    private final RestXmlCodec restXml = new RestXmlCodec();
    private final QueryCodec query = new QueryCodec();
    private final CborCodec cbor = new CborCodec();

    /// Which codec a request needs.
    public sealed interface Choice {

        /// This one.
        record Spoken(Codec codec) implements Choice {}

        /// One that Cairn does not have.
        ///
        /// @param protocol the one that is wanted
        /// @param message a sentence for the caller
        record NotSpoken(Protocol protocol, String message) implements Choice {}
    }

    /// The codec for a protocol; empty for one Cairn does not speak yet.
    public Optional<Codec> of(Protocol protocol) {
        return switch (protocol) {
            case JSON_1_0 -> Optional.of(json10);
            case JSON_1_1 -> Optional.of(json11);
            case REST_JSON -> Optional.of(restJson);
            case QUERY -> Optional.of(query);
            case REST_XML -> Optional.of(restXml);
            case RPC_V2_CBOR -> Optional.of(cbor);
            case EC2 -> Optional.empty();
        };
    }

    /// Looks how the client talks; services have changed protocols, so the model's first choice is
    /// not always the client's.
    public Choice choose(ServiceModel model, Request request) {
        Protocol protocol = protocol(model.metadata(), request);
        return of(protocol)
                .<Choice>map(Choice.Spoken::new)
                .orElseGet(() ->
                        new Choice.NotSpoken(
                                protocol,
                                "Cairn does not speak the "
                                        + protocol.name().toLowerCase(Locale.ROOT).replace('_', '-')
                                        + " protocol yet, in which this request to "
                                        + model.metadata().serviceId()
                                        + " is written."));
    }

    /// The protocol that a request to the service is written in.
    static Protocol protocol(ServiceModel.Metadata service, Request request) {
        String contentType =
                request.headers().first("content-type").orElse("").toLowerCase(Locale.ROOT);
        if (request.headers().first("smithy-protocol").orElse("").equalsIgnoreCase("rpc-v2-cbor")) {
            return Protocol.RPC_V2_CBOR;
        }
        if (contentType.startsWith("application/x-amz-json-1.0")) {
            return Protocol.JSON_1_0;
        }
        if (contentType.startsWith("application/x-amz-json-1.1")) {
            return Protocol.JSON_1_1;
        }
        Collection<String> known = service.protocols();
        if (known.contains("json") && request.headers().has("x-amz-target")) {
            return json(service);
        }
        if (known.contains("query")) {
            return Protocol.QUERY;
        }
        return switch (known.iterator().next()) {
            case "json" -> contentType.startsWith(QueryCodec.FORM) ? Protocol.QUERY : json(service);
            case "rest-json" -> Protocol.REST_JSON;
            case "ec2" -> Protocol.EC2;
            case "rest-xml" -> Protocol.REST_XML;
            default -> Protocol.RPC_V2_CBOR;
        };
    }

    private static Protocol json(ServiceModel.Metadata service) {
        return service.jsonVersion().orElse("1.1").equals("1.0")
                ? Protocol.JSON_1_0
                : Protocol.JSON_1_1;
    }
}

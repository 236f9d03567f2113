package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Reads other services' calls, both sides of them: which of all modelled services and operations a
/// request asks for, its input, and the output in the answer. Where a [Codec] speaks for one
/// service of Cairn's own, this one listens to all.
///
/// What it reads is to be shown, not acted on: members of JSON bodies that the model does not know
/// are kept, under their names on the wire.
///
/// Safe for use by many threads. A service's model is read when it is first spoken of.
public final class CallReader {

    private static final JsonReader JSON = JsonReader.keeping(false);
    private static final CborReader CBOR = new CborReader(JSON);

    private final ServiceCatalog services;
    private final Map<String, List<ServiceCatalog.Entry>> byName = new HashMap<>();
    private final Map<String, List<ServiceCatalog.Entry>> byTarget = new HashMap<>();
    private final Map<String, List<ServiceCatalog.Entry>> byVersion = new HashMap<>();

    /// Grows with the models in use, of which there are as many as there are services.
    private final Map<ServiceModel, RestRoutes> routes = new ConcurrentHashMap<>();

    /// A reader for all services of the catalog.
    public CallReader(ServiceCatalog services) {
        this.services = services;
        for (ServiceCatalog.Entry entry : services.entries()) {
            String signingName = entry.metadata().signingName();
            add(byName, signingName, entry);
            if (!entry.metadata().endpointPrefix().equals(signingName)) {
                add(byName, entry.metadata().endpointPrefix(), entry);
            }
            if (entry.metadata().protocols().contains("query")) {
                add(byVersion, entry.metadata().apiVersion(), entry);
            }
            entry.metadata()
                    .targetPrefix()
                    .ifPresent(prefix -> {
                        add(byTarget, prefix, entry);
                        int dot = prefix.lastIndexOf('.');
                        if (dot >= 0) {
                            add(byTarget, prefix.substring(dot + 1), entry);
                        }
                    });
        }
        // Of services that share a name, the one that the name is of is tried first, then the
        // newest.
        byName.forEach((name, entries) ->
                entries.sort(
                        Comparator.comparing(
                                        (ServiceCatalog.Entry entry) -> !entry.name().equals(name))
                                .thenComparing(
                                        entry -> entry.metadata().apiVersion(),
                                        Comparator.reverseOrder())));
    }

    private static void add(
            Map<String, List<ServiceCatalog.Entry>> to, String name, ServiceCatalog.Entry entry) {
        to.computeIfAbsent(name, _ -> new ArrayList<>()).add(entry);
    }

    /// An operation that a request asks for.
    ///
    /// @param service the model's name
    /// @param protocol that the request is written in
    /// @param labels of the path, undecoded; empty in protocols without
    public record Asked(
            String service,
            ServiceModel model,
            Protocol protocol,
            Operation operation,
            Map<String, String> labels) {}

    /// Finds the operation.
    ///
    /// @param service whose it is, by signing name or endpoint; empty where that is not known: then
    ///   a target, or an action and its version, has to tell
    /// @param body as much of it as there is: the query protocols name the operation in it
    public Optional<Asked> find(Request request, byte[] body, String service) {
        String target = request.headers().first("x-amz-target").orElse("");
        List<ServiceCatalog.Entry> candidates = byName.getOrDefault(service, List.of());
        if (candidates.isEmpty() && !target.isEmpty()) {
            int dot = target.lastIndexOf('.');
            candidates = byTarget.getOrDefault(target.substring(0, Math.max(dot, 0)), List.of());
        }
        Form query = null;
        Form parameters = null;
        if (candidates.isEmpty() && service.isEmpty() && target.isEmpty()) {
            try {
                parameters = QueryCodec.parameters(request, body);
                candidates = byVersion.getOrDefault(first(parameters, "Version"), List.of());
            } catch (Malformed _) {
                return Optional.empty();
            }
        }
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        Optional<Asked> other = Optional.empty();
        for (ServiceCatalog.Entry entry : candidates) {
            Protocol protocol = Codecs.protocol(entry.metadata(), request);
            try {
                switch (protocol) {
                    case JSON_1_0, JSON_1_1 -> {
                        ServiceModel model = services.model(entry);
                        var found = JsonCodec.operation(model, request);
                        if (found.isPresent()) {
                            return asked(entry, model, protocol, found.get());
                        }
                    }
                    case QUERY, EC2 -> {
                        parameters =
                                parameters == null
                                        ? QueryCodec.parameters(request, body)
                                        : parameters;
                        String action = first(parameters, "Action");
                        ServiceModel model = services.model(entry);
                        var found = model.operation(action);
                        if (found.isPresent()) {
                            var asked = asked(entry, model, protocol, found.get());
                            if (first(parameters, "Version")
                                    .equals(entry.metadata().apiVersion())) {
                                return asked;
                            }
                            other = other.isPresent() ? other : asked;
                        }
                    }
                    case REST_JSON, REST_XML -> {
                        query = query == null ? Form.parse(request.rawQuery()) : query;
                        ServiceModel model = services.model(entry);
                        var match =
                                routes.computeIfAbsent(model, RestRoutes::new)
                                        .find(request.method(), request.rawPath(), query);
                        if (match.isPresent()) {
                            return Optional.of(
                                    new Asked(
                                            entry.name(),
                                            model,
                                            protocol,
                                            match.get().operation(),
                                            match.get().labels()));
                        }
                    }
                    case RPC_V2_CBOR -> {
                        ServiceModel model = services.model(entry);
                        var found = CborCodec.operation(model, request);
                        if (found.isPresent()) {
                            return asked(entry, model, protocol, found.get());
                        }
                    }
                }
            } catch (Malformed _) {
                // Parameters that cannot be read name no operation.
            }
        }
        return other;
    }

    private static Optional<Asked> asked(
            ServiceCatalog.Entry entry,
            ServiceModel model,
            Protocol protocol,
            Operation operation) {
        return Optional.of(new Asked(entry.name(), model, protocol, operation, Map.of()));
    }

    private static String first(Form form, String name) {
        for (var parameter : form.parameters()) {
            if (parameter.name().equals(name)) {
                return parameter.value();
            }
        }
        return "";
    }

    /// The request's input, as a document. EC2's is for who knows its habits: empty here.
    ///
    /// @return empty when it cannot be read
    public Optional<ObjectNode> input(Asked asked, Request request, byte[] body) {
        try {
            return Optional.ofNullable(
                    switch (asked.protocol()) {
                        case JSON_1_0, JSON_1_1 ->
                                JsonCodec.document(
                                        body,
                                        asked.operation().input().orElse(Nothing.SHAPE),
                                        JSON);
                        case QUERY ->
                                QueryCodec.input(
                                        asked.operation(),
                                        ParameterTree.of(QueryCodec.parameters(request, body)));
                        case REST_JSON ->
                                RestJsonCodec.input(
                                        match(asked),
                                        request,
                                        Form.parse(request.rawQuery()),
                                        body,
                                        RestJsonCodec.KEEPING);
                        case REST_XML ->
                                RestXmlCodec.input(
                                        match(asked),
                                        request,
                                        Form.parse(request.rawQuery()),
                                        body);
                        case RPC_V2_CBOR ->
                                (ObjectNode)
                                        CBOR.read(
                                                body,
                                                asked.operation().input().orElse(Nothing.SHAPE));
                        case EC2 -> null;
                    });
        } catch (Malformed _) {
            return Optional.empty();
        }
    }

    private static RestRoutes.Match match(Asked asked) {
        return new RestRoutes.Match(asked.operation(), asked.labels(), new Form(List.of()));
    }

    /// The output in a success's answer, as a document. EC2's, again, is for who knows its habits.
    ///
    /// @return empty when it cannot be read
    public Optional<ObjectNode> output(Asked asked, int status, Headers headers, byte[] body) {
        Shape.Structure shape = asked.operation().output().orElse(Nothing.SHAPE);
        try {
            return Optional.ofNullable(
                    switch (asked.protocol()) {
                        case JSON_1_0, JSON_1_1 -> JsonCodec.document(body, shape, JSON);
                        case QUERY -> query(asked.operation(), shape, body);
                        case REST_JSON ->
                                outside(
                                        RestJsonCodec.body(shape, body, RestJsonCodec.KEEPING),
                                        shape,
                                        status,
                                        headers);
                        case REST_XML ->
                                outside(RestXmlCodec.body(shape, body), shape, status, headers);
                        case RPC_V2_CBOR -> (ObjectNode) CBOR.read(body, shape);
                        case EC2 -> null;
                    });
        } catch (Malformed _) {
            return Optional.empty();
        }
    }

    /// Any CBOR as a tree, for answers that are not of the operation's shape: errors.
    public static Optional<JsonNode> cbor(byte[] body) {
        return CborReader.tree(body);
    }

    private static ObjectNode query(Operation operation, Shape.Structure shape, byte[] body)
            throws Malformed {
        if (shape.members().isEmpty() || body.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        JsonNode read =
                XmlReader.readWithin(
                        body, operation.resultWrapper().orElse(operation.name() + "Result"), shape);
        return (ObjectNode) read;
    }

    private static ObjectNode outside(
            ObjectNode output, Shape.Structure shape, int status, Headers headers)
            throws Malformed {
        RestMembers.read(output, shape, Map.of(), new Form(List.of()), headers);
        RestMembers.readStatus(output, shape, status);
        return output;
    }
}

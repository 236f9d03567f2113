package dev.cairn.aws.shape;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;

/// A service as its model describes it. Immutable.
public final class ServiceModel {

    private final Metadata metadata;
    private final Map<String, Operation> operations;
    private final Map<String, Shape> shapes;

    ServiceModel(Metadata metadata, Map<String, Operation> operations, Map<String, Shape> shapes) {
        this.metadata = metadata;
        this.operations = Collections.unmodifiableMap(operations);
        this.shapes = Collections.unmodifiableMap(shapes);
    }

    /// What identifies a service.
    ///
    /// @param serviceId for example `CloudTrail`
    /// @param endpointPrefix first label of its host name
    /// @param signingName the service of its credential scope
    /// @param apiVersion a date
    /// @param protocols C2J names, best first: `json`, `rest-json`, `query`, `ec2`, `rest-xml`,
    ///   `smithy-rpc-v2-cbor`
    /// @param jsonVersion of the json protocol: `1.0` or `1.1`
    /// @param targetPrefix what precedes the operation in `X-Amz-Target`
    /// @param xmlNamespace of query and XML answers
    /// @param queryCompatible whether a json service, formerly query, repeats its old error codes
    ///   in a header
    public record Metadata(
            String serviceId,
            String endpointPrefix,
            String signingName,
            String apiVersion,
            Collection<String> protocols,
            Optional<String> jsonVersion,
            Optional<String> targetPrefix,
            Optional<String> xmlNamespace,
            boolean queryCompatible) {}

    /// Reads a model in AWS's C2J form.
    ///
    /// @throws IOException when it cannot be read
    /// @throws IllegalArgumentException when it is not such a model, or refers to shapes it does
    ///   not have
    public static ServiceModel read(InputStream json) throws IOException {
        return new ModelReader(ModelReader.JSON.readTree(json)).read();
    }

    /// The same of a tree already read.
    public static ServiceModel of(JsonNode model) {
        return new ModelReader(model).read();
    }

    /// What identifies the service.
    public Metadata metadata() {
        return metadata;
    }

    /// All operations, by name.
    public Collection<Operation> operations() {
        return operations.values();
    }

    /// The operation of exactly that name.
    public Optional<Operation> operation(String name) {
        return Optional.ofNullable(operations.get(name));
    }

    /// The shape of that name.
    public Optional<Shape> shape(String name) {
        return Optional.ofNullable(shapes.get(name));
    }

    /// The error shape of that name.
    public Optional<Shape.Structure> error(String name) {
        return shape(name)
                .filter(Shape.Structure.class::isInstance)
                .map(Shape.Structure.class::cast)
                .filter(structure -> structure.error().isPresent());
    }

    /// Every shape.
    public Collection<Shape> shapes() {
        return shapes.values();
    }

    @Override
    public String toString() {
        return metadata.serviceId() + " " + metadata.apiVersion();
    }
}

package dev.cairn.aws.shape;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;

/// All service models that came with Cairn: a small index, and each model read when it is first
/// wanted.
///
/// Safe for use by many threads.
public final class ServiceCatalog {

    static final String FOLDER = "models/";
    static final String INDEX = FOLDER + "index.json";

    private final List<Entry> entries;
    private final Map<String, ServiceModel> loaded = new ConcurrentHashMap<>();

    /// A model that can be had.
    ///
    /// @param name the model's, without version: `cloudtrail`, `streams.dynamodb`
    /// @param metadata what identifies the service
    public record Entry(String name, ServiceModel.Metadata metadata) {
        String key() {
            return name + "-" + metadata.apiVersion();
        }
    }

    /// Reads the index.
    ///
    /// @throws IllegalStateException when the build did not make one
    public ServiceCatalog() {
        var read = new ArrayList<Entry>();
        try (InputStream in = resource(INDEX)) {
            for (JsonNode service : ModelReader.JSON.readTree(in)) {
                read.add(
                        new Entry(
                                service.path("name").asText(),
                                ModelReader.metadata(service.path("metadata"))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        entries = List.copyOf(read);
    }

    /// Every model, by name and version.
    public List<Entry> entries() {
        return entries;
    }

    /// The model of that name, the newest if there are several.
    public Optional<Entry> named(String name) {
        return entries.stream()
                .filter(entry -> entry.name().equals(name))
                .max(Comparator.comparing(entry -> entry.metadata().apiVersion()));
    }

    /// The models of all services that sign with that name; several services may share one.
    public List<Entry> signedAs(String signingName) {
        return entries.stream()
                .filter(entry -> entry.metadata().signingName().equals(signingName))
                .toList();
    }

    /// Reads the model, or gives the one read before.
    public ServiceModel model(Entry entry) {
        return loaded.computeIfAbsent(entry.key(), ServiceCatalog::load);
    }

    private static ServiceModel load(String key) {
        try (InputStream in = new GZIPInputStream(resource(FOLDER + key + ".json.gz"))) {
            return ServiceModel.read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream resource(String name) {
        InputStream in = ServiceCatalog.class.getResourceAsStream(name);
        if (in == null) {
            throw new IllegalStateException(
                    "expected the resource " + name + ", which the build makes");
        }
        return in;
    }
}

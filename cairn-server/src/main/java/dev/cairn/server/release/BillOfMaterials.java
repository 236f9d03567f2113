package dev.cairn.server.release;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// The list of what a release consists of (SBOM), in CycloneDX's JSON
/// (<https://cyclonedx.org/specification/overview/>).
///
/// The build writes it as `cairn-VERSION.cdx.json` beside the program's jar.
///
/// @param json the document itself
/// @param components what it lists, by coordinates
public record BillOfMaterials(JsonNode json, List<Component> components) {
    private static final String NAME_END = ".cdx.json";

    /// Where libraries lie beside the program: its own, and those of the lake's processes.
    private static final List<String> LIBRARIES = List.of("lib", "lake");

    private static final int BUFFER_BYTES = 1 << 16;

    public BillOfMaterials {
        components = List.copyOf(components);
    }

    /// The folder with the program's jar.
    ///
    /// @return empty when the program does not run from its jar
    public static Optional<Path> home() throws IOException {
        try {
            var own =
                    Path.of(
                            BillOfMaterials.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            return Files.isRegularFile(own)
                    ? Optional.ofNullable(own.toAbsolutePath().getParent())
                    : Optional.empty();
        } catch (URISyntaxException failure) {
            throw new IOException("cannot find Cairn's own files", failure);
        }
    }

    /// The list of a release.
    ///
    /// @param home the folder with its jar
    /// @param version of the release
    /// @return empty when there is none
    /// @throws IOException when there is one that is not CycloneDX's JSON
    public static Optional<BillOfMaterials> of(Path home, String version) throws IOException {
        var file = home.resolve("cairn-" + version + NAME_END);
        return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
    }

    /// Reads a list.
    ///
    /// @throws IOException when the file cannot be read, or is not CycloneDX's JSON
    public static BillOfMaterials read(Path file) throws IOException {
        JsonNode json;
        try (var in = Files.newInputStream(file)) {
            json = new ObjectMapper().readTree(in);
        } catch (JacksonException broken) {
            throw new IOException(
                    "%s: expected CycloneDX in JSON, got no JSON".formatted(file), broken);
        }
        if (!json.path("bomFormat").asText().equals("CycloneDX") || !json.has("components")) {
            throw new IOException(
                    "%s: expected CycloneDX in JSON, with components".formatted(file));
        }
        var components = new ArrayList<Component>();
        for (var component : json.path("components")) {
            components.add(component(component));
        }
        components.sort(
                Comparator.comparing(Component::coordinates).thenComparing(Component::version));
        return new BillOfMaterials(json, components);
    }

    private static Component component(JsonNode node) {
        var licences = new ArrayList<String>();
        for (var choice : node.path("licenses")) {
            var licence = choice.path("license");
            licences.add(
                    choice.path("expression")
                            .asText(licence.path("id").asText(licence.path("name").asText())));
        }
        var sha256 = "";
        for (var hash : node.path("hashes")) {
            if (hash.path("alg").asText().equals("SHA-256")) {
                sha256 = hash.path("content").asText().toLowerCase(Locale.ROOT);
            }
        }
        return new Component(
                node.path("group").asText(),
                node.path("name").asText(),
                node.path("version").asText(),
                licences,
                sha256);
    }

    /// The libraries of a release that are not, byte for byte, what its list says.
    ///
    /// @param home the folder with its jar
    /// @return their paths below that folder, in order
    public List<String> unlisted(Path home) throws IOException {
        var known =
                components.stream()
                        .map(Component::sha256)
                        .filter(hash -> !hash.isEmpty())
                        .collect(Collectors.toSet());
        var unlisted = new ArrayList<String>();
        for (var folder : LIBRARIES) {
            var libraries = home.resolve(folder);
            if (!Files.isDirectory(libraries)) {
                continue;
            }
            try (var files = Files.list(libraries)) {
                for (var file : files.sorted().toList()) {
                    if (!known.contains(sha256(file))) {
                        unlisted.add(home.relativize(file).toString());
                    }
                }
            }
        }
        return unlisted;
    }

    private static String sha256(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = new byte[BUFFER_BYTES];
            for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

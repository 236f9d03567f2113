package dev.cairn.aws.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/// A step of the build: takes AWS's models from their artifact, strips what only people read, lays
/// our overlays over them (a service that AWS's artifact lacks is all overlay) and writes the
/// folder [ServiceCatalog] reads. The same inputs give the same bytes; unchanged inputs, no work.
final class ModelCompiler {

    private static final Pattern MODEL =
            Pattern.compile("models/(.+)-(\\d{4}-\\d{2}-\\d{2})-model\\.json");
    private static final Pattern OVERLAY = Pattern.compile("(.+)-(\\d{4}-\\d{2}-\\d{2})\\.json");
    private static final String ANY_MODEL = "models/sts-2011-06-15-model.json";
    private static final List<String> FOR_PEOPLE = List.of("documentation", "deprecatedMessage");

    private final JsonMapper json =
            JsonMapper.builder().disable(SerializationFeature.INDENT_OUTPUT).build();
    private final Path folder;
    private final Path overlays;

    private ModelCompiler(Path classes) {
        Path here = classes.resolve(ModelCompiler.class.getPackageName().replace('.', '/'));
        this.folder = here.resolve(ServiceCatalog.FOLDER);
        this.overlays = here.resolve("overlay");
    }

    /// Compiles all models.
    ///
    /// @param args the folder of compiled classes, then a file for remembering what was compiled
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            throw new IllegalArgumentException(
                    "expected the classes folder and the stamp file, got "
                            + args.length
                            + " arguments");
        }
        URL models = ModelCompiler.class.getClassLoader().getResource(ANY_MODEL);
        if (models == null || !(models.openConnection() instanceof JarURLConnection connection)) {
            throw new IllegalStateException(
                    "expected com.amazonaws:aws-java-sdk-models on the class path, with "
                            + ANY_MODEL);
        }
        new ModelCompiler(Path.of(args[0])).compile(connection, Path.of(args[1]));
    }

    private void compile(JarURLConnection connection, Path stampFile) throws IOException {
        connection.setUseCaches(false);
        try (JarFile jar = connection.getJarFile()) {
            String stamp = stamp(jar);
            if (Files.exists(folder.resolve("index.json"))
                    && Files.exists(stampFile)
                    && Files.readString(stampFile).equals(stamp)) {
                return;
            }
            Files.createDirectories(folder);
            List<JarEntry> models =
                    jar.stream()
                            .filter(entry -> MODEL.matcher(entry.getName()).matches())
                            .sorted(Comparator.comparing(JarEntry::getName))
                            .toList();
            ArrayNode index = json.createArrayNode();
            for (JarEntry entry : models) {
                Matcher name = MODEL.matcher(entry.getName());
                if (name.matches()) {
                    index.add(compile(jar, entry, name.group(1), name.group(2)));
                }
            }
            for (Path overlay : overlayFiles()) {
                Matcher name = OVERLAY.matcher(String.valueOf(overlay.getFileName()));
                boolean whole =
                        name.matches()
                                && jar.getJarEntry(
                                                "models/%s-%s-model.json"
                                                        .formatted(name.group(1), name.group(2)))
                                        == null;
                if (whole) {
                    ObjectNode model = (ObjectNode) json.readTree(Files.readAllBytes(overlay));
                    index.add(write(model, name.group(1), name.group(2)));
                }
            }
            Files.write(folder.resolve("index.json"), json.writeValueAsBytes(index));
            Files.writeString(stampFile, stamp);
        }
    }

    private ObjectNode compile(JarFile jar, JarEntry entry, String name, String version)
            throws IOException {
        ObjectNode model;
        try (InputStream in = jar.getInputStream(entry)) {
            model = (ObjectNode) json.readTree(in);
        }
        model.retain("metadata", "operations", "shapes");
        strip(model);
        String key = name + "-" + version;
        Path overlay = overlays.resolve(key + ".json");
        if (Files.exists(overlay)) {
            lay(json.readTree(Files.readAllBytes(overlay)), model);
        }
        return write(model, name, version);
    }

    private ObjectNode write(ObjectNode model, String name, String version) throws IOException {
        String key = name + "-" + version;
        ServiceModel.of(
                model); // a model that cannot be read must fail here, not in front of a caller
        try (OutputStream out =
                new GZIPOutputStream(Files.newOutputStream(folder.resolve(key + ".json.gz")))) {
            out.write(json.writeValueAsBytes(model));
        }
        ObjectNode listed = json.createObjectNode().put("name", name);
        listed.set("metadata", model.path("metadata"));
        return listed;
    }

    /// Only texts go: a member or shape may well be called "documentation".
    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (String field : FOR_PEOPLE) {
                if (object.path(field).isTextual()) {
                    object.remove(field);
                }
            }
        }
        node.forEach(ModelCompiler::strip);
    }

    /// Objects are merged, everything else is replaced.
    private static void lay(JsonNode overlay, ObjectNode over) {
        for (var entry : overlay.properties()) {
            if (entry.getValue().isObject()
                    && over.get(entry.getKey()) instanceof ObjectNode below) {
                lay(entry.getValue(), below);
            } else {
                over.set(entry.getKey(), entry.getValue());
            }
        }
    }

    private String stamp(JarFile jar) throws IOException {
        MessageDigest digest = sha256();
        Path path = Path.of(jar.getName());
        digest.update(
                (path.getFileName() + " " + Files.size(path)).getBytes(StandardCharsets.UTF_8));
        try (InputStream self = ModelCompiler.class.getResourceAsStream("ModelCompiler.class")) {
            digest.update(self == null ? new byte[0] : self.readAllBytes());
        }
        for (Path overlay : overlayFiles()) {
            digest.update(Files.readAllBytes(overlay));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private List<Path> overlayFiles() throws IOException {
        var files = new ArrayList<Path>();
        if (Files.isDirectory(overlays)) {
            try (var listed = Files.list(overlays)) {
                listed.sorted().forEach(files::add);
            }
        }
        return files;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

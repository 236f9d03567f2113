package dev.cairn.trail;

import dev.cairn.aggregation.Template;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.Failure;
import dev.cairn.selector.Selectors;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How trails and their versions are written in the catalog.
final class TrailDocuments {
    private static final String TAG = "tag:";

    private TrailDocuments() {}

    static String json(TrailState state) {
        Fields fields =
                fields(state.trail())
                        .with("id", state.id())
                        .with("selectors", state.selectors().json())
                        .with("templates", text(state.templates()))
                        .with("logging", Boolean.toString(state.logging()))
                        .with("created", state.created().toString());
        fields = state.started() == null ? fields : fields.with("started", "" + state.started());
        fields = state.stopped() == null ? fields : fields.with("stopped", "" + state.stopped());
        for (Map.Entry<String, String> tag : state.tags().entrySet()) {
            fields = fields.with(TAG + tag.getKey(), tag.getValue());
        }
        return fields.json();
    }

    static TrailState state(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        try {
            Map<String, String> tags = new TreeMap<>();
            for (String name : fields.names()) {
                if (name.startsWith(TAG)) {
                    tags.put(name.substring(TAG.length()), fields.text(name));
                }
            }
            return new TrailState(
                    fields.text("id"),
                    trail(fields),
                    Selectors.read(fields.text("selectors")),
                    templates(fields),
                    Boolean.parseBoolean(fields.text("logging")),
                    Instant.parse(fields.text("created")),
                    instant(fields, "started"),
                    instant(fields, "stopped"),
                    tags);
        } catch (IllegalArgumentException | DateTimeParseException | Failure damaged) {
            throw corrupt(document, damaged);
        }
    }

    static String json(TrailVersion version) {
        return fields(version).json();
    }

    private static Fields fields(TrailVersion version) {
        return fields(version.trail())
                .with("number", Integer.toString(version.number()))
                .with("selectors", version.selectors().json())
                .with("templates", text(version.templates()))
                .with("logging", Boolean.toString(version.logging()))
                .with("deleted", Boolean.toString(version.deleted()))
                .with("since", version.since().toString())
                .with("from", text(version.from()));
    }

    static TrailVersion version(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        try {
            return new TrailVersion(
                    Integer.parseInt(fields.text("number")),
                    trail(fields),
                    Selectors.read(fields.text("selectors")),
                    templates(fields),
                    Boolean.parseBoolean(fields.text("logging")),
                    Boolean.parseBoolean(fields.text("deleted")),
                    Instant.parse(fields.text("since")),
                    offsets(fields.text("from")));
        } catch (IllegalArgumentException | DateTimeParseException | Failure damaged) {
            throw corrupt(document, damaged);
        }
    }

    /// @param feed of which `to` is left out while it holds on
    static String json(Feed feed) {
        Fields fields = fields(feed.version());
        return feed.to().getFirst() == Long.MAX_VALUE
                ? fields.json()
                : fields.with("to", text(feed.to())).json();
    }

    static Feed feed(Document document) throws CatalogException {
        TrailVersion version = version(document);
        Fields fields = Fields.of(document);
        try {
            return new Feed(
                    document.key().substring(0, document.key().indexOf('/')),
                    version,
                    fields.find("to").isPresent()
                            ? offsets(fields.text("to"))
                            : Collections.nCopies(version.from().size(), Long.MAX_VALUE));
        } catch (IllegalArgumentException damaged) {
            throw corrupt(document, damaged);
        }
    }

    private static String text(List<Long> offsets) {
        return offsets.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static List<Long> offsets(String text) {
        return Arrays.stream(text.split(",", -1)).map(Long::valueOf).toList();
    }

    private static Fields fields(Trail trail) {
        Fields fields =
                Fields.none()
                        .with("account", trail.account())
                        .with("name", trail.name())
                        .with("homeRegion", trail.homeRegion())
                        .with("bucket", trail.bucket())
                        .with("prefix", trail.prefix())
                        .with("globalEvents", Boolean.toString(trail.globalEvents()))
                        .with("multiRegion", Boolean.toString(trail.multiRegion()))
                        .with("validation", Boolean.toString(trail.validation()))
                        .with("recursiveLogging", Boolean.toString(trail.recursiveLogging()));
        fields = trail.topic() == null ? fields : fields.with("topic", trail.topic());
        fields = trail.kmsKey() == null ? fields : fields.with("kmsKey", trail.kmsKey());
        CloudWatchLogs logs = trail.logs();
        return logs == null
                ? fields
                : fields.with("logGroup", logs.group()).with("logRole", logs.role());
    }

    private static Trail trail(Fields fields) throws CatalogException {
        return new Trail(
                fields.text("account"),
                fields.text("name"),
                fields.text("homeRegion"),
                fields.text("bucket"),
                fields.text("prefix"),
                fields.find("topic").orElse(null),
                Boolean.parseBoolean(fields.text("globalEvents")),
                Boolean.parseBoolean(fields.text("multiRegion")),
                Boolean.parseBoolean(fields.text("validation")),
                Boolean.parseBoolean(fields.text("recursiveLogging")),
                fields.find("kmsKey").orElse(null),
                logs(fields));
    }

    private static @Nullable CloudWatchLogs logs(Fields fields) throws CatalogException {
        return fields.find("logGroup").isEmpty()
                ? null
                : new CloudWatchLogs(fields.text("logGroup"), fields.text("logRole"));
    }

    private static String text(Set<Template> templates) {
        return templates.stream().map(Template::name).sorted().collect(Collectors.joining(","));
    }

    /// Trails once had none.
    private static Set<Template> templates(Fields fields) {
        String text = fields.find("templates").orElse("");
        return text.isEmpty()
                ? Set.of()
                : Arrays.stream(text.split(",", -1))
                        .map(Template::valueOf)
                        .collect(Collectors.toUnmodifiableSet());
    }

    private static @Nullable Instant instant(Fields fields, String name) {
        return fields.find(name).map(Instant::parse).orElse(null);
    }

    private static CatalogException corrupt(Document document, RuntimeException cause) {
        return new CatalogException(
                CatalogException.Kind.CORRUPT,
                "expected a trail in the document %s/%s: %s"
                        .formatted(document.kind(), document.key(), cause.getMessage()),
                cause);
    }
}

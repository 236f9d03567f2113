package dev.cairn.store;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.Failure;
import dev.cairn.selector.Selectors;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// How event data stores and their versions are written in the catalog.
final class StoreDocuments {
    private static final String TAG = "tag:";

    private StoreDocuments() {}

    static String json(StoreState state) {
        Fields fields =
                fields(state.store())
                        .with("ingesting", Boolean.toString(state.ingesting()))
                        .with("created", state.created().toString())
                        .with("updated", state.updated().toString());
        fields =
                state.deleted() == null
                        ? fields
                        : fields.with("deleted", state.deleted().toString());
        fields =
                state.federationRole() == null
                        ? fields
                        : fields.with("federationRole", state.federationRole());
        fields = state.policy() == null ? fields : fields.with("policy", state.policy());
        for (Map.Entry<String, String> tag : state.tags().entrySet()) {
            fields = fields.with(TAG + tag.getKey(), tag.getValue());
        }
        return fields.json();
    }

    static StoreState state(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        try {
            Map<String, String> tags = new TreeMap<>();
            for (String name : fields.names()) {
                if (name.startsWith(TAG)) {
                    tags.put(name.substring(TAG.length()), fields.text(name));
                }
            }
            return new StoreState(
                    store(fields),
                    Boolean.parseBoolean(fields.text("ingesting")),
                    Instant.parse(fields.text("created")),
                    Instant.parse(fields.text("updated")),
                    fields.find("deleted").map(Instant::parse).orElse(null),
                    tags,
                    fields.find("federationRole").orElse(null),
                    fields.find("policy").orElse(null));
        } catch (IllegalArgumentException | DateTimeParseException | Failure damaged) {
            throw corrupt(document, damaged);
        }
    }

    static String json(StoreVersion version) {
        return fields(version.store())
                .with("number", Integer.toString(version.number()))
                .with("taking", Boolean.toString(version.taking()))
                .with(
                        "from",
                        version.from().stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(",")))
                .json();
    }

    static StoreVersion version(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        try {
            List<Long> from = new ArrayList<>();
            for (String offset : fields.text("from").split(",", -1)) {
                from.add(Long.valueOf(offset));
            }
            return new StoreVersion(
                    Integer.parseInt(fields.text("number")),
                    store(fields),
                    Boolean.parseBoolean(fields.text("taking")),
                    from);
        } catch (IllegalArgumentException | DateTimeParseException | Failure damaged) {
            throw corrupt(document, damaged);
        }
    }

    private static Fields fields(EventDataStore store) {
        return Fields.none()
                .with("id", store.id())
                .with("account", store.account())
                .with("region", store.region())
                .with("name", store.name())
                .with("selectors", store.selectors().json())
                .with("multiRegion", Boolean.toString(store.multiRegion()))
                .with("retentionDays", Integer.toString(store.retentionDays()))
                .with("terminationProtection", Boolean.toString(store.terminationProtection()))
                .with("billing", store.billing().name())
                .with("channels", String.join(",", store.channels()));
    }

    private static EventDataStore store(Fields fields) throws CatalogException {
        return new EventDataStore(
                fields.text("id"),
                fields.text("account"),
                fields.text("region"),
                fields.text("name"),
                Selectors.readOfStore(fields.text("selectors")),
                Boolean.parseBoolean(fields.text("multiRegion")),
                Integer.parseInt(fields.text("retentionDays")),
                Boolean.parseBoolean(fields.text("terminationProtection")),
                EventDataStore.Billing.valueOf(fields.text("billing")),
                // Before there were channels, none was written.
                fields.find("channels")
                        .filter(arns -> !arns.isEmpty())
                        .map(arns -> Set.of(arns.split(",", -1)))
                        .orElse(Set.of()));
    }

    private static CatalogException corrupt(Document document, RuntimeException cause) {
        return new CatalogException(
                CatalogException.Kind.CORRUPT,
                "expected an event data store in the document %s/%s: %s"
                        .formatted(document.kind(), document.key(), cause.getMessage()),
                cause);
    }
}

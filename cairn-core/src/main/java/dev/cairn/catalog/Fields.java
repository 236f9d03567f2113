package dev.cairn.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The plainest form of a document: named texts, one JSON object of strings.
///
/// Immutable. Fields that this version does not know are kept when a document is read, changed and
/// written again.
public final class Fields {
    private static final JsonFactory JSON = new JsonFactory();

    private final Map<String, String> texts;

    private Fields(Map<String, String> texts) {
        this.texts = texts;
    }

    /// No fields.
    public static Fields none() {
        return new Fields(Map.of());
    }

    /// Fields by their names.
    public static Fields of(Map<String, String> texts) {
        return new Fields(new LinkedHashMap<>(texts));
    }

    /// Reads a document.
    ///
    /// @throws CatalogException with kind CORRUPT when it is not an object of strings
    public static Fields of(Catalog.Document document) throws CatalogException {
        Map<String, String> texts = new LinkedHashMap<>();
        try (JsonParser parser = JSON.createParser(document.json())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw corrupt(document, "an object", null);
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() != JsonToken.VALUE_STRING) {
                    throw corrupt(document, "a string as " + name, null);
                }
                texts.put(name, parser.getText());
            }
        } catch (IOException e) {
            throw corrupt(document, "JSON", e);
        }
        return new Fields(texts);
    }

    /// A copy with a field set.
    public Fields with(String name, String text) {
        Map<String, String> copy = new LinkedHashMap<>(texts);
        copy.put(name, text);
        return new Fields(copy);
    }

    /// A copy without a field.
    public Fields without(String name) {
        Map<String, String> copy = new LinkedHashMap<>(texts);
        copy.remove(name);
        return new Fields(copy);
    }

    public Optional<String> find(String name) {
        return Optional.ofNullable(texts.get(name));
    }

    /// A field that every document of this kind has.
    ///
    /// @throws CatalogException with kind CORRUPT when it is absent
    public String text(String name) throws CatalogException {
        String text = texts.get(name);
        if (text == null) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "expected a document with a field %s, got %s".formatted(name, texts.keySet()));
        }
        return text;
    }

    /// The names of all fields, in the order they were set.
    public List<String> names() {
        return List.copyOf(texts.keySet());
    }

    public String json() {
        StringWriter json = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(json)) {
            generator.writeStartObject();
            for (Map.Entry<String, String> field : texts.entrySet()) {
                generator.writeStringField(field.getKey(), field.getValue());
            }
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return json.toString();
    }

    /// The names alone: a document may hold what must not be shown.
    @Override
    public String toString() {
        return "Fields" + texts.keySet();
    }

    private static CatalogException corrupt(
            Catalog.Document document, String expected, @Nullable IOException cause) {
        String message =
                "expected %s in the document %s/%s"
                        .formatted(expected, document.kind(), document.key());
        return cause == null
                ? new CatalogException(CatalogException.Kind.CORRUPT, message)
                : new CatalogException(CatalogException.Kind.CORRUPT, message, cause);
    }
}

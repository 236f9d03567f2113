package dev.cairn.selector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.selector.AdvancedEventSelector.FieldSelector;
import dev.cairn.selector.EventSelector.DataResource;
import dev.cairn.selector.EventSelector.ReadWrite;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Selectors as the API writes them, which is also how the catalog keeps them.
final class SelectorForm {
    private static final JsonFactory JSON = new JsonFactory();

    private SelectorForm() {}

    // Reading.

    static Selectors read(String json, Rules rules) {
        try (JsonParser parser = JSON.createParser(json)) {
            expect(parser.nextToken(), JsonToken.START_OBJECT);
            List<EventSelector> basic = null;
            List<AdvancedEventSelector> advanced = null;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String member = parser.currentName();
                JsonToken value = parser.nextToken();
                if (member.equals("EventSelectors") && value != JsonToken.VALUE_NULL) {
                    basic = list(parser, SelectorForm::eventSelector);
                } else if (member.equals("AdvancedEventSelectors")
                        && value != JsonToken.VALUE_NULL) {
                    advanced = list(parser, SelectorForm::advancedEventSelector);
                } else {
                    parser.skipChildren();
                }
            }
            return selectors(basic, advanced, rules);
        } catch (IOException malformed) {
            throw new IllegalArgumentException("expected selectors", malformed);
        }
    }

    private static Selectors selectors(
            @Nullable List<EventSelector> basic,
            @Nullable List<AdvancedEventSelector> advanced,
            Rules rules) {
        if (basic == null && advanced == null) {
            throw Selectors.refused("Expected EventSelectors or AdvancedEventSelectors.");
        }
        if (basic != null && advanced != null) {
            throw Selectors.refused(
                    "Expected either EventSelectors or AdvancedEventSelectors, got both.");
        }
        if (basic == null) {
            return Selectors.advanced(orEmpty(advanced), rules);
        }
        if (rules == Rules.STORE) {
            throw Selectors.refused("An event data store has advanced event selectors only.");
        }
        return Selectors.basic(basic);
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static EventSelector eventSelector(JsonParser parser) throws IOException {
        expect(parser.currentToken(), JsonToken.START_OBJECT);
        ReadWrite readWrite = ReadWrite.ALL;
        boolean management = true;
        List<DataResource> resources = List.of();
        List<String> excluded = List.of();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String member = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (member) {
                case "ReadWriteType" -> readWrite = readWrite(parser.getText());
                case "IncludeManagementEvents" -> management = parser.getBooleanValue();
                case "DataResources" -> resources = list(parser, SelectorForm::dataResource);
                case "ExcludeManagementEventSources" -> excluded = texts(parser);
                default -> parser.skipChildren();
            }
        }
        return new EventSelector(readWrite, management, resources, excluded);
    }

    private static ReadWrite readWrite(String word) {
        for (ReadWrite value : ReadWrite.values()) {
            if (value.wireName().equals(word)) {
                return value;
            }
        }
        throw Selectors.refused(
                "Value %s for ReadWriteType is invalid: expected ReadOnly, WriteOnly or All."
                        .formatted(word));
    }

    private static DataResource dataResource(JsonParser parser) throws IOException {
        expect(parser.currentToken(), JsonToken.START_OBJECT);
        String type = "";
        List<String> values = List.of();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String member = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (member) {
                case "Type" -> type = parser.getText();
                case "Values" -> values = texts(parser);
                default -> parser.skipChildren();
            }
        }
        return new DataResource(type, values);
    }

    private static AdvancedEventSelector advancedEventSelector(JsonParser parser)
            throws IOException {
        expect(parser.currentToken(), JsonToken.START_OBJECT);
        String name = "";
        List<FieldSelector> fields = List.of();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String member = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (member) {
                case "Name" -> name = parser.getText();
                case "FieldSelectors" -> fields = list(parser, SelectorForm::fieldSelector);
                default -> parser.skipChildren();
            }
        }
        return new AdvancedEventSelector(name, fields);
    }

    private static FieldSelector fieldSelector(JsonParser parser) throws IOException {
        expect(parser.currentToken(), JsonToken.START_OBJECT);
        String field = "";
        List<String> equalTo = List.of();
        List<String> startsWith = List.of();
        List<String> endsWith = List.of();
        List<String> notEqualTo = List.of();
        List<String> notStartsWith = List.of();
        List<String> notEndsWith = List.of();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String member = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (member) {
                case "Field" -> field = parser.getText();
                case "Equals" -> equalTo = texts(parser);
                case "StartsWith" -> startsWith = texts(parser);
                case "EndsWith" -> endsWith = texts(parser);
                case "NotEquals" -> notEqualTo = texts(parser);
                case "NotStartsWith" -> notStartsWith = texts(parser);
                case "NotEndsWith" -> notEndsWith = texts(parser);
                default -> parser.skipChildren();
            }
        }
        return new FieldSelector(
                field, equalTo, startsWith, endsWith, notEqualTo, notStartsWith, notEndsWith);
    }

    private static List<String> texts(JsonParser parser) throws IOException {
        return list(parser, JsonParser::getText);
    }

    private static <T> List<T> list(JsonParser parser, Item<T> item) throws IOException {
        expect(parser.currentToken(), JsonToken.START_ARRAY);
        List<T> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(item.read(parser));
        }
        return list;
    }

    private static void expect(@Nullable JsonToken got, JsonToken expected) {
        if (got != expected) {
            throw new IllegalArgumentException("expected %s, got %s".formatted(expected, got));
        }
    }

    private interface Item<T> {
        T read(JsonParser parser) throws IOException;
    }

    // Writing.

    static String write(Selectors selectors) {
        StringWriter json = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(json)) {
            generator.writeStartObject();
            if (selectors.advanced().isEmpty()) {
                generator.writeArrayFieldStart("EventSelectors");
                for (EventSelector selector : selectors.basic()) {
                    write(generator, selector);
                }
            } else {
                generator.writeArrayFieldStart("AdvancedEventSelectors");
                for (AdvancedEventSelector selector : selectors.advanced()) {
                    write(generator, selector);
                }
            }
            generator.writeEndArray();
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return json.toString();
    }

    private static void write(JsonGenerator generator, EventSelector selector) throws IOException {
        generator.writeStartObject();
        generator.writeStringField("ReadWriteType", selector.readWrite().wireName());
        generator.writeBooleanField("IncludeManagementEvents", selector.managementEvents());
        generator.writeArrayFieldStart("DataResources");
        for (DataResource resource : selector.dataResources()) {
            generator.writeStartObject();
            generator.writeStringField("Type", resource.type());
            texts(generator, "Values", resource.values());
            generator.writeEndObject();
        }
        generator.writeEndArray();
        texts(generator, "ExcludeManagementEventSources", selector.excludedSources());
        generator.writeEndObject();
    }

    private static void write(JsonGenerator generator, AdvancedEventSelector selector)
            throws IOException {
        generator.writeStartObject();
        if (!selector.name().isEmpty()) {
            generator.writeStringField("Name", selector.name());
        }
        generator.writeArrayFieldStart("FieldSelectors");
        for (FieldSelector field : selector.fields()) {
            generator.writeStartObject();
            generator.writeStringField("Field", field.field());
            given(generator, "Equals", field.equalTo());
            given(generator, "StartsWith", field.startsWith());
            given(generator, "EndsWith", field.endsWith());
            given(generator, "NotEquals", field.notEqualTo());
            given(generator, "NotStartsWith", field.notStartsWith());
            given(generator, "NotEndsWith", field.notEndsWith());
            generator.writeEndObject();
        }
        generator.writeEndArray();
        generator.writeEndObject();
    }

    private static void given(JsonGenerator generator, String member, List<String> values)
            throws IOException {
        if (!values.isEmpty()) {
            texts(generator, member, values);
        }
    }

    private static void texts(JsonGenerator generator, String member, List<String> values)
            throws IOException {
        generator.writeArrayFieldStart(member);
        for (String value : values) {
            generator.writeString(value);
        }
        generator.writeEndArray();
    }
}

package dev.cairn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog.Document;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldsTest {
    @Property(tries = 200)
    void whatWasWrittenIsReadBack(@ForAll Map<String, String> texts) throws Exception {
        Fields fields = Fields.none();
        for (Map.Entry<String, String> text : texts.entrySet()) {
            fields = fields.with(text.getKey(), text.getValue());
        }
        Fields read = Fields.of(document(fields.json()));
        for (Map.Entry<String, String> text : texts.entrySet()) {
            assertThat(read.text(text.getKey())).isEqualTo(text.getValue());
        }
    }

    @Test
    void fieldsOfALaterVersionAreKept() throws Exception {
        Fields fields = Fields.of(document("{\"later\":\"1\",\"name\":\"old\",\"gone\":\"x\"}"));
        assertThat(fields.with("name", "new").without("gone").json())
                .isEqualTo("{\"later\":\"1\",\"name\":\"new\"}");
        assertThat(fields.find("absent")).isEmpty();
    }

    @Test
    void aFieldThatMustBeThereIsNamed() {
        assertThatThrownBy(() -> Fields.none().with("a", "1").text("b"))
                .isInstanceOf(CatalogException.class)
                .hasMessage("expected a document with a field b, got [a]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "\"a\"", "{\"a\":1}", "{\"a\":{}}", "{\"a\":\"b\"", "{a}"})
    void anotherFormIsDamage(String json) {
        assertThatThrownBy(() -> Fields.of(document(json)))
                .isInstanceOfSatisfying(
                        CatalogException.class,
                        e -> assertThat(e.kind()).isEqualTo(CatalogException.Kind.CORRUPT))
                .hasMessageContaining("k/key");
    }

    @Test
    void valuesAreNotPrinted() {
        assertThat(Fields.none().with("sealed", "hidden").toString()).isEqualTo("Fields[sealed]");
    }

    private static Document document(String json) {
        return new Document("k", "key", 1, json);
    }
}

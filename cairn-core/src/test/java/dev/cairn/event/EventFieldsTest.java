package dev.cairn.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EventFieldsTest {

    private static List<String> walk(String json) {
        List<String> found = new ArrayList<>();
        boolean complete =
                EventFields.walk(
                        json.getBytes(StandardCharsets.UTF_8),
                        (path, kind, text) -> found.add(path + " " + kind + " " + text));
        if (!complete) {
            found.add("incomplete");
        }
        return found;
    }

    @Test
    void everyScalarIsVisitedUnderItsKeysAndArraysAreTransparent() {
        assertThat(
                        walk(
                                "{\"a\":{\"b\":[{\"c\":1},[2.50,{\"c\":\"x\"}],null]},\"d.e\":true,\"f\":{},\"g\":[],\"h\":{\"\":1e3}}"))
                .containsExactly(
                        "a.b.c NUMBER 1",
                        "a.b NUMBER 2.50",
                        "a.b.c TEXT x",
                        "a.b NULL null",
                        "d.e BOOLEAN true",
                        "h. NUMBER 1e3");
    }

    @Test
    void longPathsAndTooManyValuesAreLeftOutAndSaidSo() {
        String key = "k".repeat(EventFields.PATH_CHARS_MAX);
        assertThat(walk("{\"" + key + "\":1,\"b\":2}")).hasSize(2).doesNotContain("incomplete");
        assertThat(walk("{\"" + key + "k\":1,\"l\":{\"" + key + "\":[1,{\"m\":2}]},\"b\":2}"))
                .containsExactly("b NUMBER 2", "incomplete");
        assertThat(walk("{\"a\":[1" + ",1".repeat(EventFields.VALUES_MAX) + "]}"))
                .hasSize(EventFields.VALUES_MAX + 1)
                .endsWith("incomplete");
    }

    @Test
    void halfSurrogatePairsAreReplaced() {
        assertThat(walk("{\"a\":\"\\udc00\"}")).containsExactly("a TEXT \ufffd");
    }

    @Test
    void whatNoReaderHasReadIsRefused() {
        for (String json : List.of("", "[]", "{\"a\":", "{\"a\":tru}")) {
            assertThatThrownBy(() -> walk(json)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(walk("{\"a\":" + "[".repeat(200) + "]".repeat(200) + "}"))
                .containsExactly("incomplete");
    }
}

package dev.cairn.lake.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class JsonPathsTest {
    @Test
    void every_name_is_quoted() {
        assertThat(JsonPaths.toDuck("$")).contains("$");
        assertThat(JsonPaths.toDuck("$.a.b[0].c")).contains("$.\"a\".\"b\"[0].\"c\"");
        assertThat(JsonPaths.toDuck("$[\"a b\"]['c']")).contains("$.\"a b\".\"c\"");
        assertThat(JsonPaths.toDuck("$.x:y.z-1")).contains("$.\"x:y\".\"z-1\"");
    }

    @Test
    void other_forms_are_none() {
        for (var path :
                new String[] {"", "a", "$.", "$..a", "$.*", "$[*]", "$[", "$[1", "$.a\"b", "$a"}) {
            assertThat(JsonPaths.toDuck(path)).as(path).isEmpty();
        }
    }
}

package dev.cairn.server.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Results of queries are bounded: in memory by the page, on disk by what a query may take.
class QueryResultsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROW_CHARS = 900_000;

    @TempDir private Path folder = Path.of("");

    private static ArrayNode row(int number) {
        return JSON.createArrayNode().add(number).add("x".repeat(ROW_CHARS));
    }

    @Test
    void a_page_of_large_rows_has_fewer_of_them_and_goes_on_behind_them() throws Exception {
        var results = new QueryResults(folder);
        try (var writing = results.new Writing("a", Long.MAX_VALUE)) {
            writing.line(
                    JSON.readTree(
                            "{\"columns\":[\"n\",\"text\"],\"types\":[\"BIGINT\",\"VARCHAR\"]}"));
            for (var number = 0; number < 7; number++) {
                writing.line(row(number));
            }
            writing.finish();
        }
        var next = 0L;
        var rows = 0;
        do {
            var page = results.page("a", next, 1000);
            assertThat(page.columns()).containsExactly("n", "text");
            assertThat(page.types()).containsExactly("BIGINT", "VARCHAR");
            assertThat(page.rows()).hasSizeBetween(1, 3);
            for (var row : page.rows()) {
                assertThat(row.get(0).asInt()).isEqualTo(rows++);
            }
            next = page.next();
        } while (next >= 0);
        assertThat(rows).isEqualTo(7);
    }

    @Test
    void a_result_that_would_become_too_large_is_not_written_on() throws Exception {
        var results = new QueryResults(folder);
        try (var writing = results.new Writing("a", 2_000_000)) {
            assertThat(writing.line(row(1))).isTrue();
            assertThat(writing.line(row(2))).isTrue();
            assertThat(writing.line(row(3))).isFalse();
        }
    }
}

package dev.cairn.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What becomes of placeholders.
class QueryTemplateTest {
    private static final String STORE = "0a1b2c3d-0000-4000-8000-000000000001";
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    private static String filled(String statement, String... values) {
        return new QueryTemplate(statement, List.of()).filled(List.of(values));
    }

    @Test
    void values_take_their_places_in_order_as_literals_or_as_a_table() {
        assertThat(
                        filled(
                                "SELECT 1 FROM ? WHERE eventTime > '?' AND n < ? AND who = ?",
                                STORE,
                                "2026-11-14T08:00:00Z",
                                "7",
                                "o'brien"))
                .isEqualTo(
                        "SELECT 1 FROM "
                                + STORE
                                + " WHERE eventTime > '2026-11-14 08:00:00' AND n < 7 AND who = 'o''brien'");
    }

    @Test
    void a_value_cannot_become_more_than_a_literal() {
        assertThat(filled("SELECT ? FROM t", "1; DROP")).isEqualTo("SELECT '1; DROP' FROM t");
        assertThat(filled("SELECT '?' FROM t", "' OR '")).isEqualTo("SELECT ''' OR ''' FROM t");
        assertThat(filled("SELECT '?' FROM t", "7")).isEqualTo("SELECT '7' FROM t");
    }

    @Test
    void what_is_in_literals_names_and_comments_is_no_placeholder() {
        var statement = "SELECT 'why?', \"a?\" /* ? */ FROM t -- ?\nWHERE a = ?";

        assertThat(new QueryTemplate(statement, List.of()).placeholders()).isEqualTo(1);
        assertThat(filled(statement, "b")).endsWith("\nWHERE a = 'b'");
    }

    @Test
    void there_are_as_many_values_as_placeholders() {
        for (var values : List.of(List.<String>of(), List.of("a", "b"))) {
            assertThatThrownBy(() -> new QueryTemplate("SELECT ?", List.of()).filled(values))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure ->
                                    assertThat(failure.code())
                                            .isEqualTo(ErrorCode.INVALID_PARAMETER))
                    .hasMessageContaining("Expected 1 query parameters");
        }
    }

    @Test
    void a_refresh_knows_the_last_seven_days_unless_it_is_told() {
        var query =
                new QueryTemplate(
                        "SELECT date_trunc('?', eventTime) FROM t WHERE eventTime > '?' AND eventTime < '?' AND a = ?",
                        List.of("$Period$", "$StartTime$", "$EndTime$", "b"));
        var custom =
                Dashboard.custom(
                        "1", "r", "d", List.of(), RefreshSchedule.NONE, false, Map.of(), NOW);

        assertThat(RefreshValues.of(custom, Map.of(), NOW).filled(query))
                .isEqualTo(
                        "SELECT date_trunc('day', eventTime) FROM t WHERE eventTime > '2026-11-14 08:00:00' AND eventTime < '2026-11-21 08:00:00' AND a = 'b'");
        assertThat(
                        RefreshValues.of(
                                        custom,
                                        Map.of(
                                                "$Period$",
                                                "hour",
                                                "$StartTime$",
                                                "2026-11-20 00:00:00"),
                                        NOW)
                                .filled(query))
                .startsWith(
                        "SELECT date_trunc('hour', eventTime) FROM t WHERE eventTime > '2026-11-20 00:00:00'");
    }
}

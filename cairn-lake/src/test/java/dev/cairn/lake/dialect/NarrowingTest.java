package dev.cairn.lake.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.lake.column.EventColumns;
import dev.cairn.lake.column.Sought;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class NarrowingTest {
    private static final String STORE = "0a1b2c3d-0000-4000-8000-000000000001";

    private static Sought sought(String sql) throws SqlRefusedException {
        return Dialect.translate(sql.replace("$T", STORE), Map.of(STORE, EventColumns.all()))
                .sought(STORE);
    }

    private static Optional<LocalDateTime> time(String time) {
        return Optional.of(LocalDateTime.parse(time));
    }

    @Test
    void an_event_by_its_id() throws Exception {
        var one = new Sought(Optional.of(Set.of("a")), Optional.empty(), Optional.empty());

        assertThat(sought("SELECT eventJson FROM $T WHERE EVENTID = 'a'")).isEqualTo(one);
        assertThat(
                        sought(
                                "SELECT x.eventJson FROM $T AS x WHERE x.eventID = 'a' AND (readOnly OR eventName = 'b')"))
                .isEqualTo(one);
        assertThat(
                        sought(
                                        "SELECT count(*) FROM (SELECT * FROM $T WHERE eventID IN ('a', 'b')) q")
                                .eventIds())
                .contains(Set.of("a", "b"));
    }

    @Test
    void a_time() throws Exception {
        assertThat(
                        sought(
                                "SELECT 1 FROM $T WHERE eventTime >= '2026-01-02 03:04:05.5' AND eventTime < timestamp '2026-02-01' AND eventTime > '2026-01-01'"))
                .isEqualTo(
                        new Sought(
                                Optional.empty(),
                                time("2026-01-02T03:04:05.5"),
                                time("2026-02-01T00:00:00")));
        assertThat(
                        sought(
                                "SELECT 1 FROM $T WHERE eventTime BETWEEN '2026-01-01 10:00' AND '2026-01-02 00:00:00' AND eventTime <= '2026-01-01 20:00:00'"))
                .isEqualTo(
                        new Sought(
                                Optional.empty(),
                                time("2026-01-01T10:00:00"),
                                time("2026-01-01T20:00:00")));
    }

    @Test
    void what_can_mean_others_as_well_narrows_nothing() throws Exception {
        for (var sql :
                new String[] {
                    "SELECT 1 FROM $T WHERE eventID = 'a' OR eventID = 'b'",
                    "SELECT 1 FROM $T WHERE NOT eventID = 'a'",
                    "SELECT 1 FROM $T WHERE eventID <> 'a' AND eventID NOT IN ('b')",
                    "SELECT 1 FROM $T WHERE eventID > 'a'",
                    "SELECT 1 FROM $T WHERE eventID = requestID",
                    "SELECT 1 FROM $T WHERE eventID IN ('a', requestID)",
                    "SELECT 1 FROM $T WHERE requestID = 'a'",
                    "SELECT 1 FROM $T WHERE lower(eventID) = 'a'",
                    "SELECT 1 FROM $T WHERE eventTime > '2026-01-01 00:00:00 Europe/Berlin'",
                    "SELECT 1 FROM $T WHERE eventTime > now()",
                    "SELECT 1 FROM $T WHERE eventTime NOT BETWEEN '2026-01-01' AND '2026-01-02'",
                    "SELECT 1 FROM $T a JOIN $T b ON a.eventID = b.eventID WHERE a.eventID = 'a'",
                    "SELECT (SELECT count(*) FROM $T) FROM $T WHERE eventID = 'a'",
                    "SELECT 1 FROM $T WHERE eventID = 'a' UNION ALL SELECT 1 FROM $T",
                    "SELECT 1 FROM $T WHERE eventID = 'a' AND EXISTS (SELECT 1 FROM $T)"
                }) {
            assertThat(sought(sql)).as(sql).isEqualTo(Sought.ALL);
        }
    }

    /// The name of a row's member is not the column's.
    @Test
    void only_the_tables_own_columns_count() throws Exception {
        assertThat(
                        sought(
                                "SELECT 1 FROM (SELECT requestID AS eventID FROM $T) q WHERE eventID = 'a'"))
                .isEqualTo(Sought.ALL);
        assertThat(
                        sought(
                                "SELECT 1 FROM $T WHERE EXISTS (SELECT 1 FROM UNNEST(resources) AS x(eventid, b, c, d) WHERE x.eventid = 'a')"))
                .isEqualTo(Sought.ALL);
        assertThat(
                        sought(
                                "WITH \"%s\" AS (SELECT 'x' AS eventid) SELECT 1 FROM \"%s\" WHERE eventID = 'a'"
                                        .formatted(STORE, STORE)))
                .isEqualTo(Sought.ALL);
    }
}

package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// How `logs` becomes an event data store.
class StoreStatementTest {
    private static final String STORE = "0a1b2c3d-0000-4000-8000-000000000001";
    private static final String LOGS = "logs AS (SELECT * FROM " + STORE + ")";

    private static StoreStatement of(String sql) {
        return StoreStatement.of(sql, STORE);
    }

    @Test
    void it_is_named_in_front_of_the_statement() {
        var statement = of("SELECT *\nFROM Logs");

        assertThat(statement.text()).isEqualTo("WITH " + LOGS + "\nSELECT *\nFROM Logs");
        assertThat(statement.asWritten("line 2:8: so")).isEqualTo("line 1:8: so");
        assertThat(statement.asWritten("line 3:6: so")).isEqualTo("line 2:6: so");
        assertThat(statement.asWritten("no place")).isEqualTo("no place");
    }

    @Test
    void it_is_named_before_other_names() {
        var statement = of("/* a\nb */ with x AS (SELECT * FROM logs) SELECT * FROM x\nWHERE y");

        assertThat(statement.text())
                .isEqualTo(
                        "/* a\nb */ with "
                                + LOGS
                                + ",\nx AS (SELECT * FROM logs) SELECT * FROM x\nWHERE y");
        assertThat(statement.asWritten("line 3:1: so")).isEqualTo("line 2:11: so");
        assertThat(statement.asWritten("line 4:7: so")).isEqualTo("line 3:7: so");
        assertThat(of("WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t, logs").text())
                .isEqualTo("WITH RECURSIVE " + LOGS + ",\nt AS (SELECT 1) SELECT * FROM t, logs");
    }

    @Test
    void a_statement_that_names_stores_itself_is_asked_as_it_is() {
        var sql = "SELECT 1 FROM " + STORE;

        assertThat(of(sql).text()).isEqualTo(sql);
        assertThat(of(sql).asWritten("line 2:8: so")).isEqualTo("line 2:8: so");
    }
}

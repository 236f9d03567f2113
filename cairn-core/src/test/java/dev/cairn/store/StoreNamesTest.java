package dev.cairn.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StoreNamesTest {
    private static final String ID = "0a1b2c3d-0000-4000-8000-00000000000f";
    private static final String ARN =
            "arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/" + ID;

    @Test
    void ids_and_arns_are_put_in_quotes() {
        var names = StoreNames.in("SELECT * FROM " + ID + " a, " + ARN + " b");

        assertThat(names.quoted()).isEqualTo("SELECT * FROM \"%s\" a, \"%s\" b".formatted(ID, ID));
        assertThat(names.ids()).containsExactly(ID);
    }

    @Test
    void letters_of_either_case_name_the_same_store() {
        var names = StoreNames.in("SELECT * FROM " + ID.replace('f', 'F'));

        assertThat(names.quoted()).isEqualTo("SELECT * FROM \"" + ID + "\"");
    }

    @Test
    void a_quoted_id_is_left_and_found() {
        var sql = "SELECT * FROM \"" + ID + "\"";

        assertThat(StoreNames.in(sql).quoted()).isEqualTo(sql);
        assertThat(StoreNames.in(sql).ids()).containsExactly(ID);
    }

    @Test
    void literals_and_comments_name_no_store() {
        var sql =
                "SELECT 'it''s %s' -- %s\n/* %s\n*/ FROM logs WHERE \"a\"\"%s\" = '%s'"
                        .formatted(ID, ID, ID, ID, ID);

        assertThat(StoreNames.in(sql).quoted()).isEqualTo(sql);
        assertThat(StoreNames.in(sql).ids()).isEmpty();
    }

    @Test
    void a_column_is_found_again_in_what_was_written() {
        var sql = "SELECT x\nFROM " + ID + " a JOIN " + ARN + " b ON nothing";
        var names = StoreNames.in(sql);
        var line = names.quoted().split("\n", -1)[1];

        assertThat(names.column(2, line.indexOf("nothing") + 1))
                .isEqualTo(sql.split("\n", -1)[1].indexOf("nothing") + 1);
        assertThat(names.column(2, line.indexOf("\"") + 1))
                .isEqualTo(sql.split("\n", -1)[1].indexOf(ID) + 1);
        assertThat(names.column(1, 8)).isEqualTo(8);
    }
}

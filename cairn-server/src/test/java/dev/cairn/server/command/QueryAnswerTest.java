package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The forms of a query's answer.
final class QueryAnswerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static String written(String format, List<String> columns, String... rows)
            throws IOException, CommandException {
        var out = new StringWriter();
        var answer = QueryAnswer.of(format, out);
        answer.begin(columns, columns.stream().map(_ -> "VARCHAR").toList());
        for (var row : rows) {
            answer.row(JSON.readTree(row));
        }
        answer.end();
        return out.toString();
    }

    @Test
    void csv_has_a_header_and_tells_null_from_an_empty_text() throws IOException, CommandException {
        assertThat(
                        written(
                                "csv",
                                List.of("a", "arn", "arn"),
                                "[1,null,\"\"]",
                                "[\"x,y\",\"say \\\"so\\\"\",{\"k\":[1,null]}]",
                                "[\"two\\nlines\",true,1.50]"))
                .isEqualTo(
                        "a,arn,arn\n"
                                + "1,,\"\"\n"
                                + "\"x,y\",\"say \"\"so\"\"\",\"{\"\"k\"\":[1,null]}\"\n"
                                + "\"two\nlines\",true,1.5\n");
    }

    @Test
    void objects_have_each_name_once() throws IOException, CommandException {
        assertThat(
                        written(
                                "ndjson",
                                List.of("arn", "Arn", "n"),
                                "[\"x\",null,{\"k\":1}]",
                                "[1,2,3]"))
                .isEqualTo(
                        """
                        {"arn":"x","Arn_2":null,"n":{"k":1}}
                        {"arn":1,"Arn_2":2,"n":3}
                        """);
        assertThat(JSON.readTree(written("json", List.of("a"), "[1]", "[2]")).toString())
                .isEqualTo("[{\"a\":1},{\"a\":2}]");
    }

    @Test
    void no_rows_are_still_an_answer() throws IOException, CommandException {
        assertThat(written("csv", List.of("a"))).isEqualTo("a\n");
        assertThat(written("ndjson", List.of("a"))).isEmpty();
        assertThat(JSON.readTree(written("json", List.of("a"))).isEmpty()).isTrue();
        assertThat(written("table", List.of("a"))).isEqualTo("a\n");
    }

    @Test
    void a_table_is_as_wide_as_its_first_rows_and_no_cell_controls_the_terminal()
            throws IOException, CommandException {
        assertThat(
                        written(
                                "table",
                                List.of("name", "n"),
                                "[\"GetObject\",2]",
                                "[null,3]",
                                "[\"\\u001b[31mred\",4]",
                                "[\"" + "x".repeat(90) + "\",5]"))
                .isEqualTo(
                        ("name" + " ".repeat(78) + "n\n")
                                + ("GetObject" + " ".repeat(73) + "2\n")
                                + (" ".repeat(82) + "3\n")
                                + ("?[31mred" + " ".repeat(74) + "4\n")
                                + ("x".repeat(79) + "…  5\n"));
    }
}

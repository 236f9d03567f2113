package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.server.http.SpooledBody;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TailsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;
    private BuiltOperation tail;

    @BeforeEach
    void open() throws Exception {
        tail =
                new TestParts(folder)
                        .operations
                        .signedAs("cairn")
                        .orElseThrow()
                        .operation("TailEvents")
                        .orElseThrow();
    }

    private static Invocation call(String accessKeyId, ObjectNode input) {
        return new Invocation(
                Caller.root(TestParts.ACCOUNT, accessKeyId),
                "us-east-1",
                input,
                SpooledBody.of(new byte[0]),
                TestParts.NOW);
    }

    private String after(String accessKeyId, ObjectNode input) throws Exception {
        return ((Operation.Read) tail.operation())
                .run(call(accessKeyId, input))
                .path("after")
                .asText();
    }

    private boolean recorded(String accessKeyId, ObjectNode input) {
        return !tail.dataPlane().apply(call(accessKeyId, input));
    }

    @Test
    void a_tail_is_recorded_when_it_starts_and_not_when_it_goes_on() throws Exception {
        var input = JSON.createObjectNode();

        assertThat(recorded("AKIA0", input)).isTrue();
        input.put("after", after("AKIA0", input)).put("waitSeconds", 0);
        assertThat(recorded("AKIA0", input)).isFalse();
        input.put("after", after("AKIA0", input));
        assertThat(recorded("AKIA0", input)).isFalse();
    }

    @Test
    void nobody_reads_unrecorded_by_making_up_where_to_go_on_from() throws Exception {
        var given = after("AKIA0", JSON.createObjectNode());

        assertThat(recorded("AKIA0", JSON.createObjectNode().put("after", "0"))).isTrue();
        assertThat(recorded("AKIA0", JSON.createObjectNode().put("after", "0-00"))).isTrue();
        assertThat(recorded("AKIA0", JSON.createObjectNode().put("after", "7" + given))).isTrue();
        assertThat(recorded("AKIA1", JSON.createObjectNode().put("after", given))).isTrue();
        assertThat(
                        recorded(
                                "AKIA0",
                                JSON.createObjectNode().put("after", given).put("query", "a:b")))
                .isTrue();
    }

    @Test
    void a_tail_goes_on_after_a_restart_and_is_recorded_anew() throws Exception {
        var input = JSON.createObjectNode().put("after", "0-" + "ab".repeat(32));

        assertThat(recorded("AKIA0", input)).isTrue();
        assertThat(after("AKIA0", input)).startsWith("0-");
    }
}

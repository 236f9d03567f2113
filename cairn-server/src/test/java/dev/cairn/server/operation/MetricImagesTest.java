package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a call for a picture may cost.
class MetricImagesTest {
    @TempDir private Path folder;
    private TestParts parts;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    /// A picture of two lists, each of the same line many times.
    private ObjectNode picture(int times) throws Exception {
        var list = String.join(",", Collections.nCopies(times, "f"));
        var widget =
                """
                {"period": 86400, "start": "-P2D", "metrics": [
                    ["Shop", "orders", {"id": "m", "visible": false}],
                    [{"expression": "FILL(m, 1)", "id": "f", "visible": false}],
                    [{"expression": "[%s]", "id": "a"}], [{"expression": "[%s]", "id": "b"}]]}
                """
                        .formatted(list, list);
        return parts.run(
                parts.operations
                        .signedAs("monitoring")
                        .orElseThrow()
                        .operation("GetMetricWidgetImage")
                        .orElseThrow()
                        .operation(),
                new Invocation(
                        Caller.root(TestParts.ACCOUNT, "AKIA0"),
                        "us-east-1",
                        JsonNodeFactory.instance.objectNode().put("MetricWidget", widget),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW));
    }

    @Test
    void lines_are_counted_as_they_are_found() throws Exception {
        var png = Base64.getDecoder().decode(picture(2).path("MetricWidgetImage").asText());
        assertThat(new String(png, 1, 3, StandardCharsets.US_ASCII)).isEqualTo("PNG");
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> picture(300))
                .satisfies(refused -> assertThat(refused.message()).contains("500"));
    }
}

package dev.cairn.server.operation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.account.Caller;
import dev.cairn.server.http.SpooledBody;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportsTest {
    @TempDir private Path folder;

    private static String record(String id, String account) {
        return """
        {"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2020-01-01T00:00:00Z",\
        "eventSource":"ec2.amazonaws.com","eventName":"StopInstances","awsRegion":"us-east-1",\
        "eventID":"%s","recipientAccountId":"%s"}
        """
                .formatted(id, account);
    }

    @Test
    void an_event_of_an_account_that_cannot_be_is_refused_alone() throws Exception {
        var parts = new TestParts(folder);
        var file =
                record("e1", TestParts.ACCOUNT)
                        + record("e2", "\\u0007")
                        + record("e3", "1".repeat(300))
                        + record("e4", "700***");

        var answer =
                new Imports(parts.ledger, parts.accounts, parts.stores, parts.imports, 1 << 20)
                        .importFile(
                                new Invocation(
                                        Caller.root(TestParts.ACCOUNT, "AKIA0"),
                                        "us-east-1",
                                        new ObjectMapper().createObjectNode(),
                                        SpooledBody.of(file.getBytes(UTF_8)),
                                        TestParts.NOW));

        assertThat(answer.path("recorded").asLong()).isEqualTo(2);
        assertThat(answer.path("refusedCount").asLong()).isEqualTo(2);
        assertThat(answer.path("refused").path(0).path("index").asLong()).isEqualTo(1);
    }
}

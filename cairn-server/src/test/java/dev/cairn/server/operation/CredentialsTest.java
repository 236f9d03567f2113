package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.catalog.CatalogException;
import dev.cairn.gateway.principal.Principal;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.server.http.Reply;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.testkit.history.Records;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Access keys and their last use.
final class CredentialsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;
    private final Records records = new Records(0);
    private int number;
    private TestParts parts;
    private Principals principals;
    private Credentials credentials;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        principals = new Principals(parts.catalog, parts.accounts);
        credentials =
                new Credentials(
                        parts.accounts,
                        principals,
                        parts.history,
                        new Searches(
                                parts.history,
                                () -> parts.oldestPending,
                                new Access(TestParts.ACCOUNT)));
    }

    private void used(String key, int minute) {
        var record =
                Records.record(
                        "e" + number++, "2026-11-20T10:%02d:00Z".formatted(minute), "GetObject");
        record.put(
                "userIdentity",
                Map.of("type", "IAMUser", "accessKeyId", key, "userName", "u" + minute));
        records.add(record);
    }

    /// Every line, the last one aside.
    private List<JsonNode> listed(Caller caller, String input) throws Exception {
        parts.history.take(records.slice());
        parts.history.refresh();
        var call =
                new Invocation(
                        caller,
                        "us-east-1",
                        (ObjectNode) JSON.readTree(input),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW);
        var out = new ByteArrayOutputStream();
        ((Reply.Streamed) credentials.list(call).body()).writer().write(out);
        var lines = new ArrayList<JsonNode>();
        for (var line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        assertThat(lines.removeLast().path("done").asBoolean()).isTrue();
        return lines;
    }

    private static List<String> of(List<JsonNode> lines) {
        return lines.stream()
                .map(line ->
                        "%s %s %s %s"
                                .formatted(
                                        line.path("accessKeyId").asText(),
                                        line.path("knownTo").asText(),
                                        line.path("user").asText("-"),
                                        line.path("lastUsed").asText("-")))
                .toList();
    }

    @Test
    void each_key_comes_once_from_who_knows_it_best_with_its_newest_event() throws Exception {
        var own =
                parts.catalog.<String, CatalogException>write(tx -> {
                    principals.put(
                            tx,
                            Principal.of("CEPHKEY1", "IAMUser", "222222222222", "mary", "", ""));
                    return parts.accounts
                            .createKey(tx, TestParts.ACCOUNT, "auditor", Allow.READ)
                            .accessKeyId();
                });
        used(own, 1);
        used(own, 2);
        used("CEPHKEY1", 3);
        used("AKIANOBODY", 4);

        var listed = listed(Caller.root(TestParts.ACCOUNT, "AKIA0"), "{}");

        assertThat(of(listed))
                .contains(
                        own + " cairn auditor 2026-11-20T10:02:00Z",
                        "CEPHKEY1 gateway mary 2026-11-20T10:03:00Z",
                        "AKIANOBODY events u4 2026-11-20T10:04:00Z")
                .doesNotHaveDuplicates();
        assertThat(listed)
                .filteredOn(line -> line.path("accessKeyId").asText().equals("AKIANOBODY"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.path("status").asText()).isEqualTo("Unknown");
                    assertThat(line.path("lastUsedRegion").asText()).isEqualTo("us-east-1");
                    assertThat(line.path("lastUsedService").asText())
                            .isEqualTo("ec2.amazonaws.com");
                });
    }

    @Test
    void temporary_keys_are_passed_over_and_what_strangers_call_a_key_stops_nothing()
            throws Exception {
        used("ASIA1", 1);
        used("ASIA2", 2);
        used("ASIA\ud83d\ude00", 3);
        used("ASIA\ud83d\ude00\ud83d\ude00", 4);
        used("a\u0000\n b", 5);
        used("k".repeat(1000), 6);
        used("zz", 7);
        var root = Caller.root(TestParts.ACCOUNT, "AKIA0");

        assertThat(listed(root, "{}"))
                .filteredOn(line -> line.path("knownTo").asText().equals("events"))
                .extracting(line -> line.path("accessKeyId").asText())
                .containsExactly("a\u0000\n b", "k".repeat(1000), "zz");
        assertThat(listed(root, "{\"temporary\":true}"))
                .filteredOn(line -> line.path("knownTo").asText().equals("events"))
                .hasSize(7);
    }

    @Test
    void who_may_see_one_account_sees_its_keys_and_its_events_only() throws Exception {
        parts.catalog.<Boolean, CatalogException>write(tx -> {
            parts.accounts.create(tx, "222222222222", "other");
            principals.put(
                    tx, Principal.of("CEPHKEY1", "IAMUser", TestParts.ACCOUNT, "mary", "", ""));
            return true;
        });
        used("AKIANOBODY", 4);

        assertThat(listed(Caller.root("222222222222", "AKIA2"), "{}")).isEmpty();
    }
}

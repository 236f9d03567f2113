package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.conformance.LookupClient.Ask;
import dev.cairn.testkit.RealData;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Real log files, imported as a user would, and counted once more with other tools.
final class RealDataTest {
    private static final int LOOKED_UP = 5;

    /// What LookupEvents is asked for.
    private record Group(String account, String region, String name) {}

    @Test
    void importedRecordsAreFoundAsOftenAsTheFilesHoldThem() throws Exception {
        var data = RealData.assume();
        var records = data.folder().resolve("records");
        var expected = unique(data);
        try (var server = LiveServer.start();
                var wire = new Wire(server.endpoint())) {
            var first =
                    server.cairn(
                                    "import",
                                    records.resolve("developers-permissive.ndjson.gz").toString(),
                                    records.resolve("invictus-delivered").toString())
                            .exited(0);
            assertThat(first.out())
                    .contains("ACCOUNT", "REGION", "EVENTS")
                    .contains("%,d events recorded".formatted(expected.size()), " 0 refused")
                    .contains("next: eval ");
            var second =
                    server.cairn("import", records.resolve("invictus-delivered").toString())
                            .exited(0);
            assertThat(second.out()).contains(" 0 events recorded");

            var found =
                    server.cairn("search", "NOT eventSource:cairn.amazonaws.com", "--ndjson")
                            .exited(0)
                            .lines();
            // Byte for byte, each once.
            assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
            var parsed = new ArrayList<JsonNode>();
            for (var line : expected) {
                parsed.add(Wire.JSON.readTree(line));
            }
            sameCounts(wire, parsed, "eventName", record -> record.path("eventName").asText(""));
            sameCounts(wire, parsed, "account", RealDataTest::account);
            sameCounts(
                    wire,
                    parsed,
                    "userIdentity.userName",
                    record -> record.path("userIdentity").path("userName").asText(""));
            lookUp(server, parsed);
            assertThat(server.cairn("status", "--verify").exited(0).out()).contains("even");
        }
    }

    /// The records, each id of a place once: real traffic is delivered twice now and then.
    static List<String> unique(RealData data) throws Exception {
        var all = new ArrayList<String>();
        for (var record : data.developersPermissive()) {
            all.add(new String(record, StandardCharsets.UTF_8));
        }
        for (var body : data.invictusDelivered().values()) {
            all.addAll(recordsOf(new String(body, StandardCharsets.UTF_8)));
        }
        var seen = new HashSet<String>();
        var unique = new ArrayList<String>();
        for (var text : all) {
            var record = Wire.JSON.readTree(text);
            var id = record.path("eventID").asText("");
            if (seen.add(
                    account(record)
                            + " "
                            + record.path("awsRegion").asText()
                            + " "
                            + (id.length() == 36 ? id : text))) {
                unique.add(text);
            }
        }
        return unique;
    }

    /// The records of a log file as they stand in it: told apart by counting braces, which knows
    /// nothing of how the product does it.
    private static List<String> recordsOf(String body) {
        var records = new ArrayList<String>();
        var depth = 0;
        var start = -1;
        var inText = false;
        for (var i = 0; i < body.length(); i++) {
            var c = body.charAt(i);
            if (inText) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    inText = false;
                }
            } else if (c == '"') {
                inText = true;
            } else if (c == '{') {
                depth++;
                if (depth == 2) {
                    start = i;
                }
            } else if (c == '}') {
                depth--;
                if (depth == 1) {
                    records.add(body.substring(start, i + 1));
                }
            }
        }
        return records;
    }

    private static String account(JsonNode record) {
        for (var candidate :
                List.of(
                        record.path("recipientAccountId").asText(""),
                        record.path("userIdentity").path("accountId").asText(""),
                        record.path("userIdentity")
                                .path("sessionContext")
                                .path("sessionIssuer")
                                .path("accountId")
                                .asText(""))) {
            if (!candidate.isEmpty()) {
                return candidate;
            }
        }
        return "";
    }

    private static void sameCounts(
            Wire wire, List<JsonNode> records, String field, Function<JsonNode, String> value)
            throws Exception {
        var counts = new TreeMap<String, Integer>();
        for (var record : records) {
            counts.merge(value.apply(record), 1, Integer::sum);
        }
        counts.remove("");
        var largest =
                counts.entrySet().stream()
                        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                        .limit(20)
                        .toList();
        for (var entry : largest) {
            var question =
                    "%s:\"%s\" NOT eventSource:cairn.amazonaws.com"
                            .formatted(field, entry.getKey().replace("\"", "\\\""));
            assertThat(wire.search(LiveServer.ROOT, question))
                    .as(question)
                    .hasSize(entry.getValue());
        }
    }

    /// The largest groups of management events, by AWS's clients.
    private static void lookUp(LiveServer server, List<JsonNode> records) throws Exception {
        var management =
                new TreeMap<Group, Integer>(
                        Comparator.comparing(Group::account)
                                .thenComparing(Group::region)
                                .thenComparing(Group::name));
        for (var record : records) {
            // Those that say so: for others the category is derived.
            if (record.path("eventCategory").asText().equals("Management")
                    && account(record).matches("\\d{12}")) {
                management.merge(
                        new Group(
                                account(record),
                                record.path("awsRegion").asText(),
                                record.path("eventName").asText()),
                        1,
                        Integer::sum);
            }
        }
        var derived = new HashSet<Group>();
        for (var record : records) {
            if (!record.has("eventCategory")) {
                derived.add(
                        new Group(
                                account(record),
                                record.path("awsRegion").asText(),
                                record.path("eventName").asText()));
            }
        }
        var largest =
                management.entrySet().stream()
                        .filter(entry -> !derived.contains(entry.getKey()))
                        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                        .limit(LOOKED_UP)
                        .toList();
        assertThat(largest).hasSize(LOOKED_UP);
        for (var entry : largest) {
            var group = entry.getKey();
            var credentials = environment(server, group);
            try (var client = new JavaSdkClient(server.endpoint(), credentials, group.region())) {
                assertThat(client.all(Ask.EVERYTHING.with("EventName", group.name())))
                        .as(group.toString())
                        .hasSize(entry.getValue());
            }
        }
    }

    /// Credentials as `cairn env --account` gives them for an account that import has met.
    private static LiveServer.Credentials environment(LiveServer server, Group group)
            throws Exception {
        var variables =
                Wire.JSON.readTree(
                        server.cairn(
                                        "env",
                                        "--account",
                                        group.account(),
                                        "--region",
                                        group.region(),
                                        "--json")
                                .exited(0)
                                .out());
        assertThat(variables.path("AWS_REGION").asText()).isEqualTo(group.region());
        return new LiveServer.Credentials(
                variables.path("AWS_ACCESS_KEY_ID").asText(),
                variables.path("AWS_SECRET_ACCESS_KEY").asText());
    }
}

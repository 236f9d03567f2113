package dev.cairn.embedded.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.event.Place;
import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.testkit.RealData;
import dev.cairn.testkit.history.Records;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Counts taken from history against counts taken from the same records by other means.
class LuceneHistoryRealDataTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    @Test
    void every_name_user_and_nested_value_is_found_as_often_as_the_records_have_it()
            throws Exception {
        List<byte[]> lines = RealData.assume().developersPermissive();
        Records records = new Records(0);
        for (int i = 0; i < lines.size(); i++) {
            JsonNode record = JSON.readTree(lines.get(i));
            // Some ids occur twice in this set; here each line is an event.
            records.add(
                    new Entry(
                            new Place("123456789012", record.path("awsRegion").asText()),
                            record.path("eventID").asText() + "-" + i,
                            Origin.IMPORT,
                            lines.get(i)));
        }
        try (LuceneHistory history =
                LuceneHistory.open(
                        folder,
                        HistorySettings.DEFAULT,
                        InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z")))) {
            history.take(records.slice());
            history.commit();
            history.refresh();
            assertThat(history.account(0))
                    .isEqualTo(new History.Account(lines.size(), lines.size(), 0, 0));
            agree(history, lines, "eventName", record -> record.path("eventName"));
            agree(
                    history,
                    lines,
                    "userIdentity.userName",
                    record -> record.path("userIdentity").path("userName"));
            agree(
                    history,
                    lines,
                    "userIdentity.sessionContext.attributes.mfaAuthenticated",
                    record ->
                            record.path("userIdentity")
                                    .path("sessionContext")
                                    .path("attributes")
                                    .path("mfaAuthenticated"));
            agree(history, lines, "errorCode", record -> record.path("errorCode"));
        }
    }

    private static void agree(
            History history, List<byte[]> lines, String path, Function<JsonNode, JsonNode> at)
            throws Exception {
        Map<String, Integer> expected = new TreeMap<>();
        for (byte[] line : lines) {
            JsonNode value = at.apply(JSON.readTree(line));
            if (!value.isMissingNode()) {
                expected.merge(value.asText(), 1, Integer::sum);
            }
        }
        Map<String, Integer> found = new TreeMap<>();
        for (String value : expected.keySet()) {
            found.put(value, count(history, new Condition.Is(path, value)));
        }
        assertThat(found).as(path).isEqualTo(expected).isNotEmpty();
        assertThat(count(history, new Condition.Exists(path)))
                .isEqualTo(expected.values().stream().mapToInt(Integer::intValue).sum());
    }

    private static int count(History history, Condition condition) throws Exception {
        int count = 0;
        Query.Cursor after = null;
        do {
            Page page =
                    history.search(
                            new Query(
                                    condition,
                                    null,
                                    null,
                                    Instant.EPOCH,
                                    Instant.parse("2100-01-01T00:00:00Z"),
                                    after,
                                    Query.LIMIT_MAX));
            count += page.hits().size();
            after = page.next();
        } while (after != null);
        return count;
    }
}

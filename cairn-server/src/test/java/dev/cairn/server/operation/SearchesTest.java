package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.account.Caller;
import dev.cairn.server.http.SpooledBody;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;
    private TestParts parts;
    private Searches searches;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        searches =
                new Searches(
                        parts.history, () -> parts.oldestPending, new Access(TestParts.ACCOUNT));
    }

    private static Invocation call(String input) throws Exception {
        return new Invocation(
                Caller.root(TestParts.ACCOUNT, "AKIA0"),
                "us-east-1",
                (ObjectNode) JSON.readTree(input),
                SpooledBody.of(new byte[0]),
                TestParts.NOW);
    }

    @Test
    void an_answer_says_since_when_events_may_be_missing() throws Exception {
        parts.oldestPending = TestParts.NOW.minus(Duration.ofMinutes(3));

        assertThat(searches.search(call("{\"query\":\"bob\"}")).path("behindSince").asLong())
                .isEqualTo(TestParts.NOW.getEpochSecond() - 180);
        assertThat(searches.who(call("{\"resource\":\"i-1\"}")).path("behindSince").asLong())
                .isEqualTo(TestParts.NOW.getEpochSecond() - 180);
        assertThat(searches.download(call("{\"query\":\"bob\",\"format\":\"ndjson\"}")).headers())
                .containsEntry("x-cairn-behind-since", parts.oldestPending.toString());
    }

    @Test
    void an_answer_is_silent_about_what_is_found_in_time() throws Exception {
        parts.oldestPending = TestParts.NOW.minus(Duration.ofMillis(900));

        assertThat(searches.search(call("{\"query\":\"bob\"}")).has("behindSince")).isFalse();
        assertThat(searches.download(call("{\"query\":\"bob\",\"format\":\"csv\"}")).headers())
                .doesNotContainKey("x-cairn-behind-since");
    }
}

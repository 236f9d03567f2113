package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.testkit.catalog.FaultyCatalog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Questions about log groups while others wait, fail or are stopped. Single quotes stand for
/// double ones.
class LogQueriesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIA0");
    private static final Caller OTHER = Caller.root("222222222222", "AKIA1");
    private static final Duration MAX = Duration.ofMinutes(1);

    private final TestParts parts;

    /// Holds up the thread that answers while it is up.
    private final CountDownLatch held = new CountDownLatch(1);

    private final CountDownLatch holding = new CountDownLatch(1);

    LogQueriesTest(@TempDir Path folder) throws Exception {
        parts = new TestParts(folder);
    }

    @BeforeEach
    void fill() throws Exception {
        for (var caller : new Caller[] {ROOT, OTHER}) {
            ask(caller, "CreateLogGroup", "{'logGroupName':'audit'}");
            ask(caller, "CreateLogStream", "{'logGroupName':'audit','logStreamName':'own'}");
            ask(
                    caller,
                    "PutLogEvents",
                    "{'logGroupName':'audit','logStreamName':'own','logEvents':[{'timestamp':%d,'message':'hello'}]}"
                            .formatted(TestParts.NOW.toEpochMilli()));
        }
    }

    @AfterEach
    void close() {
        held.countDown();
        parts.ledger.close();
    }

    private ObjectNode ask(Caller caller, String operation, String input) throws Exception {
        return parts.run(
                parts.operations
                        .signedAs("logs")
                        .orElseThrow()
                        .operation(operation)
                        .orElseThrow()
                        .operation(),
                new Invocation(
                        caller,
                        "us-east-1",
                        (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW));
    }

    private String start(Caller caller, String groups) throws Exception {
        return ask(
                        caller,
                        "StartQuery",
                        "{'logGroupNames':[%s],'startTime':0,'endTime':%d,'queryString':'stats count(*) as n'}"
                                .formatted(groups, TestParts.NOW.getEpochSecond() + 1))
                .path("queryId")
                .asText();
    }

    private ObjectNode ended(Caller caller, String id) throws Exception {
        var end = System.nanoTime() + MAX.toNanos();
        while (true) {
            var results = ask(caller, "GetQueryResults", "{'queryId':'" + id + "'}");
            var status = results.path("status").asText();
            if (!status.equals("Scheduled") && !status.equals("Running")) {
                return results;
            }
            assertThat(System.nanoTime()).as(status).isLessThan(end);
            Thread.sleep(5);
        }
    }

    /// What befalls the thread that answers when it reads for the first time.
    private void once(Runnable befalls) {
        parts.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeRead() {
                        if (Thread.currentThread().getName().equals("log-queries")) {
                            parts.faults = FaultyCatalog.Faults.NONE;
                            befalls.run();
                        }
                    }
                };
    }

    private void hold() {
        holding.countDown();
        try {
            assertThat(held.await(MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    @Test
    void a_heap_that_is_full_for_a_moment_fails_one_question_and_no_other() throws Exception {
        once(() -> {
            throw new OutOfMemoryError("on purpose");
        });
        assertThat(ended(ROOT, start(ROOT, "'audit'")).path("status").asText()).isEqualTo("Failed");
        assertThat(ended(ROOT, start(ROOT, "'audit'")).at("/results/0/0/value").asText())
                .isEqualTo("1");
    }

    @Test
    void a_group_that_is_named_twice_is_read_once() throws Exception {
        var twice =
                "'audit','arn:aws:logs:us-east-1:%s:log-group:audit'".formatted(TestParts.ACCOUNT);
        assertThat(ended(ROOT, start(ROOT, twice)).at("/results/0/0/value").asText())
                .isEqualTo("1");
    }

    @Test
    void one_that_waits_is_stopped_and_makes_room_and_accounts_take_turns() throws Exception {
        once(this::hold);
        var running = start(ROOT, "'audit'");
        assertThat(holding.await(MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
        for (var i = 0; i < 3 * LogQueries.OPEN_MAX; i++) {
            var id = start(ROOT, "'audit'");
            ask(ROOT, "StopQuery", "{'queryId':'" + id + "'}");
            assertThat(ended(ROOT, id).path("status").asText()).isEqualTo("Cancelled");
        }
        var last = "";
        for (var i = 1; i < LogQueries.OPEN_MAX; i++) {
            last = start(ROOT, "'audit'");
        }
        assertThatThrownBy(() -> start(ROOT, "'audit'")).isInstanceOf(Failure.class);
        var other = start(OTHER, "'audit'");
        var late = last;

        held.countDown();

        ended(OTHER, other);
        assertThat(ended(ROOT, running).path("status").asText()).isEqualTo("Complete");
        assertThat(ended(ROOT, late).path("status").asText()).isEqualTo("Complete");
    }

    @Test
    void a_token_of_a_question_that_is_gone_is_refused() {
        assertThatThrownBy(() ->
                        ask(
                                ROOT,
                                "DescribeQueries",
                                "{'nextToken':'" + NameToken.of("gone") + "'}"))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.message()).contains("nextToken"));
    }
}

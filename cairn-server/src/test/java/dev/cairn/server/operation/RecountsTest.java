package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.account.Caller;
import dev.cairn.digest.Digest;
import dev.cairn.digest.Sealing;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.Reply;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.testkit.delivery.SimulatedArchive;
import dev.cairn.trail.Trail;
import dev.cairn.trail.TrailState;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecountsTest {
    private static final Trail TRAIL =
            new Trail(
                    TestParts.ACCOUNT,
                    "main",
                    "us-east-1",
                    "logs",
                    "",
                    null,
                    true,
                    true,
                    true,
                    true);

    @TempDir private Path folder;
    private TestParts parts;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
    }

    private List<JsonNode> recount(Caller caller, String arn) throws Exception {
        var operation =
                parts.operations
                        .signedAs("cairn")
                        .orElseThrow()
                        .operation("RecountTrail")
                        .orElseThrow();
        var reply =
                ((Operation.Download) operation.operation())
                        .run(
                                new Invocation(
                                        caller,
                                        "us-east-1",
                                        JsonNodeFactory.instance.objectNode().put("trail", arn),
                                        SpooledBody.of(new byte[0]),
                                        TestParts.NOW));
        var out = new ByteArrayOutputStream();
        ((Reply.Streamed) reply.body()).writer().write(out);
        var lines = new ArrayList<JsonNode>();
        for (var line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    @Test
    void a_file_that_waits_for_its_digest_and_is_not_there_is_named() throws Exception {
        var sealing =
                new Sealing(parts.catalog, new SimulatedArchive(), parts.keys, Duration.ofHours(1));
        TrailState state =
                parts.catalog.<TrailState, RuntimeException>write(tx -> {
                    var made = parts.trails.create(tx, TRAIL, Map.of(), TestParts.NOW);
                    for (var i = 0; i < 150; i++) {
                        sealing.add(
                                tx,
                                made.id(),
                                new Place(TestParts.ACCOUNT, "us-east-1"),
                                TestParts.NOW,
                                "%03d".formatted(i),
                                new Digest.SealedFile(
                                        "logs",
                                        "file%03d".formatted(i),
                                        "00",
                                        TestParts.NOW,
                                        TestParts.NOW));
                    }
                    return made;
                });

        var lines = recount(root(TestParts.ACCOUNT), state.trail().arn());

        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst().path("files").asLong()).isEqualTo(100);
        var last = lines.getLast();
        assertThat(last.path("done").asBoolean()).isTrue();
        assertThat(last.path("even").asBoolean()).isFalse();
        assertThat(last.path("found").asLong()).isEqualTo(150);
        assertThat(last.path("findings")).hasSize(100);
        assertThat(last.path("findings").path(0).toString())
                .isEqualTo(
                        "{\"kind\":\"MISSING\",\"bucket\":\"logs\",\"key\":\"file000\",\"message\":\"was delivered and is not there\"}");
    }

    @Test
    void books_that_do_not_agree_are_uneven_though_nothing_is_missing() throws Exception {
        TrailState state =
                parts.catalog.<TrailState, RuntimeException>write(
                        tx -> parts.trails.create(tx, TRAIL, Map.of(), TestParts.NOW));
        assertThat(last(state).path("even").asBoolean()).isTrue();

        parts.catalog.<Boolean, RuntimeException>write(tx -> {
            tx.create(
                    "delivery",
                    state.id(),
                    """
                    {"version":"1","cursors":"0","clock":"2026-11-21T09:00:00Z",\
                    "delivered":"1","filtered":"0","setAside":"0"}\
                    """);
            return true;
        });
        var last = last(state);
        assertThat(last.path("found").asLong()).isZero();
        assertThat(last.path("even").asBoolean()).isFalse();
    }

    private JsonNode last(TrailState state) throws Exception {
        return recount(root(TestParts.ACCOUNT), state.trail().arn()).getLast();
    }

    @Test
    void only_the_root_of_the_default_account_may_ask() {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> recount(root("210987654321"), TRAIL.arn()))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.ACCESS_DENIED));
    }

    @Test
    void a_trail_that_is_not_there_is_refused() {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> recount(root(TestParts.ACCOUNT), TRAIL.arn()))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TRAIL_NOT_FOUND));
    }

    private static Caller root(String account) {
        return Caller.root(account, "AKIA0");
    }
}

package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The command line as its users type it: every command of the README's first screen, and what it
/// prints.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CommandLineTest {
    private static final String OTHER = "123837392027";
    private static final Duration FOUND_MAX = Duration.ofSeconds(20);
    private static final Duration TAIL_MAX = Duration.ofSeconds(60);

    /// Each starts a virtual machine: as many at once as there are cores.
    private static final int AT_ONCE = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);

    private final LiveServer server;
    private final List<Sample> samples = new ArrayList<>();
    private final Command imported;

    CommandLineTest() throws Exception {
        server = LiveServer.start();
        for (var i = 0; i < 60; i++) {
            var sample = Sample.now(OTHER, i);
            samples.add(
                    i == 7
                            ? sample.with("errorCode", "AccessDenied")
                                    .with("eventName", "=cmd()")
                                    .resource(
                                            "AWS::EC2::Instance",
                                            "arn:aws:ec2:us-east-1:"
                                                    + OTHER
                                                    + ":instance/i-0abc1234def567890")
                            : sample);
        }
        var folder = Files.createDirectory(server.home().resolve("CloudTrail"));
        Files.write(folder.resolve("events.json"), Sample.batch(samples));
        Files.writeString(folder.resolve("readme.txt"), "not a log file");
        imported = server.cairn("import", folder.toString());
    }

    @BeforeAll
    void historyCaughtUp() throws Exception {
        try (var wire = new Wire(server.endpoint())) {
            Await.until(
                    Await.Bound.of("imported events in history", FOUND_MAX),
                    () ->
                            wire.search(LiveServer.ROOT, "eventSource:sample.amazonaws.com").size()
                                    >= samples.size());
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void importTellsWhatItFoundAndWhatToTypeNext() {
        imported.exited(0);
        assertThat(imported.lines().getFirst())
                .containsSubsequence("ACCOUNT", "REGION", "EVENTS", "FROM", "TO");
        assertThat(imported.lines().get(1)).containsSubsequence(OTHER, "us-east-1", "60");
        assertThat(imported.out())
                .contains("1 files: 60 events recorded, 0 seen before, 0 refused")
                .contains("passed over", "readme.txt")
                .contains("next: eval \"$(cairn env --account " + OTHER + " --region us-east-1)\"");
    }

    @Test
    void importOfARefusedRecordNamesItAndExitsOne() throws Exception {
        var file = server.home().resolve("broken.ndjson");
        Files.writeString(
                file,
                Sample.now(OTHER, 900).json()
                        + "\n{\"eventName\":\"NoTime\"}\n"
                        + Sample.now(OTHER, 901).json());
        var done = server.cairn("import", file.toString()).exited(1);
        assertThat(done.out())
                .contains("2 events recorded", "1 refused", file + ": record 1: MissingField");
        var half = server.home().resolve("half.json.gz");
        Files.write(half, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1});
        assertThat(server.cairn("import", half.toString()).exited(1).out())
                .contains(half + ": the file breaks off or cannot be unpacked");
    }

    @Test
    void envSetsTheVariablesOfTheAccountAsked() throws Exception {
        var shell =
                Command.run(
                                server.home(),
                                Map.of(),
                                List.of(
                                        "sh",
                                        "-c",
                                        "eval \"$(\"$@\")\" && echo $AWS_ENDPOINT_URL $AWS_REGION $AWS_DEFAULT_REGION $AWS_ACCESS_KEY_ID",
                                        "sh",
                                        Command.cairn().get(0),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-jar",
                                        Command.cairn().getLast(),
                                        "env",
                                        "--data",
                                        server.data().toString(),
                                        "--account",
                                        OTHER,
                                        "--region",
                                        "eu-central-1"))
                        .exited(0);
        assertThat(shell.out())
                .startsWith(server.endpoint() + " eu-central-1 eu-central-1 AKIA")
                .doesNotContain(LiveServer.ROOT.accessKeyId());
        assertThat(server.cairn("env").exited(0).out())
                .contains("export AWS_ACCESS_KEY_ID='" + LiveServer.ROOT.accessKeyId() + "'");
        var unknown = server.cairn("env", "--account", "999999999999").exited(1);
        assertThat(unknown.err()).contains("AccountNotFoundException");
    }

    @Test
    void whoTellsWhoTouchedAResource() throws Exception {
        var done = server.cairn("who", "i-0abc1234def567890").exited(0);
        assertThat(done.lines().getFirst())
                .containsSubsequence("TIME", "ACCOUNT", "WHO", "FROM", "EVENT", "RESULT");
        assertThat(done.out()).contains("user-1", "198.51.100.7", "AccessDenied");
        assertThat(server.cairn("who", "i-never").exited(0).err()).contains("no events found");
        // Asking does not touch.
        assertThat(server.cairn("who", "i-never").exited(0).err()).contains("no events found");
    }

    @Test
    void searchPrintsATableAndSaysThatThereIsMore() throws Exception {
        var done = server.cairn("search", "eventSource:sample.amazonaws.com").exited(0);
        assertThat(done.lines()).hasSize(51);
        assertThat(done.err()).contains("the newest 50 are shown");
        var all = server.cairn("search", "eventSource:sample.amazonaws.com", "--limit", "55");
        assertThat(all.exited(0).lines()).hasSize(56);
    }

    @Test
    void searchDownloadsEveryFormWhole() throws Exception {
        var question = "eventSource:sample.amazonaws.com AND requestParameters.number:<60";
        var ndjson = server.cairn("search", question, "--since", "5y", "--ndjson").exited(0);
        assertThat(ndjson.lines())
                .containsExactlyInAnyOrderElementsOf(samples.stream().map(Sample::json).toList());
        var json = Wire.JSON.readTree(server.cairn("search", question, "--json").exited(0).out());
        assertThat(json.path("Records")).hasSize(60);
        var csv = server.cairn("search", question, "--csv").exited(0);
        assertThat(csv.lines()).hasSize(61);
        assertThat(csv.lines().getFirst()).startsWith("eventTime,account,region,username,");
        // What a spreadsheet would run as a formula starts with an apostrophe.
        assertThat(csv.out()).contains(",'=cmd(),").doesNotContain(",=cmd()");
    }

    @Test
    void tailShowsEventsAsTheyAreRecorded() throws Exception {
        var process =
                Command.builder(
                                server.home(),
                                Map.of(),
                                Command.cairn(
                                        "tail",
                                        "eventName:Tailed",
                                        "--count",
                                        "2",
                                        "--data",
                                        server.data().toString()))
                        .redirectErrorStream(true)
                        .start();
        var lines = new CompletableFuture<List<String>>();
        Thread.ofVirtual()
                .start(() -> {
                    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                        lines.complete(out.lines().toList());
                    } catch (java.io.IOException broken) {
                        lines.completeExceptionally(broken);
                    }
                });
        try (var wire = new Wire(server.endpoint())) {
            // Recorded again and again: tail shows what comes after it has begun.
            var number = new java.util.concurrent.atomic.AtomicInteger(1000);
            Await.until(
                    Await.Bound.of("tail's end", TAIL_MAX),
                    () -> {
                        var sample =
                                Sample.now(OTHER, number.incrementAndGet())
                                        .with("eventName", "Tailed");
                        wire.intake(LiveServer.ROOT, Wire.bytes(sample.json())).expect(200);
                        return !process.isAlive();
                    });
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor()).isZero();
        assertThat(lines.get(10, TimeUnit.SECONDS))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains(OTHER, "Tailed"));
    }

    @Test
    void statusShowsThatTheSumsAreEven() throws Exception {
        var done = server.cairn("status", "--verify").exited(0);
        assertThat(done.out())
                .contains("READER", "RECORDED", "DELIVERED", "FILTERED", "SET ASIDE", "PENDING")
                .contains("history", "even", "recounted")
                .doesNotContain("NOT EVEN");
        var json = Wire.JSON.readTree(server.cairn("status", "--json").exited(0).out());
        assertThat(json.path("healthy").asBoolean()).isTrue();
        for (var reader : json.path("readers")) {
            assertThat(reader.path("recorded").asLong())
                    .isEqualTo(
                            reader.path("delivered").asLong()
                                    + reader.path("filtered").asLong()
                                    + reader.path("setAside").asLong()
                                    + reader.path("pending").asLong());
        }
    }

    @Test
    void accountsKeysAndTokensAreMadeListedAndRevoked() throws Exception {
        var account = server.cairn("account", "create", "222222222222", "--name", "prod").exited(0);
        assertThat(account.out().strip()).isEqualTo("222222222222");
        assertThat(server.cairn("account", "create", "222222222222").exited(1).err())
                .contains("AccountAlreadyExistsException");
        assertThat(server.cairn("account", "list").exited(0).out())
                .contains("222222222222  prod", OTHER, "import");

        var made =
                server.cairn(
                                "key",
                                "create",
                                "--account",
                                "222222222222",
                                "--user",
                                "auditor",
                                "--allow",
                                "read",
                                "--json")
                        .exited(0);
        var json = Wire.JSON.readTree(made.out());
        var key =
                new LiveServer.Credentials(
                        json.path("key").path("accessKeyId").asText(),
                        json.path("secretAccessKey").asText());
        assertThat(server.cairn("key", "list", "--account", "222222222222").exited(0).out())
                .contains(key.accessKeyId(), "auditor", "read")
                .doesNotContain(key.secretAccessKey());
        server.cairnAs(key, "search", "eventName:Nothing").exited(0);
        var refused = server.cairnAs(key, "account", "list").exited(1);
        assertThat(refused.err()).contains("AccessDeniedException", "cairn:ListAccounts");
        server.cairn("key", "revoke", key.accessKeyId()).exited(1);
        assertThat(
                        server.cairn(
                                        "key",
                                        "revoke",
                                        key.accessKeyId(),
                                        "--account",
                                        "222222222222")
                                .exited(0)
                                .err())
                .contains("revoked " + key.accessKeyId());
        assertThat(server.cairnAs(key, "search", "eventName:Nothing").exited(1).err())
                .contains("security token");

        var token = server.cairn("token", "create", "--for", "intake").exited(0).out().strip();
        var id = token.substring(0, token.indexOf('.'));
        assertThat(server.cairn("token", "list").exited(0).out())
                .contains(id, "intake")
                .doesNotContain(token);
        server.cairn("token", "revoke", id).exited(0);
        assertThat(server.cairn("token", "list").exited(0).out()).doesNotContain(id);
    }

    @Test
    void doctorFindsNothingWrongHere() throws Exception {
        var done = server.cairn("doctor").exited(0);
        assertThat(done.out())
                .contains("jdk", "data folder", "disk", "clock")
                .doesNotContain("fail ");
    }

    @Test
    void usageErrorsExitTwo() throws Exception {
        var wrong =
                List.of(
                        List.of("search", "--nonsense"),
                        List.of("search", "--since", "yesterday"),
                        List.of("search", "--csv", "--json"),
                        List.of("who"),
                        List.of("key", "create"),
                        List.of("account"),
                        List.of("juggle"),
                        List.of("import"),
                        List.of("import", "/no/such/folder"),
                        List.of("serve", "--set", "histroy.retention=1d"),
                        List.of("status", "--data", "/no/such/folder"));
        for (var done : run(wrong)) {
            assertThat(done.exit()).as(done.toString()).isEqualTo(2);
            assertThat(done.out()).as(done.toString()).isEmpty();
            assertThat(done.err()).as(done.toString()).isNotEmpty().doesNotContain("\tat ");
        }
    }

    @Test
    void misspeltSettingIsToldTheNearest() throws Exception {
        var done = run(List.of(List.of("serve", "--set", "histroy.retention=1d"))).getFirst();
        assertThat(done.err()).contains("histroy.retention", "history.retention");
    }

    @Test
    void versionIsOneLine() throws Exception {
        var done = run(List.of(List.of("--version"))).getFirst().exited(0);
        assertThat(done.out()).matches("cairn \\d+\\.\\d+\\.\\d+\\S*\\R");
    }

    @Test
    void helpTeachesByExample() throws Exception {
        var done = run(List.of(List.of("trail", "create", "--help"))).getFirst().exited(0);
        assertThat(done.out()).contains("Examples:").contains("cairn trail create");
    }

    /// Runs commands that speak to nobody, some at a time.
    private List<Command> run(List<List<String>> commands) throws Exception {
        var done = new ArrayList<Command>();
        try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
            var runs = new ArrayList<Callable<Command>>();
            for (var command : commands) {
                runs.add(() ->
                        Command.run(
                                server.home(),
                                Map.of(),
                                Command.cairn(
                                        List.of("-XX:TieredStopAtLevel=1"),
                                        command.toArray(String[]::new))));
            }
            for (var run : threads.invokeAll(runs)) {
                done.add(run.get());
            }
        }
        return done;
    }
}

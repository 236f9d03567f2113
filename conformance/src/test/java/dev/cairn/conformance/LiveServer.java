package dev.cairn.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// The packaged program, serving a data folder of its own from a process of its own.
///
/// Its folder is removed when it is closed. The root credentials of the default account are fixed.
final class LiveServer implements AutoCloseable {
    static final String ACCOUNT = "123456789012";
    static final Credentials ROOT =
            new Credentials("AKIACONFORMANCEROOT1", "conformance/root/secret/0123456789abcdef");

    /// Generous: the machine may be busy with other things.
    static final Duration READY_MAX = Duration.ofSeconds(60);

    /// What the program promises for SIGTERM.
    static final Duration STOP_MAX = Duration.ofSeconds(10);

    /// A command lives a second: the optimising compiler would only take its time.
    private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto");

    private static final Pattern READY = Pattern.compile("ready (https?://\\S+) in \\d+\\.\\d s");

    private final Path home;
    private final List<String> settings;
    private Process process;
    private URI endpoint;

    /// Whom a client acts for.
    record Credentials(String accessKeyId, String secretAccessKey) {}

    private LiveServer(Path home, List<String> settings) throws IOException, InterruptedException {
        this.home = home;
        this.settings = settings;
        this.process = launch();
        this.endpoint = URI.create(awaitReady(process, this::log));
    }

    /// A server on a fresh folder.
    ///
    /// @param settings such as `limits.idle=2s`
    static LiveServer start(String... settings) throws IOException, InterruptedException {
        var home = Files.createTempDirectory("cairn-conformance");
        try {
            return new LiveServer(home, List.of(settings));
        } catch (IOException | InterruptedException | RuntimeException | Error failure) {
            delete(home);
            throw failure;
        }
    }

    /// The address it listens on; another one after each restart.
    URI endpoint() {
        return endpoint;
    }

    /// Where its gateway listens.
    ///
    /// @param number of the listener, from 0, as `gateway.listen` names them
    URI gateway(int number) throws IOException {
        var note = Wire.JSON.readTree(Files.readString(data().resolve("server.json")));
        return URI.create(note.path("gateways").path(number).path("url").asText());
    }

    /// Tells the gateway's directory whose an access key is: IAM user `mary` of an account.
    void introduce(Credentials credentials, String account)
            throws IOException, InterruptedException {
        var users = home.resolve("users.csv");
        Files.writeString(
                users,
                "accessKeyId,type,accountId,name\n%s,IAMUser,%s,mary\n"
                        .formatted(credentials.accessKeyId(), account));
        cairn("gateway", "principals", "import", users.toString()).exited(0);
    }

    /// Every record of the last day that `cairn search` finds, of any account, newest first.
    List<JsonNode> events(String question) throws IOException, InterruptedException {
        var events = new ArrayList<JsonNode>();
        var out = cairn("search", question, "--since", "1d", "--ndjson").exited(0).out();
        for (var line : out.lines().toList()) {
            events.add(Wire.JSON.readTree(line));
        }
        return events;
    }

    /// Its data folder.
    Path data() {
        return home.resolve("data");
    }

    /// Its home: holds the data folder, and takes what commands leave behind.
    Path home() {
        return home;
    }

    /// What it wrote to standard error, over all its lives.
    String log() {
        try {
            return Files.readString(home.resolve("server.log"), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    /// SIGTERM.
    ///
    /// @throws AssertionError when it does not end cleanly within [#STOP_MAX]
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
            throw new AssertionError(
                    "expected the server to stop within %s of SIGTERM, stderr:%n%s"
                            .formatted(STOP_MAX, log()));
        }
        // 143 is 128 + SIGTERM: how a JVM that ran its hooks tells of the signal.
        if (process.exitValue() != 143 && process.exitValue() != 0) {
            throw new AssertionError(
                    "expected a clean stop, got exit code %d, stderr:%n%s"
                            .formatted(process.exitValue(), log()));
        }
    }

    /// SIGKILL.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// Starts it again on the same folder, after [#stop] or [#kill].
    ///
    /// @param more settings for this life and those after it
    void restart(String... more) throws IOException, InterruptedException {
        if (process.isAlive()) {
            throw new IllegalStateException("expected a server that was stopped or killed");
        }
        // A setting given again counts as it was given last.
        var all = new ArrayList<>(settings);
        all.addAll(List.of(more));
        process = launch(all);
        endpoint = URI.create(awaitReady(process, this::log));
    }

    /// Runs a `cairn` command on this server's data folder, as its owner.
    Command cairn(String... arguments) throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of(arguments));
        words.addAll(List.of("--data", data().toString()));
        return Command.run(home, Map.of(), Command.cairn(QUICK, words.toArray(String[]::new)));
    }

    /// Starts a `cairn` command that goes on until it is ended, as the data folder's owner.
    Process watch(String... arguments) throws IOException {
        var words = new ArrayList<>(List.of(arguments));
        words.addAll(List.of("--data", data().toString()));
        return Command.builder(home, Map.of(), Command.cairn(QUICK, words.toArray(String[]::new)))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /// What `cairn --help` says.
    String cairnHelp() throws IOException, InterruptedException {
        return Command.run(home, Map.of(), Command.cairn(QUICK, "--help")).exited(0).out();
    }

    /// Runs a `cairn` command over HTTP, as whoever has the credentials.
    Command cairnAs(Credentials credentials, String... arguments)
            throws IOException, InterruptedException {
        return Command.run(home, environment(credentials), Command.cairn(QUICK, arguments));
    }

    /// The variables that point AWS's clients, and Cairn's, to this server.
    Map<String, String> environment(Credentials credentials) {
        return Map.of(
                "AWS_ENDPOINT_URL", endpoint.toString(),
                "AWS_ACCESS_KEY_ID", credentials.accessKeyId(),
                "AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey(),
                "AWS_REGION", "us-east-1",
                "AWS_DEFAULT_REGION", "us-east-1");
    }

    private Process launch() throws IOException {
        return launch(settings);
    }

    private Process launch(List<String> set) throws IOException {
        var arguments =
                new ArrayList<>(List.of("serve", "--data", data().toString(), "--port", "0"));
        arguments.addAll(
                List.of(
                        "--set",
                        "auth.root-access-key=" + ROOT.accessKeyId(),
                        "--set",
                        "auth.root-secret-key=" + ROOT.secretAccessKey()));
        for (var setting : set) {
            arguments.addAll(List.of("--set", setting));
        }
        // A bounded heap, so that a body that unpacks without end is found out. Lives are short
        // here:
        // the optimising compiler would only take its time.
        return Command.builder(
                        home,
                        Map.of(),
                        Command.cairn(
                                List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"),
                                arguments.toArray(String[]::new)))
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(home.resolve("server.log").toFile()))
                .start();
    }

    /// Waits for the line that says that a process serves.
    ///
    /// @param log what it wrote to standard error
    /// @return where
    static String awaitReady(Process started, Supplier<String> log) throws InterruptedException {
        var line = new CompletableFuture<String>();
        Thread.ofVirtual()
                .name("ready")
                .start(() -> {
                    try (BufferedReader out = started.inputReader(StandardCharsets.UTF_8)) {
                        var first = out.readLine();
                        line.complete(first == null ? "" : first);
                        var second = out.readLine();
                        if (second != null) {
                            // Standard output carries the ready line and nothing else.
                            started.destroyForcibly();
                        }
                    } catch (IOException broken) {
                        line.completeExceptionally(broken);
                    }
                });
        try {
            var ready = line.get(READY_MAX.toMillis(), TimeUnit.MILLISECONDS);
            var match = READY.matcher(ready);
            if (match.matches()) {
                return match.group(1);
            }
            kill(started);
            throw new AssertionError(
                    "expected the ready line, got '%s', exit code %d, stderr:%n%s"
                            .formatted(ready, started.exitValue(), log.get()));
        } catch (ExecutionException | TimeoutException failure) {
            kill(started);
            throw new AssertionError(
                    "expected the ready line within %s, stderr:%n%s"
                            .formatted(READY_MAX, log.get()),
                    failure);
        }
    }

    private static void kill(Process started) throws InterruptedException {
        started.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        // What it started ends by itself when it is gone, and writes until then.
        var started = process.descendants().toList();
        process.destroyForcibly().onExit().join();
        for (var child : started) {
            child.destroyForcibly();
            child.onExit().orTimeout(STOP_MAX.toSeconds(), TimeUnit.SECONDS).join();
        }
        delete(home);
    }

    /// Removes a folder with all it holds.
    static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}

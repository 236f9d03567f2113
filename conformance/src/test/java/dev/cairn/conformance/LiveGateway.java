package dev.cairn.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// The packaged program as a gateway in a process of its own, next to or far from a [LiveServer].
///
/// It listens where it first did through all its lives.
final class LiveGateway implements AutoCloseable {
    private final Path home;
    private final List<String> arguments;
    private final List<String> upstreams;
    private Process process;
    private List<URI> addresses;

    private LiveGateway(
            Path home, List<String> listen, List<String> upstreams, List<String> arguments)
            throws IOException, InterruptedException {
        this.home = home;
        this.upstreams = upstreams;
        this.arguments = arguments;
        this.process = launch(listen);
        this.addresses = awaitReady();
    }

    /// @param home takes its folder and its log
    /// @param upstreams one for each address it listens on
    static LiveGateway start(Path home, List<URI> upstreams, String... arguments)
            throws IOException, InterruptedException {
        return new LiveGateway(
                home,
                upstreams.stream().map(_ -> "127.0.0.1:0").toList(),
                upstreams.stream().map(URI::toString).toList(),
                List.of(arguments));
    }

    /// The same, listening where it is told to.
    ///
    /// @param addresses one for each upstream
    static LiveGateway startAt(
            Path home, List<URI> addresses, List<URI> upstreams, String... arguments)
            throws IOException, InterruptedException {
        return new LiveGateway(
                home,
                addresses.stream().map(URI::getAuthority).toList(),
                upstreams.stream().map(URI::toString).toList(),
                List.of(arguments));
    }

    private Process launch(List<String> listen) throws IOException {
        var words =
                new ArrayList<>(
                        List.of(
                                "gateway",
                                "--listen",
                                String.join(",", listen),
                                "--upstream",
                                String.join(",", upstreams),
                                "--journal",
                                home.resolve("journal").toString()));
        words.addAll(arguments);
        return Command.builder(
                        home,
                        Map.of(),
                        Command.cairn(
                                List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
                                words.toArray(String[]::new)))
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(home.resolve("gateway.log").toFile()))
                .start();
    }

    private List<URI> awaitReady() throws InterruptedException {
        return Arrays.stream(LiveServer.awaitReady(process, this::log).split(",", -1))
                .map(URI::create)
                .toList();
    }

    /// Where clients come in.
    URI address(int number) {
        return addresses.get(number);
    }

    /// Where `/health` and `/metrics` are.
    URI inside() throws IOException {
        var note =
                Wire.JSON.readTree(
                        Files.readString(home.resolve("journal").resolve("gateway.json")));
        return URI.create(note.path("inside").asText());
    }

    private String log() {
        try {
            return Files.readString(home.resolve("gateway.log"), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /// SIGTERM.
    ///
    /// @throws AssertionError when it does not end cleanly in time
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(LiveServer.STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)
                || (process.exitValue() != 143 && process.exitValue() != 0)) {
            throw new AssertionError("expected a clean stop, stderr:%n%s".formatted(log()));
        }
    }

    /// SIGKILL.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// Starts it again on the same folder, at the same addresses.
    void restart() throws IOException, InterruptedException {
        process = launch(addresses.stream().map(URI::getAuthority).collect(Collectors.toList()));
        addresses = awaitReady();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}

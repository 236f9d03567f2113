package dev.cairn.conformance;

import dev.cairn.testkit.wire.Ports;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A server that is not Cairn's, for the gateway to stand before: DynamoDB Local, S3Proxy or
/// ElasticMQ, in a process of its own on a port of this machine.
///
/// What it brings clashes with what Cairn brings, so that each has a class path of its own, which
/// the modules below `conformance/upstreams` resolve.
final class UpstreamServer implements AutoCloseable {
    private static final Path CLASS_PATHS = Path.of("upstreams");
    private static final Duration READY_MAX = Duration.ofSeconds(60);

    /// Lives are short: the optimising compiler would only take its time.
    private static final List<String> QUICK =
            List.of(
                    "-Xmx512m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xshare:auto",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    private final Path home;
    private final int port;
    private final List<String> words;
    private Process process;

    private UpstreamServer(Path home, int port, List<String> words) throws Exception {
        this.home = home;
        this.port = port;
        this.words = words;
        this.process = launch();
        awaitReady();
    }

    /// DynamoDB in memory. It checks no signatures, and takes access keys of letters and digits.
    static UpstreamServer dynamoDb() throws Exception {
        var classPath = classPath("dynamodb");
        return start((home, port) -> {
            var words = new ArrayList<String>();
            words.add("-Dsqlite4java.library.path=" + sqliteFolder(classPath));
            words.addAll(List.of("-cp", classPath));
            words.add("com.amazonaws.services.dynamodbv2.local.main.ServerRunner");
            words.addAll(List.of("-inMemory", "-sharedDb", "-disableTelemetry"));
            words.addAll(List.of("-port", Integer.toString(port)));
            return words;
        });
    }

    /// An S3 on a folder, which outlives its process. It checks signatures.
    ///
    /// @param user the only one it knows
    static UpstreamServer s3Proxy(LiveServer.Credentials user) throws Exception {
        return start((home, port) -> {
            var objects = Files.createDirectory(home.resolve("objects"));
            var settings = home.resolve("s3proxy.conf");
            Files.writeString(
                    settings,
                    """
                    s3proxy.endpoint=http://127.0.0.1:%d
                    s3proxy.authorization=aws-v2-or-v4
                    s3proxy.identity=%s
                    s3proxy.credential=%s
                    jclouds.provider=filesystem
                    jclouds.identity=unused
                    jclouds.credential=unused
                    jclouds.filesystem.basedir=%s
                    """
                            .formatted(port, user.accessKeyId(), user.secretAccessKey(), objects));
            return List.of(
                    "-Dlogback.configurationFile=" + logOfWarnings(home),
                    "-cp",
                    classPath("s3proxy"),
                    "org.gaul.s3proxy.Main",
                    "--properties",
                    settings.toString());
        });
    }

    /// Queues in memory. It checks no signatures.
    ///
    /// @param seenAs the address in the queues' URLs, to which some clients send what is for the
    ///   queue: the gateway's
    static UpstreamServer elasticMq(URI seenAs) throws Exception {
        return start((home, port) ->
                List.of(
                        "-Dlogback.configurationFile=" + logOfWarnings(home),
                        "-Drest-sqs.bind-hostname=127.0.0.1",
                        "-Drest-sqs.bind-port=" + port,
                        "-Drest-stats.enabled=false",
                        "-Dnode-address.host=" + seenAs.getHost(),
                        "-Dnode-address.port=" + seenAs.getPort(),
                        "-cp",
                        classPath("elasticmq"),
                        "org.elasticmq.server.Main"));
    }

    /// What starts a kind of server.
    @FunctionalInterface
    private interface Start {
        List<String> words(Path home, int port) throws IOException;
    }

    private static UpstreamServer start(Start start) throws Exception {
        var home = Files.createTempDirectory("cairn-upstream");
        try {
            var port = Ports.free();
            var words = new ArrayList<String>();
            words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            words.addAll(QUICK);
            words.addAll(start.words(home, port));
            return new UpstreamServer(home, port, words);
        } catch (Exception | Error failure) {
            LiveServer.delete(home);
            throw failure;
        }
    }

    private static Path logOfWarnings(Path home) throws IOException {
        return Files.writeString(
                home.resolve("logback.xml"),
                """
                <configuration>
                  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                    <encoder><pattern>%d %p %c %m%n</pattern></encoder>
                  </appender>
                  <root level="warn"><appender-ref ref="out"/></root>
                </configuration>
                """);
    }

    private static String classPath(String server) {
        var file = CLASS_PATHS.resolve(server).resolve("target/classpath");
        try {
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException absent) {
            throw new AssertionError(
                    "expected %s, which building conformance/upstreams makes: run './cairn test'"
                            .formatted(file.toAbsolutePath().normalize()),
                    absent);
        }
    }

    private static Path sqliteFolder(String classPath) {
        var name = "libsqlite4java-linux-" + System.getProperty("os.arch");
        for (var entry : classPath.split(File.pathSeparator, -1)) {
            var file = Path.of(entry);
            if (file.getFileName().toString().startsWith(name)) {
                return Objects.requireNonNull(file.toAbsolutePath().getParent());
            }
        }
        throw Clients.skipped("expected %s, DynamoDB Local has none".formatted(name));
    }

    /// Where it answers, in all its lives.
    URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /// SIGKILL.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// Starts it again, after [#kill].
    void restart() throws Exception {
        if (process.isAlive()) {
            throw new IllegalStateException("expected a server that was killed");
        }
        process = launch();
        awaitReady();
    }

    private Process launch() throws IOException {
        return Command.builder(home, Map.of(), words)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.resolve("server.log").toFile()))
                .start();
    }

    /// It listens when it is ready to answer, not before.
    private void awaitReady() throws Exception {
        try {
            Await.until(
                    Await.Bound.of("port " + port + " listening", READY_MAX),
                    () -> !process.isAlive() || listens());
            if (!process.isAlive()) {
                throw new AssertionError(
                        "expected %s to run, got exit code %d"
                                .formatted(words, process.exitValue()));
            }
        } catch (AssertionError failure) {
            kill();
            throw new AssertionError(
                    "%s, it said:%n%s"
                            .formatted(
                                    failure.getMessage(),
                                    Files.readString(home.resolve("server.log"))),
                    failure);
        }
    }

    private boolean listens() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        LiveServer.delete(home);
    }
}

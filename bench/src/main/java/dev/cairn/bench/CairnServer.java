package dev.cairn.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Payload;
import dev.cairn.aws.sigv4.RequestSigner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Cairn as users run it: started by the launcher, in a process of its own.
final class CairnServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ACCESS_KEY = "AKIACAIRNBENCHMARK00";
    private static final String SECRET_KEY = "a key for benchmarks of one's own machine";

    private final Process process;
    private final Path data;
    private final URI endpoint;
    private final double readySeconds;
    private final RequestSigner cloudTrail =
            new RequestSigner(
                    ACCESS_KEY, SECRET_KEY, Optional.empty(), Traffic.REGION, "cloudtrail");
    private final RequestSigner own =
            new RequestSigner(ACCESS_KEY, SECRET_KEY, Optional.empty(), Traffic.REGION, "cairn");

    private final RequestSigner sqs =
            new RequestSigner(ACCESS_KEY, SECRET_KEY, Optional.empty(), Traffic.REGION, "sqs");

    private final RequestSigner events =
            new RequestSigner(ACCESS_KEY, SECRET_KEY, Optional.empty(), Traffic.REGION, "events");

    private CairnServer(Process process, Path data, URI endpoint, double readySeconds) {
        this.process = process;
        this.data = data;
        this.endpoint = endpoint;
        this.readySeconds = readySeconds;
    }

    /// Starts one, and waits until it is ready. Its log goes to a file beside the data folder.
    ///
    /// @param settings others than the default, such as `trail.delivery-interval=10s`
    static CairnServer start(Checkout checkout, Path data, String... settings)
            throws BenchException {
        try {
            var log = Path.of(data + ".log").toFile();
            List<String> command = new ArrayList<>();
            command.addAll(
                    List.of(
                            checkout.launcher().toString(),
                            "serve",
                            "--data",
                            data.toString(),
                            "--port",
                            "0",
                            "--set",
                            "auth.root-access-key=" + ACCESS_KEY,
                            "--set",
                            "auth.root-secret-key=" + SECRET_KEY));
            for (String setting : settings) {
                command.addAll(List.of("--set", setting));
            }
            long began = System.nanoTime();
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.appendTo(log))
                            .start();
            var lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8));
            String ready = lines.readLine();
            // With CAIRN_JAVA_OPTS the JVM itself may have something to say first.
            while (ready != null && ready.startsWith("[")) {
                ready = lines.readLine();
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            if (ready == null || !ready.startsWith("ready ")) {
                Processes.stop(process);
                throw new BenchException(
                        "expected Cairn's ready line, got %s; its log:%n%s"
                                .formatted(ready, Files.readString(log.toPath())));
            }
            return new CairnServer(process, data, URI.create(ready.split(" ", 3)[1]), seconds);
        } catch (IOException e) {
            throw new BenchException("cannot start Cairn: " + e.getMessage(), e);
        }
    }

    URI endpoint() {
        return endpoint;
    }

    /// Where its gateway listens; it has to have one.
    ///
    /// @param number of the listener, from 0, as `gateway.listen` names them
    URI gateway(int number) throws BenchException {
        try {
            JsonNode note = JSON.readTree(data.resolve("server.json").toFile());
            return URI.create(note.path("gateways").path(number).path("url").asText());
        } catch (IOException e) {
            throw new BenchException("cannot read where the gateway listens", e);
        }
    }

    /// The variables that point AWS's clients to it, as root.
    Map<String, String> environment() {
        return Map.of(
                "AWS_ENDPOINT_URL",
                endpoint.toString(),
                "AWS_ACCESS_KEY_ID",
                ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY",
                SECRET_KEY,
                "AWS_DEFAULT_REGION",
                Traffic.REGION,
                "AWS_EC2_METADATA_DISABLED",
                "true");
    }

    long pid() {
        return process.pid();
    }

    /// From the start of the launcher to the ready line.
    double readySeconds() {
        return readySeconds;
    }

    /// A token that records events of [Traffic#ACCOUNT].
    String intakeToken() throws BenchException {
        String body = "{\"accountId\":\"" + Traffic.ACCOUNT + "\",\"purpose\":\"intake\"}";
        return call("POST", "/cairn/v1/tokens", body).path("secret").asText();
    }

    /// How many recorded events history has not yet taken.
    long pending() throws BenchException {
        return behind().history();
    }

    /// How many recorded events its readers have not yet taken.
    ///
    /// @param trails all of them together
    record Behind(long history, long trails) {}

    /// Where its readers stand. Not to be asked often: to count what is delivered, status refreshes
    /// the index.
    Behind behind() throws BenchException {
        long history = 0;
        long trails = 0;
        for (JsonNode reader : call("GET", "/cairn/v1/status", "").path("readers")) {
            long pending = reader.path("pending").asLong();
            if (reader.path("name").asText().equals("history")) {
                history = pending;
            } else {
                trails += pending;
            }
        }
        return new Behind(history, trails);
    }

    /// Waits until history has taken everything.
    ///
    /// @return how long that took, in seconds
    double drain() throws BenchException, InterruptedException {
        long began = System.nanoTime();
        for (int i = 0; i < 3_600; i++) {
            // A few own events are always young; what matters is the backlog.
            if (pending() < 100) {
                return (System.nanoTime() - began) / 1e9;
            }
            // Not often: to count what is delivered, status refreshes the index.
            Thread.sleep(1000);
        }
        throw new BenchException("history did not catch up within an hour");
    }

    private JsonNode call(String method, String path, String body) throws BenchException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return answer(method + " " + path, head(own, method, path, Headers.NONE, bytes), bytes);
    }

    /// @param call what to name in messages
    private JsonNode answer(String call, String head, byte[] body) throws BenchException {
        try (var connection = new HttpConnection(endpoint)) {
            var answer = connection.send(head, body, body.length);
            if (answer.status() / 100 != 2) {
                throw new BenchException(
                        "%s: expected success, got %d %s"
                                .formatted(call, answer.status(), answer.text()));
            }
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new BenchException("%s: %s".formatted(call, e.getMessage()), e);
        }
    }

    /// The head of a signed LookupEvents call, as the AWS SDKs and CLI send it.
    String lookupHead(byte[] body) {
        return cloudTrailHead("LookupEvents", body);
    }

    /// The answer to a call of CloudTrail.
    ///
    /// @param input as JSON
    JsonNode cloudTrail(String operation, String input) throws BenchException {
        byte[] body = input.getBytes(StandardCharsets.UTF_8);
        return answer(operation, cloudTrailHead(operation, body), body);
    }

    private String cloudTrailHead(String operation, byte[] body) {
        return head(
                cloudTrail,
                "POST",
                "/",
                Headers.of(
                        "X-Amz-Target",
                        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101." + operation,
                        "Content-Type",
                        "application/x-amz-json-1.1"),
                body);
    }

    /// The answer to a call of EventBridge.
    ///
    /// @param input as JSON
    JsonNode events(String operation, String input) throws BenchException {
        byte[] body = input.getBytes(StandardCharsets.UTF_8);
        String head =
                head(
                        events,
                        "POST",
                        "/",
                        Headers.of(
                                "X-Amz-Target",
                                "AWSEvents." + operation,
                                "Content-Type",
                                "application/x-amz-json-1.1"),
                        body);
        return answer(operation, head, body);
    }

    /// Makes a queue.
    ///
    /// @return its URL
    String createQueue(String name) throws BenchException {
        byte[] body = "{\"QueueName\":\"%s\"}".formatted(name).getBytes(StandardCharsets.UTF_8);
        return answer("CreateQueue", queueHead("CreateQueue", body), body)
                .path("QueueUrl")
                .asText();
    }

    /// The head of a signed call to a queue, as today's AWS SDKs and CLI send it.
    String queueHead(String operation, byte[] body) {
        return head(
                sqs,
                "POST",
                "/",
                Headers.of(
                        "X-Amz-Target",
                        "AmazonSQS." + operation,
                        "Content-Type",
                        "application/x-amz-json-1.0"),
                body);
    }

    /// The head of an intake call.
    String intakeHead(String token) {
        return "POST /intake/v1/events HTTP/1.1\r\nHost: "
                + host()
                + "\r\nAuthorization: Bearer "
                + token
                + "\r\nContent-Type: application/json\r\n";
    }

    private String head(
            RequestSigner signer, String method, String path, Headers headers, byte[] body) {
        String hash = sha256(body);
        Request signed =
                signer.sign(
                        new Request(method, path, "", headers.plus("Host", host())),
                        new Payload.Declared(hash),
                        hash,
                        Instant.now());
        StringBuilder head = new StringBuilder(512);
        head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
        signed.headers()
                .fields()
                .forEach(field ->
                        head.append(field.name())
                                .append(": ")
                                .append(field.value())
                                .append("\r\n"));
        return head.toString();
    }

    private String host() {
        return endpoint.getHost() + ":" + endpoint.getPort();
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    @Override
    public void close() {
        Processes.stop(process);
    }
}

package dev.cairn.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// AWS SDK for JavaScript 3, driven over a pipe: one line of JSON asks, one line answers. Errors
/// are named by their class.
final class JavaScriptClient implements LookupClient {
    private static final Path SOURCE = Path.of("src/test/javascript");
    private static final Path BUILT = Path.of("target/javascript");
    private static final List<String> FILES =
            List.of("package.json", "package-lock.json", ".npmrc", "driver.js");

    private static final long INSTALL_SECONDS_MAX = 180;

    private final Process process;
    private final BufferedWriter asks;
    private final BufferedReader answers;

    JavaScriptClient(URI endpoint, LiveServer.Credentials credentials, String region)
            throws IOException, InterruptedException {
        install();
        var builder =
                Command.builder(
                        BUILT,
                        java.util.Map.of(
                                "AWS_ACCESS_KEY_ID", credentials.accessKeyId(),
                                "AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey(),
                                "AWS_REGION", region,
                                "AWS_EC2_METADATA_DISABLED", "true",
                                "AWS_ENDPOINT_URL", endpoint.toString()),
                        List.of("node", "driver.js"));
        process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        asks = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /// Brings the client, exactly as locked, into the build folder; once until what it is made of
    /// changes. Tests run in several processes: the second waits, and finds it there.
    private static void install() throws IOException, InterruptedException {
        Files.createDirectories(BUILT);
        try (var channel =
                        FileChannel.open(
                                BUILT.resolve("install.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (!upToDate()) {
                npm();
            }
        }
    }

    private static boolean upToDate() throws IOException {
        if (!Files.exists(BUILT.resolve("node_modules/.package-lock.json"))) {
            return false;
        }
        for (var file : FILES) {
            var built = BUILT.resolve(file);
            if (!Files.exists(built) || Files.mismatch(built, SOURCE.resolve(file)) >= 0) {
                return false;
            }
        }
        return true;
    }

    private static void npm() throws IOException, InterruptedException {
        for (var file : FILES) {
            Files.copy(
                    SOURCE.resolve(file), BUILT.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Process npm;
        try {
            // With the user's own settings: they say where packages come from.
            npm =
                    new ProcessBuilder("npm", "ci", "--no-progress")
                            .directory(BUILT.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(BUILT.resolve("npm.log").toFile())
                            .start();
        } catch (IOException missing) {
            throw Clients.absent("expected npm on the path: " + missing.getMessage());
        }
        npm.getOutputStream().close();
        if (!npm.waitFor(INSTALL_SECONDS_MAX, TimeUnit.SECONDS)) {
            npm.destroyForcibly();
        }
        if (npm.waitFor() != 0) {
            Files.deleteIfExists(BUILT.resolve("package-lock.json"));
            throw Clients.absent(
                    "expected 'npm ci' to bring the AWS SDK for JavaScript, got: "
                            + Files.readString(BUILT.resolve("npm.log")));
        }
    }

    @Override
    public Identity callerIdentity() throws Exception {
        var answer = call("sts", "GetCallerIdentity", Wire.JSON.createObjectNode());
        return new Identity(
                answer.path("Account").asText(),
                answer.path("Arn").asText(),
                answer.path("UserId").asText());
    }

    @Override
    public Page lookup(Ask ask) throws Exception {
        var input = Wire.JSON.createObjectNode();
        for (var attribute : ask.attributes()) {
            input.withArray("LookupAttributes")
                    .addObject()
                    .put("AttributeKey", attribute.key())
                    .put("AttributeValue", attribute.value());
        }
        put(input, "StartTime", ask.start());
        put(input, "EndTime", ask.end());
        put(input, "EventCategory", ask.category());
        put(input, "NextToken", ask.nextToken());
        if (ask.maxResults() != null) {
            input.put("MaxResults", ask.maxResults());
        }
        var answer = call("cloudtrail", "LookupEvents", input);
        var events = new java.util.ArrayList<Found>();
        for (var event : answer.path("Events")) {
            events.add(LookupClient.found(event, Instant.parse(event.path("EventTime").asText())));
        }
        return new Page(events, answer.path("NextToken").asText(null));
    }

    private static void put(
            ObjectNode input, String name, @org.jspecify.annotations.Nullable Object value) {
        if (value != null) {
            input.put(name, value.toString());
        }
    }

    @Override
    public void getInsightSelectors() throws Exception {
        call(
                "cloudtrail",
                "GetInsightSelectors",
                Wire.JSON.createObjectNode().put("TrailName", "main"));
    }

    /// Any operation.
    ///
    /// @param service as its package is named: `client-s3` is `s3`
    /// @param input bytes stand in it as [#bytes]
    /// @return the output; bytes stand in it as `base64` of their member
    /// @throws RefusedException with the name the client gives the error
    JsonNode call(String service, String operation, JsonNode input)
            throws IOException, RefusedException {
        return ask(Wire.JSON.createObjectNode(), service, operation, input);
    }

    /// The address at which anyone may do an operation of S3 for the next five minutes.
    URI presigned(String operation, JsonNode input) throws IOException, RefusedException {
        var ask = Wire.JSON.createObjectNode().put("presign", true);
        return URI.create(ask(ask, "s3", operation, input).path("url").asText());
    }

    /// How bytes stand in an input.
    ///
    /// @param stream whether the client is to take them for a stream, which it cannot read twice
    static ObjectNode bytes(byte[] bytes, boolean stream) {
        return Wire.JSON
                .createObjectNode()
                .put("base64", Base64.getEncoder().encodeToString(bytes))
                .put("stream", stream);
    }

    private JsonNode ask(ObjectNode ask, String service, String operation, JsonNode input)
            throws IOException, RefusedException {
        ask.put("service", service).put("operation", operation).set("input", input);
        asks.write(ask + "\n");
        asks.flush();
        var line = answers.readLine();
        if (line == null) {
            throw new AssertionError("expected an answer of the driver, got its end");
        }
        var answer = Wire.JSON.readTree(line);
        var error = answer.path("error");
        if (error.isMissingNode()) {
            return answer.path("output");
        }
        throw new RefusedException(error.path("name").asText(), error.path("message").asText());
    }

    @Override
    public void close() {
        process.destroy();
    }
}

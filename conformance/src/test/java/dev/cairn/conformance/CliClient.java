package dev.cairn.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The AWS CLI as Debian packages it. Errors are named as it prints them.
final class CliClient implements LookupClient {
    /// Not what the path finds: that may be any version, from anywhere.
    private static final Path PROGRAM = Path.of("/usr/bin/aws");

    private static final Pattern ERROR =
            Pattern.compile("An error occurred \\(([\\w.]+)\\) when calling the \\w+ operation.*");

    private final Path home;
    private final URI endpoint;
    private final LiveServer.Credentials credentials;
    private final String region;

    /// @param home takes the place of the user's home, so that nothing of theirs is read
    CliClient(Path home, URI endpoint, LiveServer.Credentials credentials, String region) {
        if (!Files.isExecutable(PROGRAM)) {
            throw Clients.absent(
                    "expected the AWS CLI at %s, got no such program: apt-get install awscli"
                            .formatted(PROGRAM));
        }
        this.home = home;
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.region = region;
    }

    @Override
    public Identity callerIdentity() throws Exception {
        var answer = call(List.of("sts", "get-caller-identity"));
        return new Identity(
                answer.path("Account").asText(),
                answer.path("Arn").asText(),
                answer.path("UserId").asText());
    }

    @Override
    public Page lookup(Ask ask) throws Exception {
        var words = lookupWords(ask);
        words.add("--no-paginate");
        return page(call(words));
    }

    @Override
    public List<Found> all(Ask ask) throws Exception {
        if (ask.maxResults() != null) {
            return LookupClient.super.all(ask);
        }
        // Left alone, the CLI turns the pages itself.
        return page(call(lookupWords(ask))).events();
    }

    private static List<String> lookupWords(Ask ask) {
        var words = new ArrayList<>(List.of("cloudtrail", "lookup-events"));
        if (!ask.attributes().isEmpty()) {
            words.add("--lookup-attributes");
            for (var attribute : ask.attributes()) {
                words.add(
                        "AttributeKey=%s,AttributeValue=%s"
                                .formatted(attribute.key(), attribute.value()));
            }
        }
        option(words, "--start-time", ask.start());
        option(words, "--end-time", ask.end());
        option(words, "--event-category", ask.category());
        option(words, "--max-results", ask.maxResults());
        option(words, "--next-token", ask.nextToken());
        return words;
    }

    private static void option(
            List<String> words, String name, @org.jspecify.annotations.Nullable Object value) {
        if (value != null) {
            words.addAll(List.of(name, value.toString()));
        }
    }

    private static Page page(JsonNode answer) {
        var events = new ArrayList<Found>();
        for (var event : answer.path("Events")) {
            events.add(
                    LookupClient.found(
                            event,
                            OffsetDateTime.parse(event.path("EventTime").asText()).toInstant()));
        }
        return new Page(events, answer.path("NextToken").asText(null));
    }

    @Override
    public void getInsightSelectors() throws Exception {
        call(List.of("cloudtrail", "get-insight-selectors", "--trail-name", "main"));
    }

    /// Any command that makes one call, such as `cloudtrail list-trails`.
    JsonNode call(List<String> arguments)
            throws IOException, InterruptedException, RefusedException {
        var done = run(arguments);
        if (done.exit() == 0) {
            return Wire.JSON.readTree(done.out());
        }
        var error = ERROR.matcher(done.err().strip().replace('\n', ' '));
        if (!error.matches()) {
            throw new AssertionError("expected an answer or an error of the service, got " + done);
        }
        throw new RefusedException(error.group(1), done.err().strip());
    }

    /// Any command, such as `s3 cp`.
    Command run(List<String> arguments) throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of(PROGRAM.toString()));
        words.addAll(arguments);
        words.addAll(List.of("--endpoint-url", endpoint.toString(), "--output", "json"));
        return Command.run(
                home,
                Map.of(
                        "AWS_ACCESS_KEY_ID",
                        credentials.accessKeyId(),
                        "AWS_SECRET_ACCESS_KEY",
                        credentials.secretAccessKey(),
                        "AWS_DEFAULT_REGION",
                        region,
                        "AWS_CONFIG_FILE",
                        home.resolve("aws-config").toString(),
                        "AWS_SHARED_CREDENTIALS_FILE",
                        home.resolve("aws-credentials").toString(),
                        "AWS_EC2_METADATA_DISABLED",
                        "true",
                        "AWS_PAGER",
                        "",
                        "AWS_MAX_ATTEMPTS",
                        "1"),
                words);
    }

    @Override
    public void close() {
        // Each call is a process of its own.
    }
}

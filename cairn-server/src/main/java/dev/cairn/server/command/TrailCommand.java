package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.WriteCheck;
import java.math.BigDecimal;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "trail",
        description = "Makes, shows, starts, stops and deletes trails.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn trail create main       # a fresh bucket, all regions, validation on, logging",
            "  cairn trail list",
            "  cairn trail status main",
            "  cairn doctor trail main       # what is wrong with its deliveries, and what mends it",
            "",
            "Everything else a trail can be told: aws cloudtrail update-trail, put-event-selectors, ..."
        })
final class TrailCommand {
    private static final String NAME = "A trail's name, or its ARN.";

    @Command(
            name = "create",
            description = {
                "Makes a trail of all regions, with log file validation, and starts it.",
                "Without --bucket it makes a bucket whose policy lets this trail in and nobody else."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn trail create main",
                "  cairn trail create second --bucket audit-logs --prefix second",
                "  cairn trail create local --region eu-west-1 --one-region --json"
            })
    int create(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = "3 to 128 letters, digits, . - and _.")
                    String name,
            @Option(
                            names = "--bucket",
                            paramLabel = "BUCKET",
                            description =
                                    "One that is there, and whose policy lets the trail in (default: a fresh one).")
                    @Nullable String bucket,
            @Option(
                            names = "--prefix",
                            paramLabel = "PREFIX",
                            defaultValue = "",
                            description = "Before AWSLogs/ in the keys of its files.")
                    String prefix,
            @Option(
                            names = "--region",
                            paramLabel = "REGION",
                            description = "Its home region (default: AWS_REGION, or us-east-1).")
                    @Nullable String region,
            @Option(
                            names = "--one-region",
                            description = "Take the events of its home region only.")
                    boolean oneRegion,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        try (var connection = target.connect()) {
            var calls = new TrailCalls(connection);
            var home = Objects.requireNonNullElse(region, target.region());
            var asked =
                    TrailCalls.input()
                            .put("Name", name)
                            .put("IsMultiRegionTrail", !oneRegion)
                            .put("EnableLogFileValidation", true);
            if (!prefix.isEmpty()) {
                asked.put("S3KeyPrefix", prefix);
            }
            var made =
                    bucket == null
                            ? createWithBucket(calls, home, asked)
                            : calls.cloudTrail(
                                    home, "CreateTrail", asked.put("S3BucketName", bucket));
            calls.cloudTrail(home, "StartLogging", TrailCalls.input().put("Name", name));
            var overlaps = overlaps(connection, made.path("TrailARN").asText());
            if (json) {
                Console.json(((ObjectNode) made).set("overlaps", overlaps));
            } else {
                made(made, overlaps);
            }
            return 0;
        }
    }

    /// A bucket is left behind only when not even its removal is answered.
    private static JsonNode createWithBucket(TrailCalls calls, String home, ObjectNode asked)
            throws CommandException, InterruptedException {
        var name = asked.path("Name").asText();
        var account = calls.account(home);
        var arn = "arn:aws:cloudtrail:%s:%s:trail/%s".formatted(home, account, name);
        if (calls.trails(home).stream().anyMatch(trail -> trail.text().equals(arn))) {
            throw new CommandException(
                    "there is a trail %s already; 'cairn trail show %s' shows it"
                            .formatted(name, name));
        }
        var bucket =
                "aws-cloudtrail-logs-%s-%s"
                        .formatted(
                                account, HexFormat.of().toHexDigits(new SecureRandom().nextInt()));
        var prefix = asked.path("S3KeyPrefix").asText("");
        calls.createBucket(home, bucket);
        var done = false;
        try {
            calls.putPolicy(
                    home,
                    bucket,
                    WriteCheck.policy(
                            bucket,
                            (prefix.isEmpty() ? "" : prefix + "/") + "AWSLogs/" + account + "/",
                            arn));
            var made = calls.cloudTrail(home, "CreateTrail", asked.put("S3BucketName", bucket));
            done = true;
            return made;
        } finally {
            if (!done) {
                calls.deleteBucket(home, bucket);
            }
        }
    }

    /// What the trail stores twice, as the server sees it.
    private static JsonNode overlaps(Connection connection, String arn)
            throws CommandException, InterruptedException {
        var found = new ObjectMapper().createArrayNode();
        for (var finding : DoctorTrailCommand.diagnosis(connection, arn).path("findings")) {
            if (List.of("loop", "duplicates").contains(finding.path("subject").asText())) {
                found.add(finding);
            }
        }
        return found;
    }

    private static void made(JsonNode trail, JsonNode overlaps) {
        var name = trail.path("Name").asText();
        var bucket = trail.path("S3BucketName").asText();
        Console.out()
                .println(
                        "trail %s takes management events of %s and delivers them to s3://%s/, sealed by digests"
                                .formatted(
                                        name,
                                        trail.path("IsMultiRegionTrail").asBoolean()
                                                ? "all regions"
                                                : TrailCalls.Arn.of(trail.path("TrailARN").asText())
                                                        .region(),
                                        bucket));
        for (var overlap : overlaps) {
            Console.err().println("note: " + overlap.path("message").asText());
            Console.err().println("      " + overlap.path("remedy").asText());
        }
        Console.err().println("next: cairn trail status " + name);
        Console.err().println("      aws s3 ls --recursive s3://" + bucket + "/");
    }

    @Command(
            name = "list",
            description = "Lists the trails of your account, in all regions.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn trail list", "  cairn trail list --json"})
    int list(
            @Mixin ServerChoice target,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        var all = new ObjectMapper().createArrayNode();
        var table =
                new Table("TRAIL", "HOME", "TAKES", "BUCKET", "LOGGING", "LAST FILE", "LAST ERROR");
        try (var connection = target.connect()) {
            var calls = new TrailCalls(connection);
            for (var trail : calls.trails(target.region())) {
                var shown = shown(calls, trail);
                all.add(shown);
                table.row(
                        trail.name(),
                        trail.region(),
                        shown.path("IsMultiRegionTrail").asBoolean() ? "all regions" : "its region",
                        place(shown),
                        shown.path("Status").path("IsLogging").asBoolean() ? "on" : "off",
                        time(shown.path("Status").path("LatestDeliveryTime")),
                        error(shown.path("Status")));
            }
        }
        if (json) {
            Console.json(all);
        } else {
            table.print(Console.out());
        }
        return 0;
    }

    /// A trail with its status.
    private static ObjectNode shown(TrailCalls calls, TrailCalls.Arn trail)
            throws CommandException, InterruptedException {
        var name = TrailCalls.input().put("Name", trail.text());
        var shown = (ObjectNode) calls.cloudTrail(trail.region(), "GetTrail", name).path("Trail");
        shown.set("Status", calls.cloudTrail(trail.region(), "GetTrailStatus", name));
        return shown;
    }

    private static String place(JsonNode trail) {
        var prefix = trail.path("S3KeyPrefix").asText("");
        return trail.path("S3BucketName").asText() + (prefix.isEmpty() ? "" : "/" + prefix);
    }

    private static String error(JsonNode status) {
        var error = status.path("LatestDeliveryError").asText("");
        return error.isEmpty() ? status.path("LatestDigestDeliveryError").asText("-") : error;
    }

    private static String time(JsonNode seconds) {
        return seconds.isMissingNode()
                ? "-"
                : Instant.ofEpochMilli(
                                new BigDecimal(seconds.asText())
                                        .movePointRight(3)
                                        .toBigInteger()
                                        .longValueExact())
                        .toString();
    }

    @Command(
            name = "show",
            description = "Shows a trail: where it delivers, and what it takes.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn trail show main", "  cairn trail show main --json"})
    int show(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        try (var connection = target.connect()) {
            var calls = new TrailCalls(connection);
            var trail = calls.find(target.region(), name);
            var shown = shown(calls, trail);
            var selectors =
                    calls.cloudTrail(
                            trail.region(),
                            "GetEventSelectors",
                            TrailCalls.input().put("TrailName", trail.text()));
            shown.setAll((ObjectNode) selectors.deepCopy());
            if (json) {
                Console.json(shown);
                return 0;
            }
            var out = Console.out();
            line("trail", trail.text());
            line("bucket", place(shown));
            line(
                    "takes",
                    (shown.path("IsMultiRegionTrail").asBoolean() ? "all regions" : trail.region())
                            + (shown.path("IncludeGlobalServiceEvents").asBoolean()
                                    ? ", with global services"
                                    : ""));
            line("digests", shown.path("LogFileValidationEnabled").asBoolean() ? "on" : "off");
            line("logging", shown.path("Status").path("IsLogging").asBoolean() ? "on" : "off");
            line("selectors", "");
            for (var kind : List.of("EventSelectors", "AdvancedEventSelectors")) {
                for (var selector : selectors.path(kind)) {
                    out.println("  " + Table.clean(selector.toString()));
                }
            }
            return 0;
        }
    }

    private static void line(String word, String text) {
        Console.out().println("%-10s %s".formatted(word, Table.clean(text)).stripTrailing());
    }

    @Command(
            name = "status",
            description = "Shows how a trail's deliveries stand.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn trail status main",
                "  cairn trail status main --json",
                "",
                "Exits 0 only when nothing keeps it from delivering and its sum comes out even."
            })
    int status(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Option(names = "--json", description = "Print JSON.") boolean json)
            throws Exception {
        try (var connection = target.connect()) {
            var calls = new TrailCalls(connection);
            var trail = calls.find(target.region(), name);
            var status =
                    (ObjectNode)
                            calls.cloudTrail(
                                    trail.region(),
                                    "GetTrailStatus",
                                    TrailCalls.input().put("Name", trail.text()));
            JsonNode reader = TrailCalls.input();
            for (var each : connection.get("/cairn/v1/status", Map.of()).path("readers")) {
                if (each.path("name").asText().equals(trail.text())) {
                    reader = each;
                }
            }
            if (json) {
                status.set("reader", reader);
                Console.json(status);
            } else {
                status(status, reader);
            }
            return error(status).equals("-")
                            && reader.path("balanced").asBoolean(true)
                            && !reader.path("failing").asBoolean()
                    ? 0
                    : CommandException.FAILED;
        }
    }

    private static void status(JsonNode status, JsonNode reader) {
        line(
                "logging",
                status.path("IsLogging").asBoolean()
                        ? "on since " + time(status.path("StartLoggingTime"))
                        : "off; what is recorded now is not delivered");
        line(
                "log files",
                "last one at "
                        + time(status.path("LatestDeliveryTime"))
                        + failed(status.path("LatestDeliveryError")));
        line(
                "digests",
                "last one at "
                        + time(status.path("LatestDigestDeliveryTime"))
                        + failed(status.path("LatestDigestDeliveryError")));
        if (reader.has("recorded")) {
            line(
                    "events",
                    "%,d recorded = %,d delivered + %,d filtered + %,d set aside + %,d pending: %s"
                            .formatted(
                                    reader.path("recorded").asLong(),
                                    reader.path("delivered").asLong(),
                                    reader.path("filtered").asLong(),
                                    reader.path("setAside").asLong(),
                                    reader.path("pending").asLong(),
                                    reader.path("balanced").asBoolean() ? "even" : "NOT EVEN"));
        }
    }

    private static String failed(JsonNode error) {
        return error.isMissingNode()
                ? ""
                : "; the last try failed: %s ('cairn doctor trail' says what mends it)"
                        .formatted(error.asText());
    }

    @Command(
            name = "start",
            description = "Turns logging on: what is recorded from now on is delivered.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn trail start main"})
    int start(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = NAME) String name)
            throws Exception {
        return change(target, name, "StartLogging", "logs");
    }

    @Command(
            name = "stop",
            description =
                    "Turns logging off. What was recorded before is delivered, with a last digest.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn trail stop main"})
    int stop(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = NAME) String name)
            throws Exception {
        return change(target, name, "StopLogging", "does not log any more");
    }

    @Command(
            name = "delete",
            description =
                    "Deletes a trail. What was recorded before is delivered; its files stay in the bucket.",
            footerHeading = "%nExamples:%n",
            footer = {"  cairn trail delete main"})
    int delete(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "NAME", description = NAME) String name)
            throws Exception {
        return change(target, name, "DeleteTrail", "is deleted; its files stay");
    }

    private static int change(ServerChoice target, String name, String operation, String done)
            throws CommandException, InterruptedException {
        try (var connection = target.connect()) {
            var calls = new TrailCalls(connection);
            var trail = calls.find(target.region(), name);
            calls.cloudTrail(
                    trail.region(), operation, TrailCalls.input().put("Name", trail.text()));
            Console.err().println("trail " + trail.shown() + " " + done);
            return 0;
        }
    }
}

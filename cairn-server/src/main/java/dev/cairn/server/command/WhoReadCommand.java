package dev.cairn.server.command;

import dev.cairn.history.Condition;
import dev.cairn.history.SearchText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "who-read",
        description = {
            "Tells who read, listed, copied, changed or tried to delete what lies in a bucket, or below a prefix of it.",
            "Every call on a bucket that a trail delivers to is recorded; of other buckets those that a trail asks for."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn who-read s3://audit-logs",
            "  cairn who-read s3://audit-logs/AWSLogs/123456789012/ --since 30d",
            "  cairn who-read s3://audit-logs --except arn:aws:iam::123456789012:user/auditor",
            "",
            "Calls on the bucket as a whole, such as a change of its policy, are among them whatever the prefix."
        })
final class WhoReadCommand implements Callable<Integer> {
    @Mixin private ServerChoice target = new ServerChoice();
    @Mixin private Period period = new Period();
    @Mixin private Where where = new Where();

    @Parameters(paramLabel = "s3://BUCKET[/PREFIX]", description = "What was read.")
    private String place = "";

    @Option(
            names = "--except",
            paramLabel = "ARN",
            description =
                    "Leave out who is expected to read; * stands for any characters. May be given several times.")
    private List<String> except = new ArrayList<>();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "Show at most so many (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        var bucket =
                BucketPlace.of(place)
                        .orElseThrow(() ->
                                new CommandException(
                                        "expected s3://BUCKET or s3://BUCKET/PREFIX, got " + place,
                                        CommandException.USAGE));
        var question = new LinkedHashMap<String, List<String>>();
        question.put("query", List.of(SearchText.of(condition(bucket, except))));
        period.addTo(question);
        where.addTo(question);
        try (var connection = target.connect()) {
            return SearchCommand.show(
                    connection, "/cairn/v1/events", question, Math.max(1, limit), json);
        }
    }

    /// Calls on a bucket, or on what is below a prefix of it: by its name and key, as the source of
    /// a copy, or by a listing that may have shown some of it. A copy is known by what it touched,
    /// and in records that do not say it by the header, which may be written in more ways than one.
    ///
    /// @param except ARNs of callers to leave out, with wildcards
    static Condition condition(BucketPlace place, List<String> except) {
        String prefix = literal(place.prefix());
        var parts = new ArrayList<Condition>();
        parts.add(new Condition.Is("eventSource", "s3.amazonaws.com"));
        var there = new ArrayList<Condition>();
        there.add(new Condition.Like("requestParameters.key", prefix + "*"));
        there.add(new Condition.Not(new Condition.Exists("requestParameters.key")));
        var named =
                new Condition.And(
                        List.of(
                                new Condition.Is("requestParameters.bucketName", place.bucket()),
                                place.prefix().isEmpty()
                                        ? new Condition.All()
                                        : new Condition.Or(there)));
        String source = literal(place.bucket() + "/" + place.prefix()) + "*";
        parts.add(
                new Condition.Or(
                        List.of(
                                named,
                                new Condition.Like("resources.ARN", "arn:aws:s3:::" + source),
                                new Condition.Like("requestParameters.x-amz-copy-source", source),
                                new Condition.Like(
                                        "requestParameters.x-amz-copy-source", "/" + source))));
        for (var arn : except) {
            parts.add(new Condition.Not(new Condition.Like("userIdentity.arn", arn)));
        }
        return new Condition.And(parts);
    }

    private static String literal(String text) {
        return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?");
    }
}

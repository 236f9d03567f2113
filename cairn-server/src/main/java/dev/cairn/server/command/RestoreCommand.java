package dev.cairn.server.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.server.command.OwnBuckets.Entry;
import dev.cairn.server.configuration.Settings;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "restore",
        description = {
            "Brings objects of a bucket back from the colder place for some days, so that they can be read.",
            "What was moved stays there; what is brought back is a copy."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn restore s3://audit-logs/AWSLogs/ --since 2024-03-01 --until 2024-04-01",
            "  cairn restore s3://audit-logs --since 90d --days 3 --no-wait",
            "",
            "The time of a log file is the one in its name, that of any other object the time it was stored at."
        })
final class RestoreCommand implements Callable<Integer> {
    private static final Pattern STAMP = Pattern.compile(".*_(\\d{8}T\\d{4,6}Z)[_.].*");
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /// How long nothing may come back before this gives up waiting.
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Mixin private ServerChoice target = new ServerChoice();

    @Parameters(paramLabel = "s3://BUCKET[/PREFIX]", description = "What is to be brought back.")
    private String place = "";

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Objects from then on: 2024-03-01, 2024-03-01T08:00:00Z, or 90d ago.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Objects before then.")
    private @Nullable String until;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "7",
            description = "How long the copies stay (default: ${DEFAULT-VALUE}).")
    private int days;

    @Option(
            names = "--no-wait",
            description = "Ask for the copies, and do not wait until they are there.")
    private boolean noWait;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /// What became of it.
    private static final class Tally {
        int atHand;
        int asked;
        int back;
        long bytes;
    }

    @Override
    public Integer call() throws Exception {
        var bucket =
                BucketPlace.of(place)
                        .orElseThrow(() ->
                                new CommandException(
                                        "expected s3://BUCKET or s3://BUCKET/PREFIX, got " + place,
                                        CommandException.USAGE));
        var from = since == null ? Instant.MIN : time("--since", since);
        var to = until == null ? Instant.MAX : time("--until", until);
        var tally = new Tally();
        try (var connection = target.connect()) {
            var wanted = wanted(connection, bucket, from, to, tally);
            var waiting = ask(connection, bucket, wanted, tally);
            if (!noWait) {
                await(connection, bucket, waiting, tally);
            }
            tell(bucket, waiting.size(), tally);
            return noWait || waiting.isEmpty() ? 0 : CommandException.FAILED;
        }
    }

    private static List<Archive.Listed> wanted(
            Connection connection, BucketPlace place, Instant from, Instant to, Tally tally)
            throws CommandException {
        var buckets = new OwnBuckets(connection);
        var wanted = new ArrayList<Archive.Listed>();
        var after = "";
        try (var progress = Progress.files("listing")) {
            while (true) {
                var page = buckets.entries(place.bucket(), place.prefix(), after, Archive.LIST_MAX);
                for (Entry entry : page.entries()) {
                    var time = time(entry.object());
                    if (time.isBefore(from) || !time.isBefore(to)) {
                        continue;
                    }
                    if (isCold(entry)) {
                        wanted.add(entry.object());
                    } else {
                        tally.atHand++;
                    }
                }
                progress.step(page.entries().size(), "");
                if (!page.more()) {
                    return wanted;
                }
                after = page.entries().getLast().object().key();
            }
        } catch (ArchiveException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private static boolean isCold(Entry entry) {
        return entry.storageClass().equals("GLACIER")
                || entry.storageClass().equals("DEEP_ARCHIVE");
    }

    /// When an object is from.
    static Instant time(Archive.Listed object) {
        var name = object.key().substring(object.key().lastIndexOf('/') + 1);
        var stamp = STAMP.matcher(name);
        if (stamp.matches()) {
            var text = stamp.group(1);
            var pattern = text.length() == 14 ? "uuuuMMdd'T'HHmmX" : "uuuuMMdd'T'HHmmssX";
            try {
                return Instant.from(DateTimeFormatter.ofPattern(pattern).parse(text));
            } catch (DateTimeException _) {
                // It only looks like a time.
            }
        }
        return object.stored();
    }

    private static Instant time(String option, String text) throws CommandException {
        var ago = Settings.parseDuration(text);
        return ago == null
                ? Period.time(option, text)
                : InstantSource.system().instant().minus(ago);
    }

    /// @return those that are on their way
    private ArrayDeque<Archive.Listed> ask(
            Connection connection, BucketPlace place, List<Archive.Listed> wanted, Tally tally)
            throws CommandException, InterruptedException {
        var waiting = new ArrayDeque<Archive.Listed>();
        var document =
                "<RestoreRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Days>%d</Days></RestoreRequest>"
                        .formatted(days);
        for (var object : wanted) {
            try {
                connection.post(path(place, object), "restore", document);
            } catch (CommandException refused) {
                if (refused.status() != 409) {
                    throw refused;
                }
                // It was on its way already.
            }
            tally.asked++;
            tally.bytes += object.length();
            waiting.add(object);
        }
        return waiting;
    }

    private static String path(BucketPlace place, Archive.Listed object) {
        return "/" + place.bucket() + "/" + OwnBuckets.path(object.key());
    }

    private static void await(
            Connection connection,
            BucketPlace place,
            ArrayDeque<Archive.Listed> waiting,
            Tally tally)
            throws CommandException, InterruptedException {
        var quiet = Duration.ZERO;
        long bytes = 0;
        try (var progress = Progress.bytes("restoring", tally.bytes)) {
            while (!waiting.isEmpty() && quiet.compareTo(PATIENCE) < 0) {
                // They come back in no order that is promised, so each is looked at once a round.
                var came = 0;
                for (var i = waiting.size(); i > 0; i--) {
                    var object = waiting.remove();
                    var told = connection.head(path(place, object)).firstValue("x-amz-restore");
                    if (told.filter(text -> text.contains("ongoing-request=\"false\""))
                            .isPresent()) {
                        came++;
                        bytes += object.length();
                        progress.at(bytes);
                    } else {
                        waiting.add(object);
                    }
                }
                tally.back += came;
                if (!waiting.isEmpty()) {
                    Thread.sleep(LOOK_AGAIN);
                    quiet = came > 0 ? Duration.ZERO : quiet.plus(LOOK_AGAIN);
                }
            }
        }
    }

    private void tell(BucketPlace place, int waiting, Tally tally) {
        if (json) {
            Console.out()
                    .println(
                            JsonNodeFactory.instance
                                    .objectNode()
                                    .put("place", place.toString())
                                    .put("asked", tally.asked)
                                    .put("restored", tally.back)
                                    .put("waiting", waiting)
                                    .put("atHand", tally.atHand)
                                    .put("bytes", tally.bytes));
            return;
        }
        Console.out()
                .printf(
                        "%d objects of %s asked for (%,d bytes), %d of them are there; %d were at hand%n",
                        tally.asked, place, tally.bytes, tally.back, tally.atHand);
        if (waiting > 0 && !noWait) {
            Console.err()
                    .printf(
                            "%d are still on their way: the server's log says what keeps them%n",
                            waiting);
        }
    }
}

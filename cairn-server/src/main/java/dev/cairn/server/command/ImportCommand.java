package dev.cairn.server.command;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description =
                "Records the events of existing CloudTrail log files; each event once, however often it is imported.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn import AWSLogs/123837392027/CloudTrail/",
            "  cairn import events.json.gz more-events.ndjson",
            "  cairn import --into all AWSLogs/                 # into an event data store",
            "  cairn import --data /var/lib/cairn AWSLogs/     # the server may be stopped",
            "  cairn import s3://audit-logs/AWSLogs/           # a bucket of Cairn's own",
            "  cairn import --s3-endpoint aws s3://my-trail/AWSLogs/123837392027/CloudTrail/eu-west-1/2026/",
            "",
            "Takes {\"Records\":[...]}, arrays, NDJSON and single records; plain, gzip or zstd. A folder or bucket is walked for",
            ".json, .ndjson, .jsonl and .gz or .zst of them; other files, and digests, are passed over. Can be stopped and",
            "started again. What cannot be read or is refused is named, and the rest goes on. Exits 0 only when",
            "nothing was refused."
        })
final class ImportCommand implements Callable<Integer> {
    private static final int REFUSALS_SHOWN = 20;
    private static final int JOBS = 4;
    private static final int JOBS_INTO = 16;

    @Mixin private ServerChoice target = new ServerChoice();

    @Mixin private S3Choice s3 = new S3Choice();

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description =
                    "Log files, or folders of them; s3://BUCKET/PREFIX for those of a bucket.")
    private List<String> paths = new ArrayList<>();

    @Option(
            names = "--into",
            paramLabel = "STORE",
            description =
                    "Put the events into an event data store (name, id or ARN), not into event history.")
    private String into = "";

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description =
                    "Files at a time (default: 4; with --into 16, as those that come together are committed together).")
    private @Nullable Integer jobs;

    @Option(names = "--json", description = "Print the summary as JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        var places = new ArrayList<BucketPlace>();
        for (var path : paths) {
            BucketPlace.of(path).ifPresent(places::add);
        }
        var summary = new ImportSummary(into);
        if (places.isEmpty()) {
            run(Optional.empty(), summary);
        } else {
            var _ =
                    s3.read(
                            target,
                            buckets -> {
                                run(Optional.of(buckets), summary);
                                return true;
                            });
        }
        if (json) {
            Console.json(summary.json());
        } else {
            summary.print(Console.out(), REFUSALS_SHOWN);
        }
        return summary.whole() ? 0 : CommandException.FAILED;
    }

    /// @param buckets empty when no path names one
    private void run(Optional<Buckets> buckets, ImportSummary summary) throws Exception {
        var files = new LogFiles(summary);
        for (var path : paths) {
            var place = BucketPlace.of(path);
            if (place.isPresent()) {
                files.add(buckets.orElseThrow(), place.get());
            } else {
                files.add(path);
            }
        }
        if (files.found().isEmpty() && summary.whole()) {
            throw new CommandException("no log files found in " + paths, CommandException.USAGE);
        }
        if (!files.found().isEmpty()) {
            send(files.found(), summary);
        }
    }

    private void send(List<LogFile> files, ImportSummary summary) throws Exception {
        if (target.isElsewhere()) {
            try (var connection = target.connect()) {
                send(connection, files, summary);
            }
        } else if (target.running().isPresent()) {
            // Files name accounts of all kinds: the folder's owner imports, whatever account the
            // shell is set to.
            try (var connection = target.connectTo(target.running().get())) {
                send(connection, files, summary);
            }
        } else {
            // Nobody serves this data folder: serve it ourselves for as long as the import takes.
            try (var server = ServeCommand.startFor(target.data());
                    var connection = target.connectTo(server)) {
                send(connection, files, summary);
            }
        }
    }

    private void send(Connection connection, List<LogFile> files, ImportSummary summary)
            throws InterruptedException {
        long bytes = 0;
        for (var file : files) {
            bytes += file.length();
        }
        var atOnce = new Semaphore(Math.max(1, atOnce()));
        try (var bar = Progress.bytes("import", bytes);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var sent = new ArrayList<Future<@Nullable Void>>();
            for (var file : files) {
                atOnce.acquire();
                sent.add(
                        threads.submit(() -> {
                            try {
                                send(connection, file, summary);
                            } finally {
                                atOnce.release();
                                bar.step(file.length(), summary.rate());
                            }
                            return null;
                        }));
            }
            for (var future : sent) {
                future.get();
            }
        } catch (ExecutionException failure) {
            throw new IllegalStateException("an import worker failed", failure.getCause());
        }
    }

    private int atOnce() {
        if (jobs != null) {
            return jobs;
        }
        return into.isEmpty() ? JOBS : JOBS_INTO;
    }

    /// What goes wrong with one file is told of that file, and the others go on; unless it would go
    /// wrong with each of them.
    private void send(Connection connection, LogFile file, ImportSummary summary)
            throws InterruptedException {
        if (summary.stopped()) {
            summary.notSent();
            return;
        }
        try (var local = file.fetch()) {
            summary.add(
                    file.name(),
                    connection.put(
                            "/cairn/v1/import",
                            into.isEmpty()
                                    ? Map.of("file", List.of(file.name()))
                                    : Map.of("file", List.of(file.name()), "into", List.of(into)),
                            local.path(),
                            local.sha256()));
        } catch (IOException failure) {
            summary.unreadable(file.name(), failure);
        } catch (ArchiveException failure) {
            var message = "cannot be read: " + failure.code() + ": " + failure.getMessage();
            switch (failure.kind()) {
                case DENIED, CORRUPT -> summary.refused(file.name(), message);
                // It was tried again and again already.
                case NO_SUCH_BUCKET, TIMEOUT, UNAVAILABLE -> summary.stop(file.name(), message);
            }
        } catch (CommandException failure) {
            var message = String.valueOf(failure.getMessage());
            if (ofEveryFile(failure)) {
                summary.stop(file.name(), message);
            } else {
                summary.refused(file.name(), message);
            }
        }
    }

    /// No server, no right, no room, or no such store.
    private static boolean ofEveryFile(CommandException failure) {
        return String.valueOf(failure.getMessage()).contains("event data store")
                || failure.getCause() instanceof ConnectException
                || failure.status() == 403
                || failure.status() == 503;
    }
}

package dev.cairn.server.command;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
            "  cairn import --data /var/lib/cairn AWSLogs/     # the server may be stopped",
            "",
            "Takes {\"Records\":[...]}, arrays, NDJSON and single records; plain, gzip or zstd. A folder is walked for",
            ".json, .ndjson, .jsonl and .gz or .zst of them; other files, and digests, are passed over. Can be stopped and",
            "started again. What cannot be read or is refused is named, and the rest goes on. Exits 0 only when",
            "nothing was refused."
        })
final class ImportCommand implements Callable<Integer> {
    private static final int REFUSALS_SHOWN = 20;

    @Mixin private ServerChoice target = new ServerChoice();

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Log files, or folders of them.")
    private List<Path> paths = new ArrayList<>();

    @Option(
            names = "--jobs",
            paramLabel = "N",
            defaultValue = "4",
            description = "Files at a time (default: ${DEFAULT-VALUE}).")
    private int jobs;

    @Option(names = "--json", description = "Print the summary as JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        var summary = new ImportSummary();
        var files = files(summary);
        if (files.isEmpty() && summary.whole()) {
            throw new CommandException("no log files found in " + paths, CommandException.USAGE);
        }
        if (!files.isEmpty()) {
            send(files, summary);
        }
        if (json) {
            Console.json(summary.json());
        } else {
            summary.print(Console.out(), REFUSALS_SHOWN);
        }
        return summary.whole() ? 0 : CommandException.FAILED;
    }

    private void send(List<Path> files, ImportSummary summary) throws Exception {
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
                    var connection = target.connectTo(server.endpoint())) {
                send(connection, files, summary);
            }
        }
    }

    private void send(Connection connection, List<Path> files, ImportSummary summary)
            throws InterruptedException {
        long bytes = 0;
        for (var file : files) {
            bytes += file.toFile().length();
        }
        var atOnce = new Semaphore(Math.max(1, jobs));
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
                                bar.step(file.toFile().length(), summary.rate());
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

    /// What goes wrong with one file is told of that file, and the others go on; unless it would go
    /// wrong with each of them.
    private static void send(Connection connection, Path file, ImportSummary summary)
            throws InterruptedException {
        if (summary.stopped()) {
            summary.notSent();
            return;
        }
        try {
            var sha256 = sha256(file);
            summary.add(
                    file,
                    connection.put(
                            "/cairn/v1/import",
                            Map.of("file", List.of(file.toString())),
                            file,
                            sha256));
        } catch (IOException failure) {
            summary.unreadable(file, failure);
        } catch (CommandException failure) {
            var message = String.valueOf(failure.getMessage());
            if (ofEveryFile(failure)) {
                summary.stop(file, message);
            } else {
                summary.refused(file, message);
            }
        }
    }

    /// No server, no right, or no room.
    private static boolean ofEveryFile(CommandException failure) {
        return failure.getCause() instanceof ConnectException
                || failure.status() == 403
                || failure.status() == 503;
    }

    private static String sha256(Path file) throws IOException {
        var digest = Connection.digest();
        var buffer = new byte[1 << 16];
        try (var in = Files.newInputStream(file)) {
            for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// Every file named, and the log files of every folder named.
    private List<Path> files(ImportSummary summary) throws CommandException {
        var files = new ArrayList<Path>();
        for (var path : paths) {
            if (Files.isRegularFile(path)) {
                files.add(path);
            } else if (Files.isDirectory(path)) {
                walk(path, files, summary);
            } else {
                throw new CommandException(
                        path + " is neither a file nor a folder", CommandException.USAGE);
            }
        }
        return files;
    }

    /// Folders that cannot be read are told, and the walk goes on beside them.
    private static void walk(Path folder, List<Path> files, ImportSummary summary)
            throws CommandException {
        try {
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            if (isLog(file)) {
                                files.add(file);
                            } else {
                                summary.passedOver(file);
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path path, IOException failure) {
                            summary.unreadable(path, failure);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path left, @Nullable IOException failure) {
                            if (failure != null) {
                                summary.unreadable(left, failure);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot walk " + folder + ": " + failure.getMessage(), failure);
        }
        files.sort(null);
    }

    private static boolean isLog(Path file) {
        var name = file.getFileName().toString();
        return name.matches(".*\\.(json|ndjson|jsonl)(\\.gz|\\.zst)?")
                && !name.contains("_CloudTrail-Digest_");
    }
}

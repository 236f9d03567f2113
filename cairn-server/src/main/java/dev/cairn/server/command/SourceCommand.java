package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "source",
        description = "Records what other programs' audit logs say.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn source radosgw /var/log/ceph/ops.log",
            "",
            "Programs that post their log themselves (MinIO, Kubernetes, OpenTelemetry) need no command: docs/guide/sources.md."
        })
final class SourceCommand {
    /// A batch is well within what an intake call may bring.
    private static final int BATCH_BYTES = 512 << 10;

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Command(
            name = "radosgw",
            description = {
                "Follows the ops log of a Ceph radosgw, and records each line as an event.",
                "How far it came is kept in FILE.cairn: started again, it goes on there."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  cairn source radosgw /var/log/ceph/ops.log",
                "  cairn source radosgw ops.log --once --account 222222222222 --region eu-west-1",
                "",
                "radosgw writes the log with these settings:",
                "  rgw_enable_ops_log = true",
                "  rgw_ops_log_rados = false",
                "  rgw_ops_log_file_path = /var/log/ceph/ops.log",
                "  rgw_log_nonexistent_bucket = true"
            })
    int radosgw(
            @Mixin ServerChoice target,
            @Parameters(paramLabel = "FILE", description = "The log.") Path file,
            @Option(
                            names = "--state",
                            paramLabel = "FILE",
                            description = "Where to keep how far it came (default: FILE.cairn).")
                    @Nullable Path state,
            @Option(
                            names = "--account",
                            paramLabel = "ID",
                            description = "The events' account (default: the caller's).")
                    @Nullable String account,
            @Option(
                            names = "--region",
                            paramLabel = "REGION",
                            description = "The events' region (default: the server's).")
                    @Nullable String region,
            @Option(names = "--once", description = "End at the end of the file.") boolean once)
            throws Exception {
        var path =
                "/intake/v1/radosgw"
                        + (account == null ? "" : "/" + Connection.encode(account))
                        + (region == null ? "" : "/" + Connection.encode(region));
        var kept = state == null ? file.resolveSibling(file.getFileName() + ".cairn") : state;
        if (once && !Files.exists(file)) {
            throw new CommandException("there is no file " + file, CommandException.USAGE);
        }
        try (var connection = target.connect();
                var followed =
                        new FollowedFile(
                                file,
                                mark(kept),
                                BATCH_BYTES,
                                warning -> Console.err().println("cairn: " + warning))) {
            return follow(connection, path, followed, kept, once);
        }
    }

    private static int follow(
            Connection connection, String path, FollowedFile followed, Path state, boolean once)
            throws CommandException, IOException, InterruptedException {
        var recorded = 0L;
        var duplicates = 0L;
        var refused = 0L;
        while (true) {
            var lines = followed.next();
            if (lines.isPresent()) {
                var answer = send(connection, path, lines.get(), once);
                recorded += answer.path("recorded").asLong();
                duplicates += answer.path("duplicates").asLong();
                for (var refusal : answer.path("refused")) {
                    refused++;
                    Console.err()
                            .println(
                                    "refused: record %d of those that end before byte %d: %s: %s"
                                            .formatted(
                                                    refusal.path("index").asLong(),
                                                    lines.get().next().offset(),
                                                    refusal.path("code").asText(),
                                                    refusal.path("message").asText()));
                }
                followed.done(lines.get());
                keep(state, lines.get().next());
            } else if (once) {
                Console.out()
                        .println(
                                "%,d recorded, %,d were there already, %,d refused"
                                        .formatted(recorded, duplicates, refused));
                return refused == 0 ? 0 : CommandException.FAILED;
            } else {
                Thread.sleep(LOOK_AGAIN);
            }
        }
    }

    /// Sends until it is taken; a server that is away or pushes back is waited for.
    private static JsonNode send(
            Connection connection, String path, FollowedFile.Lines lines, boolean once)
            throws CommandException, InterruptedException {
        while (true) {
            try {
                return connection.call("POST", path, Map.of(), lines.bytes());
            } catch (CommandException failure) {
                if (failure.status() == 400) {
                    // None of these lines is a record: said, counted, and not sent again.
                    var answer = JSON.createObjectNode();
                    answer.putArray("refused")
                            .addObject()
                            .put("code", "all of them")
                            .put("message", failure.getMessage());
                    return answer;
                }
                if (once || (failure.status() > 0 && failure.status() < 500)) {
                    throw failure;
                }
                Console.err().println("cairn: waiting: " + failure.getMessage());
                Thread.sleep(TRY_AGAIN);
            }
        }
    }

    private static FollowedFile.Mark mark(Path state) throws CommandException {
        try {
            var json = JSON.readTree(Files.readAllBytes(state));
            if (!json.path("file").isTextual() || !json.path("offset").canConvertToLong()) {
                throw new CommandException(
                        "expected {\"file\":…,\"offset\":…} in %s, got something else; without it, the log is read from its start"
                                .formatted(state),
                        CommandException.USAGE);
            }
            return new FollowedFile.Mark(
                    json.path("file").asText(),
                    json.path("offset").asLong(),
                    json.path("head").asLong());
        } catch (NoSuchFileException _) {
            return FollowedFile.Mark.START;
        } catch (IOException failure) {
            throw new CommandException("cannot read " + state, failure);
        }
    }

    /// On disk before the next lines are read; a crash in between sends some again, which are
    /// known.
    private static void keep(Path state, FollowedFile.Mark mark) throws IOException {
        var json =
                JSON.createObjectNode()
                        .put("file", mark.key())
                        .put("offset", mark.offset())
                        .put("head", mark.head());
        var draft = state.resolveSibling(state.getFileName() + ".draft");
        try (var channel =
                FileChannel.open(
                        draft,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(json.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(
                draft, state, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

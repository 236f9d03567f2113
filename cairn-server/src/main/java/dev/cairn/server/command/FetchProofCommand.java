package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import dev.cairn.proof.Heads;
import dev.cairn.proof.Holdings;
import dev.cairn.proof.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "fetch-proof",
        description =
                "Copies a bucket's log files and digests into a folder, with all that proves them later and elsewhere.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn fetch-proof s3://audit-logs/ copy/ --save-keys keys.json --save-head head.json",
            "  cairn verify copy/ --keys keys.json --head head.json       # needs no server and no bucket",
            "",
            "The signature of a digest, which a plain copy loses, is stored beside it in a file ending with",
            ".metadata. Can be stopped and started again: what is there whole is not fetched again. Keys and heads",
            "come from the server; keep them away from whoever may change the copy. Exits 0 only when everything",
            "is stored."
        })
final class FetchProofCommand implements Callable<Integer> {
    private static final int BATCH = 512;
    private static final int FAILURES_SHOWN = 20;

    /// What is being written; a file without it is whole.
    private static final String PART = ".part";

    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin private ServerChoice server = new ServerChoice();

    @Mixin private S3Choice s3 = new S3Choice();

    @Mixin private ProofScope part = new ProofScope();

    @Parameters(
            index = "0",
            paramLabel = "BUCKET",
            description = "s3://BUCKET or s3://BUCKET/PREFIX.")
    private String place = "";

    @Parameters(
            index = "1",
            paramLabel = "FOLDER",
            description = "Where the copy goes, keys as paths below it.")
    private Path folder = Path.of("");

    @Option(
            names = "--save-keys",
            paramLabel = "FILE",
            description = "Stores the server's public keys.")
    private @Nullable Path saveKeys;

    @Option(
            names = "--save-head",
            paramLabel = "FILE",
            description = "Stores the digests that, as the server says, must be in the copy.")
    private @Nullable Path saveHead;

    private final AtomicLong fetched = new AtomicLong();
    private final AtomicLong present = new AtomicLong();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    @Override
    public Integer call() throws Exception {
        var bucket =
                BucketPlace.of(place)
                        .orElseThrow(() ->
                                new CommandException(
                                        "expected s3://BUCKET, got " + place,
                                        CommandException.USAGE));
        var scope = part.of(bucket, false);
        try {
            return s3.read(
                    server,
                    buckets -> {
                        if (saveKeys == null && saveHead == null) {
                            copy(buckets, scope);
                        } else {
                            copyWithEvidence(buckets, scope);
                        }
                        return told();
                    });
        } catch (ArchiveException failure) {
            throw new CommandException(
                    "cannot read %s: %s".formatted(bucket, failure.getMessage()), failure);
        } catch (IllegalArgumentException tooMuch) {
            throw new CommandException(
                    String.valueOf(tooMuch.getMessage()), CommandException.USAGE);
        }
    }

    private void copyWithEvidence(Buckets buckets, Scope scope) throws Exception {
        try (var connection = server.connect()) {
            // Heads first: what they name is in the bucket before it is listed.
            var evidence = Evidence.of(connection, buckets, scope, null);
            copy(buckets, scope);
            if (saveKeys != null) {
                Files.writeString(saveKeys, evidence.listing());
            }
            if (saveHead != null) {
                var heads = evidence.expectation().heads().stream().filter(scope::covers).toList();
                Files.write(saveHead, new Heads(heads, evidence.expectation().unsealed()).json());
            }
        }
    }

    private void copy(Buckets buckets, Scope scope) throws Exception {
        Files.createDirectories(folder);
        var copy = new CopiedBucket(folder);
        var batch = new ArrayList<Archive.Listed>();
        try (var bar = Progress.files("fetch")) {
            Holdings.<Exception>each(
                    buckets,
                    scope,
                    object -> {
                        batch.add(object);
                        if (batch.size() == BATCH) {
                            fetch(buckets, scope.bucket(), copy, batch, bar);
                            batch.clear();
                        }
                    });
            fetch(buckets, scope.bucket(), copy, batch, bar);
        }
    }

    private void fetch(
            Buckets buckets,
            String bucket,
            CopiedBucket copy,
            List<Archive.Listed> batch,
            Progress bar)
            throws InterruptedException {
        var wanted = batch.stream().filter(object -> isWanted(copy, object)).toList();
        List<Runnable> pieces = new ArrayList<>();
        for (var from = 0; from < wanted.size(); from += buckets.together()) {
            var keys =
                    wanted
                            .subList(from, Math.min(from + buckets.together(), wanted.size()))
                            .stream()
                            .map(Archive.Listed::key)
                            .toList();
            pieces.add(() ->
                    buckets.getAll(bucket, keys, (i, object) -> fetch(copy, keys.get(i), object)));
        }
        part.hands().all(pieces);
        bar.at(fetched.get() + present.get());
    }

    /// Whether an object can be stored, and is not yet.
    private boolean isWanted(CopiedBucket copy, Archive.Listed object) {
        var key = object.key();
        if (key.endsWith(PART) || !CopiedBucket.canHold(key)) {
            failures.add(key + ": its name cannot be stored in a folder");
            return false;
        }
        try {
            var file = copy.path(key);
            var there = Files.isRegularFile(file) && Files.size(file) == object.length();
            if (there) {
                present.incrementAndGet();
            }
            return !there;
        } catch (IOException failure) {
            failures.add(key + ": " + failure.getMessage());
            return false;
        }
    }

    private void fetch(CopiedBucket copy, String key, Buckets.Pending object) {
        try (var content = object.open().orElse(null)) {
            if (content == null) {
                failures.add(key + ": was listed and is not there");
                return;
            }
            store(copy.path(key), content);
        } catch (ArchiveException | IOException failure) {
            failures.add(key + ": " + failure.getMessage());
        }
    }

    private void store(Path file, Archive.Content content) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        var metadata = content.description().metadata();
        if (!metadata.isEmpty()) {
            // Before the object, whose presence says that all of it is there.
            write(
                    file.resolveSibling(file.getFileName() + CopiedBucket.METADATA),
                    JSON.writeValueAsString(metadata).getBytes(StandardCharsets.UTF_8));
        }
        var half = file.resolveSibling(file.getFileName() + PART);
        Files.copy(content.bytes(), half, StandardCopyOption.REPLACE_EXISTING);
        Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
        fetched.incrementAndGet();
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        var half = file.resolveSibling(file.getFileName() + PART);
        Files.write(half, bytes);
        Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private int told() {
        var err = Console.err();
        failures.stream()
                .limit(FAILURES_SHOWN)
                .forEach(failure -> err.println("cairn: " + Table.clean(failure)));
        if (failures.size() > FAILURES_SHOWN) {
            err.println("cairn: and %,d more".formatted(failures.size() - FAILURES_SHOWN));
        }
        Console.out()
                .println(
                        "%,d files fetched, %,d were there, %,d failed"
                                .formatted(fetched.get(), present.get(), failures.size()));
        if (failures.isEmpty() && saveKeys != null) {
            Console.out()
                    .println(
                            "prove it anywhere: cairn verify %s --keys %s%s"
                                    .formatted(
                                            folder,
                                            saveKeys,
                                            saveHead == null ? "" : " --head " + saveHead));
        }
        return failures.isEmpty() ? 0 : CommandException.FAILED;
    }
}

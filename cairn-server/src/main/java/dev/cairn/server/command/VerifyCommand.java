package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import dev.cairn.proof.Finding;
import dev.cairn.proof.Heads;
import dev.cairn.proof.Report;
import dev.cairn.proof.Scope;
import dev.cairn.proof.Verdict;
import dev.cairn.proof.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description =
                "Proves a bucket of log files, or a copy of one: nothing in it was changed, removed, added or moved since it was sealed.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn verify s3://audit-logs/ --since 1y       # keys and heads from the server",
            "  cairn verify s3://audit-logs/ --s3-endpoint https://s3.example.com",
            "  cairn verify s3://audit-logs/ --s3-endpoint aws --keys keys.json",
            "  cairn verify copy/ --keys keys.json --head head.json",
            "  cairn verify s3://audit-logs/ --until 2026-01-01        # the years before",
            "",
            "Without --keys the server is asked for public keys, for the digests that must be there, and for the",
            "files that wait for theirs. With --keys alone nothing after the newest digest is proved: it may have",
            "been cut off; --head, made by --save-head at an earlier time, says where each chain must reach.",
            "Exits 0 when all is proved up to the heads, 1 when something is changed, missing, added or",
            "unsigned, 2 when it could not judge."
        })
final class VerifyCommand implements Callable<Integer> {
    @Mixin private ServerChoice server = new ServerChoice();

    @Mixin private S3Choice s3 = new S3Choice();

    @Mixin private ProofScope part = new ProofScope();

    @Parameters(
            paramLabel = "BUCKET|FOLDER",
            description =
                    "s3://BUCKET, s3://BUCKET/PREFIX, or a folder with a copy, keys as paths below it.")
    private String place = "";

    @Option(
            names = "--keys",
            paramLabel = "FILE",
            description =
                    "The trusted public keys, as 'aws cloudtrail list-public-keys' prints them; several regions' one after the other. The server is not asked then.")
    private @Nullable Path keys;

    @Option(
            names = "--head",
            paramLabel = "FILE",
            description = "What must be there at least: a file made by --save-head.")
    private @Nullable Path head;

    @Option(
            names = "--save-head",
            paramLabel = "FILE",
            description = "Notes the ends of what is proved, to be kept away from the bucket.")
    private @Nullable Path saveHead;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description =
                    "Only what was sealed by then, 2026-11-21 or 2026-11-21T08:00:00Z; what is later is pending.")
    private @Nullable String until;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        var bucket = BucketPlace.of(place);
        try {
            return bucket.isPresent() ? bucket(bucket.get()) : folder(Path.of(place));
        } catch (ArchiveException failure) {
            throw new CommandException(
                    "could not judge: " + failure.getMessage(), CommandException.USAGE);
        } catch (IllegalArgumentException tooMuch) {
            throw new CommandException(
                    String.valueOf(tooMuch.getMessage()), CommandException.USAGE);
        }
    }

    private int folder(Path folder) throws Exception {
        if (!Files.isDirectory(folder)) {
            throw new CommandException(
                    folder + " is neither a folder nor s3://BUCKET", CommandException.USAGE);
        }
        if (keys == null) {
            throw new CommandException(
                    "--keys: expected the public keys that a copy is held against",
                    CommandException.USAGE);
        }
        return judge(
                new CopiedBucket(folder),
                scope(new BucketPlace(folder.toString(), ""), true),
                Evidence.of(keys, head));
    }

    private int bucket(BucketPlace bucket) throws Exception {
        var scope = scope(bucket, false);
        return s3.read(
                server,
                buckets -> {
                    if (keys != null) {
                        return judge(buckets, scope, Evidence.of(keys, head));
                    }
                    try (var connection = server.connect()) {
                        return judge(buckets, scope, Evidence.of(connection, buckets, scope, head));
                    }
                });
    }

    private Scope scope(BucketPlace place, boolean copy) throws CommandException {
        var scope = part.of(place, copy);
        if (until == null) {
            return scope;
        }
        var time = Period.time("--until", until);
        if (scope.since().map(time::isBefore).orElse(false)) {
            throw new CommandException(
                    "--until: expected a time after that of --since, got " + time,
                    CommandException.USAGE);
        }
        return scope.until(Optional.of(time));
    }

    private int judge(Buckets buckets, Scope scope, Evidence evidence)
            throws ArchiveException, CommandException, InterruptedException, IOException {
        var findings = new ArrayList<Finding>();
        var expectation = evidence.expectation();
        Verdict verdict;
        try (var bar = Progress.files("verify")) {
            verdict =
                    new Verification(buckets, evidence.keys(), expectation, part.hands())
                            .verify(scope, report(bar, findings));
        }
        if (json) {
            Console.json(json(verdict, findings, evidence));
        } else {
            print(verdict, evidence);
        }
        if (verdict.proved() && saveHead != null) {
            var heads = new ArrayList<>(verdict.runs());
            // What was not judged now must be there all the same.
            expectation.heads().stream()
                    .filter(noted -> !scope.covers(noted) || scope.isLater(noted.end()))
                    .filter(noted -> !heads.contains(noted))
                    .forEach(heads::add);
            Files.write(saveHead, new Heads(heads, expectation.unsealed()).json());
        }
        return exitCode(verdict);
    }

    private static int exitCode(Verdict verdict) {
        if (verdict.proved()) {
            return 0;
        }
        return verdict.faults() > 0 ? CommandException.FAILED : CommandException.USAGE;
    }

    private Report report(Progress bar, List<Finding> findings) {
        var out = Console.out();
        return new Report() {
            @Override
            public void found(Finding finding) {
                if (json) {
                    findings.add(finding);
                } else {
                    out.println(
                            "%-10s %s %s"
                                    .formatted(
                                            word(finding),
                                            Table.clean(finding.key()),
                                            Table.clean(finding.sentence())));
                }
            }

            @Override
            public void progress(long digests, long files, String where) {
                bar.at(digests + files, where);
            }
        };
    }

    private static String word(Finding finding) {
        return finding.kind().name().toLowerCase(java.util.Locale.ROOT);
    }

    private void print(Verdict verdict, Evidence evidence) {
        var out = Console.out();
        out.println("%s held against %s".formatted(place, evidence.source()));
        var table = new Table("CHAIN", "PROVED FROM", "TO", "HEAD", "DIGESTS", "FILES");
        for (var chain : verdict.chains()) {
            table.row(
                    chain.name(),
                    time(chain.from()),
                    time(chain.to()),
                    chain.head().map(Instant::toString).orElse("none given"),
                    chain.digests(),
                    chain.files());
        }
        if (!table.isEmpty()) {
            table.print(out);
        }
        for (var chain : verdict.chains()) {
            if (chain.head().isEmpty() && chain.to().isPresent()) {
                out.println(
                        "nothing after %s is proved of %s: no head is known"
                                .formatted(chain.to().get(), Table.clean(chain.name())));
            }
        }
        out.println(
                "%s: %,d digests and %,d log files proved, %,d faults, %,d not readable, %,d pending"
                        .formatted(
                                verdict.proved() ? "proved" : "NOT proved",
                                verdict.digests(),
                                verdict.files(),
                                verdict.faults(),
                                verdict.unjudged(),
                                verdict.pending()));
        if (verdict.digests() == 0 && verdict.faults() == 0) {
            out.println("there are no proved digests: nothing was judged");
        } else if (verdict.unjudged() > 0 && verdict.faults() == 0) {
            out.println("could not judge all of it: run it again when the store answers");
        }
    }

    private static String time(Optional<Instant> time) {
        return time.map(Instant::toString).orElse("-");
    }

    private ObjectNode json(Verdict verdict, List<Finding> findings, Evidence evidence) {
        var answer = new ObjectMapper().createObjectNode();
        answer.put("place", place);
        answer.put("source", evidence.source());
        answer.put("proved", verdict.proved());
        answer.put("digests", verdict.digests());
        answer.put("files", verdict.files());
        answer.put("faults", verdict.faults());
        answer.put("unjudged", verdict.unjudged());
        answer.put("pending", verdict.pending());
        var chains = answer.putArray("chains");
        for (var chain : verdict.chains()) {
            var entry = chains.addObject().put("name", chain.name());
            chain.from().ifPresent(from -> entry.put("from", from.toString()));
            chain.to().ifPresent(to -> entry.put("to", to.toString()));
            chain.head().ifPresent(end -> entry.put("head", end.toString()));
            entry.put("digests", chain.digests()).put("files", chain.files());
        }
        var found = answer.putArray("findings");
        for (var finding : findings) {
            found.addObject()
                    .put("kind", word(finding))
                    .put("key", finding.key())
                    .put("sentence", finding.sentence());
        }
        return answer;
    }
}

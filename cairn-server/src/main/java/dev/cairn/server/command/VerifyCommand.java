package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.proof.Expectation;
import dev.cairn.proof.Finding;
import dev.cairn.proof.Heads;
import dev.cairn.proof.Malformed;
import dev.cairn.proof.Report;
import dev.cairn.proof.Scope;
import dev.cairn.proof.TrustedKeys;
import dev.cairn.proof.Verdict;
import dev.cairn.proof.Verification;
import dev.cairn.server.configuration.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description =
                "Proves a copy of a bucket of log files: nothing in it was changed, removed, added or moved since it was sealed.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  aws cloudtrail list-public-keys --start-time 2026-01-01 > keys.json",
            "  aws s3 sync s3://audit-logs copy/",
            "  cairn verify copy/ --keys keys.json --save-head head.json",
            "  cairn verify copy/ --keys keys.json --head head.json --since 90d",
            "",
            "Without a head nothing after the newest digest is proved: it may have been cut off.",
            "Exits 0 when all is proved up to the head, 1 when something is changed, missing, added or",
            "unsigned, 2 when it could not judge."
        })
final class VerifyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "The copy, keys as paths below it.")
    private Path folder = Path.of("");

    @Option(
            names = "--keys",
            required = true,
            paramLabel = "FILE",
            description =
                    "The trusted public keys, as 'aws cloudtrail list-public-keys' prints them; several regions' one after the other.")
    private Path keys = Path.of("");

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
            names = "--since",
            paramLabel = "AGO",
            description = "Only what was delivered in the last 24h, 90d, 1y, ...")
    private @Nullable String since;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Files read at once (default: ${DEFAULT-VALUE}).")
    private int jobs = 16;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (!Files.isDirectory(folder)) {
            throw new CommandException(folder + " is not a folder", CommandException.USAGE);
        }
        var expectation =
                head == null ? Expectation.NONE : Expectation.of(read(head, Heads::parse));
        var trusted = read(keys, TrustedKeys::parse);
        if (trusted.isEmpty()) {
            throw new CommandException(
                    "expected public keys in " + keys + ", found none", CommandException.USAGE);
        }
        var findings = new ArrayList<Finding>();
        Verdict verdict;
        try (var bar = Progress.files("verify")) {
            verdict =
                    new Verification(new CopiedBucket(folder), trusted, expectation, this::all)
                            .verify(
                                    new Scope(folder.toString(), "", from(), true),
                                    report(bar, findings));
        } catch (ArchiveException failure) {
            throw new CommandException(
                    "could not judge: " + failure.getMessage(), CommandException.USAGE);
        } catch (IllegalArgumentException tooMuch) {
            throw new CommandException(
                    String.valueOf(tooMuch.getMessage()), CommandException.USAGE);
        }
        if (json) {
            Console.json(json(verdict, findings));
        } else {
            print(verdict);
        }
        if (verdict.proved() && saveHead != null) {
            Files.write(saveHead, new Heads(verdict.runs(), expectation.unsealed()).json());
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

    private void print(Verdict verdict) {
        var out = Console.out();
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
        }
    }

    private static String time(Optional<Instant> time) {
        return time.map(Instant::toString).orElse("-");
    }

    private static ObjectNode json(Verdict verdict, List<Finding> findings) {
        var answer = new ObjectMapper().createObjectNode();
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

    private Optional<Instant> from() throws CommandException {
        if (since == null) {
            return Optional.empty();
        }
        var ago = Settings.parseDuration(since);
        if (ago == null) {
            throw new CommandException(
                    "--since: expected a time such as 24h, 90d or 1y, got '" + since + "'",
                    CommandException.USAGE);
        }
        return Optional.of(InstantSource.system().instant().minus(ago));
    }

    /// Does pieces at once, as many as asked for.
    private void all(List<? extends Runnable> pieces) throws InterruptedException {
        var atOnce = new Semaphore(Math.max(1, jobs));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var begun = new ArrayList<Future<?>>();
            for (var piece : pieces) {
                atOnce.acquire();
                begun.add(
                        threads.submit(() -> {
                            try {
                                piece.run();
                            } finally {
                                atOnce.release();
                            }
                        }));
            }
            for (var future : begun) {
                future.get();
            }
        } catch (ExecutionException failure) {
            throw new IllegalStateException("a verification worker failed", failure.getCause());
        }
    }

    private static <T> T read(Path file, Parser<T> parser) throws CommandException {
        try {
            return parser.parse(Files.readAllBytes(file));
        } catch (Malformed malformed) {
            throw new CommandException(
                    file + ": " + malformed.getMessage(), CommandException.USAGE);
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot read " + file + ": " + failure.getMessage(), CommandException.USAGE);
        }
    }

    @FunctionalInterface
    private interface Parser<T> {
        T parse(byte[] bytes) throws Malformed;
    }
}

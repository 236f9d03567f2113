package dev.cairn.bench;

import dev.cairn.server.wiring.Logs;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `./cairn bench`: measures Cairn beside named peers on this machine.
@Command(
        name = "cairn bench",
        mixinStandardHelpOptions = true,
        description = "Measures Cairn, and named peers beside it in the same run.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn bench                             everything, in a quarter of an hour",
            "  cairn bench ingest --events 1m,5m,10m   recording over HTTP, beside Kafka",
            "  cairn bench visible                     from acknowledged to found, at 10,000 events/s",
            "  cairn bench sustained --rate 15000      history and one trail keeping up, for two minutes",
            "  cairn bench lookup --events 1m,5m,10m   LookupEvents, beside DuckDB over Parquet",
            "  cairn bench query --events 1m,5m,10m    the lake: import and SQL, beside DuckDB",
            "  cairn bench delivery --events 1m        one trail's deliveries, beside gzip",
            "  cairn bench gzip                        what each level of packing costs and saves",
            "  cairn bench selector                    what it costs a trail to refuse an event",
            "  cairn bench filters                     an event asked of many filter patterns, beside Event Ruler",
            "  cairn bench rules                       an event asked of many rules, and from a call to a webhook",
            "  cairn bench decoding                    reading calls that pass the gateway, beside Jackson",
            "  cairn bench gateway                     objects through the gateway, beside the same direct",
            "  cairn bench gateway --before ceph       the same before Ceph's S3 alone",
            "  cairn bench queue                       messages sent to a queue, beside Kafka",
            "  cairn bench start --json                start and memory, beside a Kafka broker",
            "  cairn bench verify --days 365           proving a year of digests, beside the stock client",
            "  cairn bench --quick                     whether the benches run at all; no figures to quote",
            "",
            "CAIRN_JAVA_OPTS reaches the servers measured, for example to record a profile."
        })
final class Main implements Callable<Integer> {
    private static final long EVENTS_MAX = 10_000_000;

    private enum Bench {
        ingest,
        visible,
        sustained,
        lookup,
        query,
        delivery,
        gzip,
        selector,
        filters,
        rules,
        decoding,
        gateway,
        queue,
        start,
        verify,
        all
    }

    @Spec private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "BENCH",
            defaultValue = "all",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Bench bench = Bench.all;

    @Option(
            names = "--events",
            split = ",",
            paramLabel = "N",
            description =
                    "How many events ingest, lookup, query and delivery use, such as 500000 or 5m; several are measured in turn (default: 500000).")
    private List<String> events = List.of();

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "4",
            description = "Connections that send, and Kafka producers (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long visible, rules and sustained send (default: 30, 30 and 120).")
    private @Nullable Integer seconds;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "15000",
            description =
                    "Events a second that sustained offers first (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--days",
            paramLabel = "N",
            description = "How many days of hourly digests verify proves (default: 30).")
    private @Nullable Integer days;

    @Option(
            names = "--before",
            split = ",",
            paramLabel = "UPSTREAM",
            description =
                    "The upstreams that gateway measures before: ${COMPLETION-CANDIDATES} (default: all).")
    private List<Relaying.Upstream> upstreams = List.of(Relaying.Upstream.values());

    @Option(names = "--quick", description = "Little of everything: shows only that it works.")
    private boolean quick;

    @Option(
            names = "--no-peer",
            description =
                    "Leaves DuckDB out of lookup and query, and the stock client out of verify.")
    private boolean noPeer;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description =
                    "Where to write, on a real disk; what is written is removed (default: the folder for temporary files).")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli sets the specification before it calls.
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(
                new CommandLine(new Main())
                        .setExecutionExceptionHandler((failure, _, _) -> {
                            System.err.println(
                                    "cairn bench: "
                                            + (failure instanceof BenchException
                                                    ? failure.getMessage()
                                                    : failure));
                            return 1;
                        })
                        .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Logs.configure(false, "error");
        List<Long> sizes = sizes();
        int visibleSeconds = seconds != null ? seconds : quick ? 5 : 30;
        Machine machine = Machine.current();
        System.err.println(machine.line());
        Report report = new Report(System.err);
        Checkout checkout = Checkout.current();
        Instant now = Instant.now();
        Traffic traffic = Traffic.make(now);
        try (Scratch scratch = Scratch.in(work)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> cleanUp(scratch)));
            if (is(Bench.start)) {
                System.err.println("start ...");
                new Start(checkout, scratch, report, quick ? 1 : 5).run(quick ? 3 : 9);
            }
            if (is(Bench.ingest)) {
                for (long size : sizes) {
                    System.err.println("ingest " + Lookup.millions(size) + " ...");
                    new Ingest(checkout, scratch, traffic, connections, report).run(size);
                }
            }
            if (is(Bench.visible)) {
                System.err.println("visible ...");
                new Visible(checkout, scratch, traffic, connections, report).run(visibleSeconds);
            }
            if (is(Bench.sustained)) {
                System.err.println("sustained ...");
                new Sustained(checkout, scratch, traffic, connections, report)
                        .run(rate, seconds != null ? seconds : quick ? 10 : 120);
            }
            if (is(Bench.lookup)) {
                System.err.println("lookup ...");
                new Lookup(checkout, scratch, traffic, report, !noPeer, now).run(sizes);
            }
            if (is(Bench.query)) {
                for (long size : sizes) {
                    System.err.println("query " + Lookup.millions(size) + " ...");
                    new Querying(checkout, scratch, traffic, report, !noPeer, now).run(size);
                }
            }
            if (is(Bench.verify)) {
                System.err.println("verify ...");
                new Verify(checkout, scratch, report, !noPeer)
                        .run(days != null ? days : quick ? 4 : 30);
            }
            if (is(Bench.selector)) {
                System.err.println("selector ...");
                new Selecting(traffic, report).run();
            }
            if (is(Bench.filters)) {
                System.err.println("filters ...");
                new Filtering(traffic, report)
                        .run(quick ? List.of(10, 1_000) : List.of(10, 100, 1_000, 3_000, 10_000));
            }
            if (is(Bench.rules)) {
                System.err.println("rules ...");
                new Ruling(traffic, report)
                        .run(quick ? List.of(10, 1_000) : List.of(10, 100, 1_000, 3_000, 10_000));
                new Posted(checkout, scratch, traffic, connections, report)
                        .run(quick ? 1_000 : 5_000, visibleSeconds);
            }
            if (is(Bench.decoding)) {
                System.err.println("decoding ...");
                new DecodingCalls(report).run();
            }
            if (is(Bench.gateway)) {
                System.err.println("gateway ...");
                new Relaying(checkout, scratch, connections, report)
                        .run(upstreams, quick ? Relaying.Amounts.QUICK : Relaying.Amounts.FULL);
            }
            if (is(Bench.gzip)) {
                System.err.println("gzip ...");
                new Packing(scratch, traffic, report).run(quick ? 1 : 5);
            }
            if (is(Bench.queue)) {
                System.err.println("queue ...");
                new Queueing(checkout, scratch, report).run(quick ? 500 : 10_000);
            }
            if (is(Bench.delivery)) {
                for (long size : sizes) {
                    System.err.println("delivery " + Lookup.millions(size) + " ...");
                    new Delivering(scratch, traffic, report).run(size);
                }
            }
        } finally {
            print(report, machine);
        }
        return 0;
    }

    /// What an interrupted bench must not leave behind.
    private static void cleanUp(Scratch scratch) {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        try {
            scratch.close();
        } catch (BenchException e) {
            System.err.println("cairn bench: " + e.getMessage());
        }
    }

    private boolean is(Bench which) {
        return bench == which || bench == Bench.all;
    }

    private List<Long> sizes() {
        Stream<String> given =
                events.isEmpty() ? Stream.of(quick ? "20000" : "500000") : events.stream();
        return given.map(this::size).sorted().distinct().toList();
    }

    private long size(String text) {
        String digits = text.replaceFirst("[mM]$", "");
        if (digits.matches("\\d{1,9}")) {
            long size = Long.parseLong(digits) * (digits.length() < text.length() ? 1_000_000 : 1);
            if (size >= 10_000 && size <= EVENTS_MAX) {
                return size;
            }
        }
        throw new ParameterException(
                spec.commandLine(), "--events: expected 10000 to 10m, got '" + text + "'");
    }

    private void print(Report report, Machine machine) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        if (json) {
            out.println(report.json(machine).toPrettyString());
        } else {
            out.println(machine.line());
            report.print(out);
        }
    }
}

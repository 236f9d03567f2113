package dev.cairn.server.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.server.configuration.Setting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = "Looks for what keeps Cairn from working here, and says what to do about it.",
        subcommands = {
            DoctorTrailCommand.class,
            DoctorBucketCommand.class,
            DoctorDependenciesCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn doctor",
            "  cairn doctor --data /var/lib/cairn --json",
            "  cairn doctor trail main       # what keeps a trail from delivering",
            "",
            "Exits 0 unless something fails."
        })
final class DoctorCommand implements Callable<Integer> {
    private static final int JDK = 25;
    private static final Duration SKEW_MAX = Duration.ofMinutes(5);
    private static final long DISK_GOOD = 5L << 30;

    @Mixin private ServeOptions options = new ServeOptions();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    private final List<Finding> findings = new ArrayList<>();

    private enum Verdict {
        OK,
        WARN,
        FAIL
    }

    private record Finding(Verdict verdict, String subject, String words) {}

    @Override
    public Integer call() throws Exception {
        var configuration = options.configuration();
        var data = configuration.data();
        jdk();
        folder(data);
        disk(data, configuration.diskFreeMin());
        secrets(data);
        clock(data);
        var server = server(data);
        if (server.isEmpty()) {
            port(configuration.host(), configuration.port());
        }
        print();
        return findings.stream().anyMatch(f -> f.verdict() == Verdict.FAIL)
                ? CommandException.FAILED
                : 0;
    }

    private void add(Verdict verdict, String subject, String words) {
        findings.add(new Finding(verdict, subject, words));
    }

    private void jdk() {
        var version = Runtime.version().feature();
        if (version >= JDK) {
            add(Verdict.OK, "jdk", Runtime.version() + " in " + System.getProperty("java.home"));
        } else {
            add(
                    Verdict.FAIL,
                    "jdk",
                    "found " + version + ", needs " + JDK + ": install one, or set JAVA_HOME");
        }
    }

    private void folder(Path data) {
        if (Files.isDirectory(data)) {
            if (Files.isWritable(data)) {
                add(Verdict.OK, "data folder", data.toString());
            } else {
                add(
                        Verdict.FAIL,
                        "data folder",
                        data
                                + " cannot be written by "
                                + System.getProperty("user.name")
                                + ": change its owner, or run as its owner");
            }
            return;
        }
        var parent = data.getParent();
        if (parent != null && Files.isWritable(parent)) {
            add(Verdict.OK, "data folder", data + " will be made on first start");
        } else {
            add(
                    Verdict.FAIL,
                    "data folder",
                    data + " cannot be made: make it, or choose another with --data");
        }
    }

    private void disk(Path data, long freeMin) {
        var place = Files.isDirectory(data) ? data : data.getParent();
        if (place == null) {
            return;
        }
        try {
            var free = Files.getFileStore(place).getUsableSpace();
            var words = "%,d MB free on %s".formatted(free >> 20, place);
            if (free < freeMin) {
                add(
                        Verdict.FAIL,
                        "disk",
                        words
                                + ": events are pushed back below %,d MB (ledger.disk-free-min); make space"
                                        .formatted(freeMin >> 20));
            } else if (free < DISK_GOOD) {
                add(
                        Verdict.WARN,
                        "disk",
                        words + ": make space before %,d MB are reached".formatted(freeMin >> 20));
            } else {
                add(Verdict.OK, "disk", words);
            }
        } catch (IOException failure) {
            add(
                    Verdict.FAIL,
                    "disk",
                    "cannot tell how much is free on " + place + ": " + failure.getMessage());
        }
    }

    private void secrets(Path data) {
        for (var name : List.of("master", "master.wrapped", "root-credentials")) {
            var file = data.resolve("keys").resolve(name);
            if (!Files.exists(file)) {
                continue;
            }
            var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
            try {
                var open =
                        view != null
                                && view.readAttributes().permissions().stream()
                                        .anyMatch(p ->
                                                p.name().startsWith("GROUP")
                                                        || p.name().startsWith("OTHERS"));
                if (open) {
                    add(Verdict.FAIL, "keys", "others may read " + file + ": chmod 600 " + file);
                } else if (name.equals("master")) {
                    add(
                            Verdict.OK,
                            "keys",
                            "the master key lies beside the data: it protects backups without keys/, not this host (setting keys.master)");
                } else if (name.equals("master.wrapped")) {
                    add(
                            Verdict.OK,
                            "keys",
                            "a master key lies beside the data, wrapped by a key service: without that service it opens nothing");
                }
            } catch (IOException failure) {
                add(
                        Verdict.WARN,
                        "keys",
                        "cannot tell who may read " + file + ": " + failure.getMessage());
            }
        }
    }

    /// The clock must not stand before what was written already: event times and signatures rely on
    /// it.
    private void clock(Path data) {
        var ledger = data.resolve("ledger");
        try {
            if (!Files.isDirectory(ledger)) {
                add(Verdict.OK, "clock", Instant.now().toString());
                return;
            }
            var written = Files.getLastModifiedTime(ledger).toInstant();
            if (written.isAfter(Instant.now().plus(SKEW_MAX))) {
                add(
                        Verdict.FAIL,
                        "clock",
                        "it is "
                                + Instant.now()
                                + " here, and the ledger was written at "
                                + written
                                + ": set the clock (NTP)");
            } else {
                add(Verdict.OK, "clock", Instant.now().toString());
            }
        } catch (IOException failure) {
            add(
                    Verdict.WARN,
                    "clock",
                    "cannot compare it with the ledger's: " + failure.getMessage());
        }
    }

    private Optional<URI> server(Path data) throws CommandException, InterruptedException {
        var url = ServerChoice.running(data);
        if (url.isEmpty()) {
            add(Verdict.OK, "server", "none is running on this folder");
            return url;
        }
        var client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5));
        var trust = ServerChoice.trust(url.get(), data);
        try (var http = (trust == null ? client : client.sslContext(trust)).build()) {
            var response =
                    http.send(
                            HttpRequest.newBuilder(url.get().resolve("/health"))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == 200) {
                add(Verdict.OK, "server", url.get() + " is up");
            } else {
                add(Verdict.FAIL, "server", url.get() + " is down: 'cairn status' says why");
            }
            response.headers().firstValue("date").ifPresent(this::skew);
        } catch (IOException failure) {
            add(Verdict.FAIL, "server", url.get() + " does not answer: " + failure);
        }
        return url;
    }

    private void skew(String date) {
        try {
            var theirs =
                    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            if (Duration.between(theirs, Instant.now()).abs().compareTo(SKEW_MAX) > 0) {
                add(
                        Verdict.FAIL,
                        "clock",
                        "the server's clock says "
                                + theirs
                                + ": signatures are refused beyond 15 minutes");
            }
        } catch (DateTimeParseException _) {
            add(Verdict.WARN, "clock", "the server's Date header is not a date: " + date);
        }
    }

    private void port(String host, int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, port));
            add(Verdict.OK, "port", host + ":" + port + " is free");
        } catch (IOException failure) {
            add(
                    Verdict.FAIL,
                    "port",
                    host
                            + ":"
                            + port
                            + " cannot be had ("
                            + failure.getMessage()
                            + "): stop what uses it, or choose another with --port (setting "
                            + Setting.PORT.key()
                            + ", "
                            + Setting.PORT.variable()
                            + ")");
        }
    }

    private void print() {
        if (json) {
            var array = new ObjectMapper().createArrayNode();
            for (var finding : findings) {
                array.addObject()
                        .put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT))
                        .put("subject", finding.subject())
                        .put("message", finding.words());
            }
            Console.json(array);
            return;
        }
        for (var finding : findings) {
            Console.out()
                    .println(
                            "%-5s %-12s %s"
                                    .formatted(
                                            finding.verdict().name().toLowerCase(Locale.ROOT),
                                            finding.subject(),
                                            finding.words()));
        }
    }
}

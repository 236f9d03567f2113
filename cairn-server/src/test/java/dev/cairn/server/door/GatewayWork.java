package dev.cairn.server.door;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.disk.Disk;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.gateway.Arrival;
import dev.cairn.gateway.Gateway;
import dev.cairn.gateway.recording.CallJournal;
import dev.cairn.gateway.recording.Forwarder;
import dev.cairn.gateway.recording.LedgerRecorder;
import dev.cairn.gateway.recording.SpoolPromise;
import dev.cairn.gateway.recording.StrictPromise;
import dev.cairn.gateway.upstream.Upstream;
import dev.cairn.ledger.LedgerException;
import dev.cairn.testkit.fault.HaltingDisk;
import dev.cairn.testkit.fault.HaltingDisk.When;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/// The work of a gateway that is going to be halted: its clients write, read, and read at length,
/// and it says on its output which of them have their whole answer.
///
/// Arguments: the folder, the operation to halt at and when, the upstream's address, and `strict`
/// or `spool`.
final class GatewayWork {
    static final String FOLDER = "gateway";

    /// A file of the journal is full with its second line.
    static final CallJournal.Settings JOURNAL = new CallJournal.Settings(1500, Duration.ofDays(1));

    private static final int ROUNDS = 2;
    private static final int KEPT = 1000;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final PrintStream out = new PrintStream(System.out, true, UTF_8);

    public static void main(String[] args) throws Exception {
        var disk =
                new HaltingDisk(
                        new RealDisk(Path.of(args[0])),
                        Long.parseLong(args[1]),
                        When.valueOf(args[2]));
        var work = new GatewayWork();
        work.serve(disk, URI.create(args[3]), args[4].equals("spool"));
        work.out.println("operations " + disk.operations());
    }

    /// A ledger whose every step follows from what is asked of it.
    static SegmentLedger ledger(Disk disk) throws LedgerException {
        return SegmentLedger.open(
                disk, LedgerSettings.DEFAULTS.withDiskFreeMin(0), TestGateway.CLOCK, Runnable::run);
    }

    static Forwarder forwarder(CallJournal journal, SegmentLedger ledger) {
        return new Forwarder(journal, new LedgerRecorder(ledger), TestGateway.CLOCK);
    }

    private void serve(Disk disk, URI address, boolean spool) throws Exception {
        try (var ledger = ledger(disk);
                var journal = CallJournal.open(disk, FOLDER, JOURNAL);
                var upstream = new Upstream(address, LONG)) {
            var strict = new StrictPromise(new LedgerRecorder(ledger), journal, Duration.ZERO);
            var gateway =
                    TestGateway.of(
                            upstream,
                            spool ? new SpoolPromise(strict, journal, 1 << 20) : strict,
                            new SystemSecrets(),
                            KEPT,
                            LONG);
            call(gateway, forwarder(journal, ledger));
        }
    }

    private void call(Gateway gateway, Forwarder forwarder) throws Exception {
        for (var round = 0; round < ROUNDS; round++) {
            call(gateway, "DELETE", "written-" + round);
            call(gateway, "GET", "read-" + round);
            call(gateway, "GET", "long-" + round);
            if (round % 2 == 0) {
                forwarder.forward();
            }
            call(gateway, "DELETE", "written-too-" + round);
        }
    }

    private void call(Gateway gateway, String method, String key) throws Exception {
        var head = new Request(method, "/bucket/" + key, "", Headers.of("Host", "s3.example"));
        var relay =
                gateway.pass(
                        new Arrival(
                                head,
                                InputStream.nullInputStream(),
                                0,
                                () -> Headers.NONE,
                                "203.0.113.9",
                                null,
                                _ -> false));
        relay.body().write(OutputStream.nullOutputStream());
        out.println("answered " + key + " " + relay.status());
    }
}

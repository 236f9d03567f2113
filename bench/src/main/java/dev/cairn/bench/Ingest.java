package dev.cairn.bench;

import dev.cairn.bench.Report.Better;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.event.Place;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Origin;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Design row 1: recording events durably over HTTP, beside Kafka with and without forcing them to
/// disk.
///
/// The load comes in parts of equal size; the figure is the median of the parts, and the first
/// tenth, which warms up, is not among them. Nothing waits for history, which takes the events
/// meanwhile, on the same cores: how long it takes to catch up is told too.
final class Ingest {
    private static final int BATCH = 100;
    private static final int PUSHBACK_TRIES_MAX = 6000;
    private static final byte[] HEAD = "{\"Records\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TAIL = "]}".getBytes(StandardCharsets.US_ASCII);

    private final Checkout checkout;
    private final Scratch scratch;
    private final Traffic traffic;
    private final Load load;
    private final Report report;

    Ingest(Checkout checkout, Scratch scratch, Traffic traffic, int connections, Report report) {
        this.checkout = checkout;
        this.scratch = scratch;
        this.traffic = traffic;
        this.load = new Load(connections, BATCH);
        this.report = report;
    }

    void run(long events) throws BenchException, InterruptedException {
        String millions = Lookup.millions(events);
        Sample kafka = kafka(events, false);
        Sample kafkaForced = kafka(events, true);
        Sample http = http(events, millions);
        Sample ledger = ledger(events);
        String figure = "record " + millions + " over HTTP";
        add(figure, http, "Kafka 4.4.0 acks=all, no fsync", kafka);
        add(figure, http, "Kafka 4.4.0 acks=all, flush.messages=1", kafkaForced);
        add("append " + millions + " in process", ledger, "Kafka 4.4.0 acks=all, no fsync", kafka);
    }

    private void add(String figure, Sample cairn, String peer, Sample theirs) {
        String spread = cairn.spread("events/s");
        String theirSpread = theirs.spread("events/s");
        report.add(
                "ingest",
                figure,
                cairn.median(),
                "events/s",
                Better.MORE,
                peer,
                theirs.median(),
                spread + (theirSpread.isEmpty() ? "" : "; peer's " + theirSpread));
    }

    private Sample http(long events, String millions) throws BenchException, InterruptedException {
        Path data = scratch.resolve("ingest-cairn");
        Sample rates;
        try (CairnServer server = CairnServer.start(checkout, data)) {
            String head = server.intakeHead(server.intakeToken());
            AtomicLong pushbacks = new AtomicLong();
            rates = load.drive(events, () -> new HttpSender(server, head, traffic, pushbacks));
            long backlog = server.pending();
            double seconds = server.drain();
            report.add(
                    "ingest",
                    "history behind after " + millions,
                    (double) backlog,
                    "events",
                    "caught up in %.1f s".formatted(seconds)
                            + (pushbacks.get() > 0 ? "; 503 " + pushbacks + " times" : ""));
            report.add(
                    "growth",
                    "heap after " + millions,
                    Processes.heapMegabytes(server.pid()),
                    "MB",
                    "live objects; resident %.0f MB"
                            .formatted(Processes.residentMegabytes(server.pid())));
        }
        report.add(
                "growth",
                "ledger on disk, " + millions,
                (double) Scratch.bytes(data.resolve("ledger")) / events,
                "bytes/event",
                "of %.0f sent; the newest segments are not compressed"
                        .formatted(traffic.bytesMean()));
        report.add(
                "growth",
                "history on disk, " + millions,
                (double) Scratch.bytes(data.resolve("history")) / events,
                "bytes/event",
                "");
        try (CairnServer again = CairnServer.start(checkout, data)) {
            report.add("growth", "start on " + millions, again.readySeconds(), "s", "");
        }
        Scratch.remove(data);
        return rates;
    }

    private Sample kafka(long events, boolean flushEach)
            throws BenchException, InterruptedException {
        Path folder = scratch.resolve("ingest-kafka-" + flushEach);
        KafkaBroker.format(checkout, folder, flushEach);
        Sample rates;
        try (KafkaBroker broker = KafkaBroker.start(checkout, folder)) {
            broker.createTopic();
            rates =
                    load.drive(
                            events,
                            () ->
                                    new KafkaSender(
                                            broker, traffic, (int) (BATCH * traffic.bytesMean())));
        }
        Scratch.remove(folder);
        return rates;
    }

    private Sample ledger(long events) throws BenchException, InterruptedException {
        Path folder = scratch.resolve("ingest-ledger");
        Sample rates;
        try {
            Files.createDirectories(folder);
            try (SegmentLedger ledger =
                    SegmentLedger.open(
                            new RealDisk(folder),
                            LedgerSettings.DEFAULTS,
                            InstantSource.system())) {
                rates = load.drive(events, () -> new LedgerSender(ledger, traffic));
            }
        } catch (IOException | LedgerException e) {
            throw new BenchException("the ledger failed: " + e.getMessage(), e);
        }
        Scratch.remove(folder);
        return rates;
    }

    /// Batches as `{"Records":[…]}`, each acknowledged before the next.
    static final class HttpSender implements Load.Sender, Closeable {
        private final HttpConnection connection;
        private final String head;
        private final Traffic traffic;
        private final AtomicLong pushbacks;
        private byte[] body = new byte[1 << 18];

        HttpSender(CairnServer server, String head, Traffic traffic, AtomicLong pushbacks)
                throws IOException {
            this.connection = new HttpConnection(server.endpoint());
            this.head = head;
            this.traffic = traffic;
            this.pushbacks = pushbacks;
        }

        @Override
        public void send(long first, int count) throws Exception {
            int length = batch(first, count);
            String expected = "{\"recorded\":" + count + ",";
            for (int i = 0; i < PUSHBACK_TRIES_MAX; i++) {
                var answer = connection.send(head, body, length);
                if (answer.status() == 200 && answer.text().startsWith(expected)) {
                    return;
                }
                if (answer.status() != 503) {
                    throw new BenchException(
                            "expected %d events recorded, got %d %s"
                                    .formatted(count, answer.status(), answer.text()));
                }
                pushbacks.incrementAndGet();
                Thread.sleep(100);
            }
            throw new BenchException("pushed back for ten minutes");
        }

        private int batch(long first, int count) {
            int needed = HEAD.length + TAIL.length + count;
            for (int i = 0; i < count; i++) {
                needed += traffic.length(first + i);
            }
            if (body.length < needed) {
                body = new byte[needed];
            }
            System.arraycopy(HEAD, 0, body, 0, HEAD.length);
            int at = HEAD.length;
            for (int i = 0; i < count; i++) {
                if (i > 0) {
                    body[at++] = ',';
                }
                at = traffic.copy(first + i, body, at);
            }
            System.arraycopy(TAIL, 0, body, at, TAIL.length);
            return at + TAIL.length;
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    /// Records handed to a producer as fast as it takes them: Kafka's own way, batches under way
    /// while the next are filled.
    static final class KafkaSender implements Load.Sender {
        private final org.apache.kafka.clients.producer.KafkaProducer<byte[], byte[]> producer;
        private final Traffic traffic;
        private final AtomicReference<Exception> failed = new AtomicReference<>();

        KafkaSender(KafkaBroker broker, Traffic traffic, int batchBytes) {
            this.producer = broker.producer(batchBytes);
            this.traffic = traffic;
        }

        @Override
        public void send(long first, int count) throws Exception {
            for (int i = 0; i < count; i++) {
                var record =
                        new ProducerRecord<byte[], byte[]>(
                                KafkaBroker.TOPIC, traffic.event(first + i));
                var _ =
                        producer.send(
                                record,
                                (_, failure) -> {
                                    if (failure != null) {
                                        failed.set(failure);
                                    }
                                });
            }
            check();
        }

        @Override
        public void settle() throws Exception {
            producer.flush();
            check();
        }

        private void check() throws Exception {
            Exception failure = failed.get();
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public void close() {
            producer.close();
        }
    }

    /// Entries handed to the ledger as the intake does, without HTTP and without checking them.
    private static final class LedgerSender implements Load.Sender {
        private static final Place PLACE = new Place(Traffic.ACCOUNT, Traffic.REGION);

        private final SegmentLedger ledger;
        private final Traffic traffic;

        LedgerSender(SegmentLedger ledger, Traffic traffic) {
            this.ledger = ledger;
            this.traffic = traffic;
        }

        @Override
        public void send(long first, int count) throws Exception {
            List<Entry> entries = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                entries.add(
                        new Entry(
                                PLACE,
                                traffic.id(first + i),
                                Origin.INTAKE,
                                traffic.event(first + i)));
            }
            for (int i = 0; i < PUSHBACK_TRIES_MAX; i++) {
                Append outcome = ledger.append(entries).getFirst();
                if (outcome instanceof Append.Recorded) {
                    return;
                }
                if (!(outcome instanceof Append.Pushback)) {
                    throw new BenchException("expected events recorded, got " + outcome);
                }
                Thread.sleep(100);
            }
            throw new BenchException("pushed back for ten minutes");
        }
    }
}

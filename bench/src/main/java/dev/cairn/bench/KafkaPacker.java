package dev.cairn.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;

/// The least that would have to follow a broker to have log files: one thread that reads every
/// record and packs it, at delivery's level, into files of 50 MB, each forced to disk. It selects,
/// names, encrypts and signs nothing.
final class KafkaPacker implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final long FILE_BYTES = 50L * 1000 * 1000;
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Path folder;
    private final AtomicLong packed = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;
    private volatile double cpuSeconds;
    private volatile @Nullable Exception failed;

    private KafkaPacker(KafkaConsumer<byte[], byte[]> consumer, Path folder) {
        this.consumer = consumer;
        this.folder = folder;
        this.thread = Thread.ofPlatform().name("packer").unstarted(this::run);
    }

    static KafkaPacker start(KafkaBroker broker, Path folder) throws BenchException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new BenchException("cannot make " + folder + ": " + e.getMessage(), e);
        }
        var packer = new KafkaPacker(broker.consumer(), folder);
        packer.thread.start();
        return packer;
    }

    /// How many records are in files, or in the one that is written.
    long packed() throws BenchException {
        Exception failure = failed;
        if (failure != null) {
            throw new BenchException("the peer's packing failed: " + failure, failure);
        }
        return packed.get();
    }

    /// What its thread took, after [#close].
    double cpuSeconds() {
        return cpuSeconds;
    }

    private void run() {
        try (consumer) {
            for (int number = 0; !closing; number++) {
                file(folder.resolve(number + ".json.gz"));
            }
        } catch (IOException | RuntimeException e) {
            failed = e;
        }
        cpuSeconds = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
    }

    private void file(Path path) throws IOException {
        try (FileChannel file =
                        FileChannel.open(
                                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                GZIPOutputStream out =
                        new GZIPOutputStream(Channels.newOutputStream(file), BUFFER) {
                            {
                                def.setLevel(Packing.DELIVERY_LEVEL);
                            }
                        }) {
            long bytes = 0;
            while (bytes < FILE_BYTES && !closing) {
                for (ConsumerRecord<byte[], byte[]> one : consumer.poll(POLL)) {
                    out.write(one.value());
                    out.write('\n');
                    bytes += one.value().length;
                    packed.incrementAndGet();
                }
            }
            out.finish();
            file.force(true);
        }
    }

    @Override
    public void close() throws BenchException {
        closing = true;
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

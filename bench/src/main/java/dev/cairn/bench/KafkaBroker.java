package dev.cairn.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// One Kafka broker, controller included, in a process of its own, with the JVM flags of Kafka's
/// own start script.
final class KafkaBroker implements AutoCloseable {
    static final String TOPIC = "events";

    private static final List<String> FLAGS =
            List.of(
                    "-Xms1g",
                    "-Xmx1g",
                    "-XX:+UseG1GC",
                    "-XX:MaxGCPauseMillis=20",
                    "-XX:InitiatingHeapOccupancyPercent=35",
                    "-XX:+ExplicitGCInvokesConcurrent");
    private static final int READY_SECONDS_MAX = 120;

    private final Process process;
    private final String address;
    private final double readySeconds;

    private KafkaBroker(Process process, String address, double readySeconds) {
        this.process = process;
        this.address = address;
        this.readySeconds = readySeconds;
    }

    /// Makes a folder a broker's, with one topic of one partition.
    ///
    /// @param flushEach whether each append is forced to disk before it is acknowledged
    ///   (`flush.messages=1`); else that is left to the operating system, as is Kafka's default
    static void format(Checkout checkout, Path folder, boolean flushEach)
            throws BenchException, InterruptedException {
        try {
            Files.createDirectories(folder);
            Files.writeString(properties(folder), configuration(folder, flushEach));
        } catch (IOException e) {
            throw new BenchException("cannot write " + folder + ": " + e.getMessage(), e);
        }
        Processes.output(
                Checkout.java(),
                "-cp",
                checkout.libraries(),
                "kafka.tools.StorageTool",
                "format",
                "-t",
                Uuid.randomUuid().toString(),
                "-c",
                properties(folder).toString());
    }

    private static Path properties(Path folder) {
        return Path.of(folder + ".properties");
    }

    private static String configuration(Path folder, boolean flushEach) throws IOException {
        int broker;
        int controller;
        InetAddress local = InetAddress.getLoopbackAddress();
        try (var one = new ServerSocket(0, 1, local);
                var other = new ServerSocket(0, 1, local)) {
            broker = one.getLocalPort();
            controller = other.getLocalPort();
        }
        return """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%2$d
        listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
        advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        log.dirs=%3$s
        num.partitions=1
        offsets.topic.replication.factor=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        log.retention.ms=-1
        auto.create.topics.enable=false
        %4$s
        """
                .formatted(
                        broker,
                        controller,
                        folder,
                        flushEach ? "log.flush.interval.messages=1" : "");
    }

    /// Starts a broker on a folder, and waits until it answers.
    static KafkaBroker start(Checkout checkout, Path folder)
            throws BenchException, InterruptedException {
        try {
            String address =
                    Files.readAllLines(properties(folder)).stream()
                            .filter(line -> line.startsWith("advertised.listeners="))
                            .map(line -> line.substring(line.lastIndexOf('/') + 1))
                            .findFirst()
                            .orElseThrow();
            List<String> command = new ArrayList<>();
            command.add(Checkout.java());
            command.addAll(FLAGS);
            command.addAll(
                    List.of(
                            "-cp",
                            checkout.libraries(),
                            "kafka.Kafka",
                            properties(folder).toString()));
            var log = Path.of(folder + ".log").toFile();
            long began = System.nanoTime();
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                            .start();
            try {
                awaitAnswer(process, address);
            } catch (BenchException e) {
                Processes.stop(process);
                throw new BenchException(
                        e.getMessage() + "; its log:\n" + Files.readString(log.toPath()), e);
            }
            return new KafkaBroker(process, address, (System.nanoTime() - began) / 1e9);
        } catch (IOException e) {
            throw new BenchException("cannot start Kafka: " + e.getMessage(), e);
        }
    }

    private static void awaitAnswer(Process process, String address)
            throws BenchException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
        while (System.nanoTime() < end && process.isAlive()) {
            if (isListening(address)) {
                try (Admin admin = admin(address)) {
                    admin.describeCluster().nodes().get(READY_SECONDS_MAX, TimeUnit.SECONDS);
                    return;
                } catch (ExecutionException | TimeoutException e) {
                    throw new BenchException("Kafka did not answer: " + e.getMessage(), e);
                }
            }
            Thread.sleep(10);
        }
        throw new BenchException("Kafka did not start");
    }

    private static boolean isListening(String address) {
        String[] parts = address.split(":", 2);
        try (var _ = new java.net.Socket(parts[0], Integer.parseInt(parts[1]))) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static Admin admin(String address) {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address));
    }

    /// Makes the topic.
    void createTopic() throws BenchException, InterruptedException {
        try (Admin admin = admin(address)) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(1), Optional.of((short) 1))))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new BenchException("Kafka made no topic: " + e.getMessage(), e);
        }
    }

    /// A producer that waits for all acknowledgements, with batches as large as the load's.
    ///
    /// @param batchBytes how large a batch grows before it is sent
    KafkaProducer<byte[], byte[]> producer(int batchBytes) {
        return producer(Map.of(ProducerConfig.BATCH_SIZE_CONFIG, batchBytes), 5);
    }

    /// A producer that waits for all acknowledgements, and sends each record at once.
    KafkaProducer<byte[], byte[]> prompt() {
        return producer(Map.of(), 0);
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more, int lingerMillis) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, address);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, lingerMillis);
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /// A consumer that stands at the topic's beginning.
    KafkaConsumer<byte[], byte[]> consumer() {
        var consumer =
                new KafkaConsumer<>(
                        Map.<String, Object>of(
                                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                address,
                                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                                false),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        var partition = new TopicPartition(TOPIC, 0);
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        return consumer;
    }

    long pid() {
        return process.pid();
    }

    /// From the start of its process to its first answer.
    double readySeconds() {
        return readySeconds;
    }

    @Override
    public void close() {
        Processes.stop(process);
    }
}

package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.testkit.archive.Radosgw;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SqsRequest;

/// Made = recorded, exactly, in strict mode: clients of the SDK call a Ceph, an S3Proxy, a DynamoDB
/// Local and an ElasticMQ through one gateway, all at once, while Cairn is killed and started again
/// on its folder, lines to the upstreams go down, reset, fall silent and cut answers short, and an
/// upstream is killed, too.
///
/// A call is *made* when its client has a whole answer of it, whoever gave it, or when its upstream
/// did what it asks for, which is looked up in the upstream afterwards. What must hold
/// (`docs/decisions/0016-strict-gateway.md`):
///
/// 1. Each call that was made is one event. No call is two, and no event is without a call.
/// 2. The event of a call that was answered says what its client was told, in all five parts.
/// 3. Calls without a whole answer are those that were in flight at a kill, one for a client at
///    most, and those whose long answer broke off on the line, which their events say.
final class MixedCallsTest {
    private static final LiveServer.Credentials MARY =
            new LiveServer.Credentials("AKIAUPSTREAMSUSER001", "upstreams/secret/0123456789abcdef");
    private static final String PLACE = "mixed";
    private static final int CLIENTS = 8;

    /// Longer than the gateway keeps of an answer, so that it streams.
    private static final int LARGE_BYTES = 300 << 10;

    /// Calls that begin while something is wrong with a line; one in four takes that line.
    private static final int DISTURBED = 40;

    /// What a killed S3Proxy leaves of an object that it had not put in its place: listed under the
    /// object's name and a UUID, and not carried out.
    private static final Pattern HALF_WRITTEN =
            Pattern.compile("n\\d+-\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private static final Duration PROGRESS_MAX = Duration.ofMinutes(2);
    private static final Await.Bound RECORDED =
            Await.Bound.of("every call that was made in the ledger", Duration.ofMinutes(2));
    private static final Await.Bound CAUGHT_UP =
            Await.Bound.of("history caught up", Duration.ofMinutes(3));
    private static final String SOURCES =
            "eventSource:s3.amazonaws.com OR eventSource:dynamodb.amazonaws.com OR eventSource:sqs.amazonaws.com";

    private final Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final CallLog log = new CallLog();

    /// Gives names that no two calls write to.
    private final AtomicInteger names = new AtomicInteger();

    /// Names that are in an upstream for certain, until they are deleted there.
    private final Set<String> doomed = ConcurrentHashMap.newKeySet();

    /// Messages that somebody received.
    private final Set<String> received = ConcurrentHashMap.newKeySet();

    /// Clients of all four upstreams, by way of Cairn or without it.
    private record Callers(
            S3Client ceph, S3Client s3Proxy, DynamoDbClient dynamoDb, SqsClient sqs) {
        static Callers of(LoggedClients clients, List<URI> endpoints) {
            return new Callers(
                    clients.plainS3(endpoints.get(0)),
                    clients.s3(endpoints.get(1)),
                    clients.dynamoDb(endpoints.get(2)),
                    clients.sqs(endpoints.get(3)));
        }
    }

    /// Cairn's lives, each of which has clients of its own: connections do not outlive the process
    /// that they lead to.
    private final class Lives implements AutoCloseable {
        private final LiveServer server;
        private final List<URI> gateways;
        private final List<LoggedClients> opened = new ArrayList<>();

        /// Not complete while there is no life.
        private final AtomicReference<CompletableFuture<Callers>> now =
                new AtomicReference<>(new CompletableFuture<>());

        Lives(LiveServer server, List<URI> gateways) {
            this.server = server;
            this.gateways = gateways;
            begin();
        }

        private void begin() {
            var clients = new LoggedClients(MARY, log);
            opened.add(clients);
            now.get().complete(Callers.of(clients, gateways));
        }

        /// Who to call by; waits for a life.
        Callers callers() throws Exception {
            return now.get().get(PROGRESS_MAX.toSeconds(), TimeUnit.SECONDS);
        }

        /// SIGKILL, and another start on the same folder. Calls that nobody could take are not
        /// begun: they would only be counted.
        void endAndBegin() throws Exception {
            now.set(new CompletableFuture<>());
            server.kill();
            server.restart();
            begin();
        }

        /// When the last call has ended.
        @Override
        public void close() {
            opened.forEach(LoggedClients::close);
        }
    }

    @Test
    void twoThousandCallsAreTwoThousandEvents() throws Exception {
        callsAreEvents(2_000, 4, 20261121);
    }

    /// @param rounds of one disturbed line and one kill
    private void callsAreEvents(int calls, int rounds, long seed) throws Exception {
        var gateways = new ArrayList<URI>();
        for (var i = 0; i < 4; i++) {
            gateways.add(URI.create("http://127.0.0.1:" + UpstreamServer.freePort()));
        }
        try (var ceph = Radosgw.assume(MARY.accessKeyId(), MARY.secretAccessKey());
                var s3Proxy = UpstreamServer.s3Proxy(MARY);
                var dynamoDb = UpstreamServer.dynamoDb();
                var elasticMq = UpstreamServer.elasticMq(gateways.get(3));
                var directly = new LoggedClients(MARY, new CallLog())) {
            var endpoints =
                    List.of(
                            ceph.endpoint(),
                            s3Proxy.endpoint(),
                            dynamoDb.endpoint(),
                            elasticMq.endpoint());
            var upstreams = Callers.of(directly, endpoints);
            var queue = furnish(upstreams);
            try (var lines = Lines.to(endpoints);
                    var server =
                            LiveServer.start(
                                    "gateway.listen=" + joined(gateways, URI::getAuthority),
                                    "gateway.upstream=" + joined(lines.endpoints(), URI::toString),
                                    "gateway.upstream-timeout=2s",
                                    "ledger.segment-bytes=8MB",
                                    "history.commit-interval=1s")) {
                server.introduce(MARY, LiveServer.ACCOUNT);
                try (var lives = new Lives(server, gateways)) {
                    drive(
                            calls,
                            seed,
                            lives,
                            queue,
                            () -> disturb(lives, lines, s3Proxy, calls, rounds));
                }
                judge(server, executed(upstreams, queue), rounds, seed);
            }
        }
    }

    private static String joined(List<URI> addresses, Function<URI, String> written) {
        return String.join(",", addresses.stream().map(written).toList());
    }

    /// The lines to all upstreams.
    private record Lines(List<FaultyLine> all) implements AutoCloseable {
        static Lines to(List<URI> upstreams) throws Exception {
            var lines = new ArrayList<FaultyLine>();
            for (var upstream : upstreams) {
                lines.add(new FaultyLine(upstream));
            }
            return new Lines(lines);
        }

        List<URI> endpoints() {
            return all.stream().map(FaultyLine::endpoint).toList();
        }

        @Override
        public void close() throws IOException {
            for (var line : all) {
                line.close();
            }
        }
    }

    /// Buckets, a table and a queue, made without Cairn.
    ///
    /// @return the queue's URL
    private static String furnish(Callers upstreams) {
        for (var s3 : List.of(upstreams.ceph(), upstreams.s3Proxy())) {
            s3.createBucket(it -> it.bucket(PLACE));
            s3.putObject(
                    it -> it.bucket(PLACE).key("large"),
                    RequestBody.fromBytes(new byte[LARGE_BYTES]));
        }
        upstreams
                .dynamoDb()
                .createTable(it ->
                        it.tableName(PLACE)
                                .billingMode(BillingMode.PAY_PER_REQUEST)
                                .attributeDefinitions(
                                        AttributeDefinition.builder()
                                                .attributeName("name")
                                                .attributeType(ScalarAttributeType.S)
                                                .build())
                                .keySchema(
                                        KeySchemaElement.builder()
                                                .attributeName("name")
                                                .keyType(KeyType.HASH)
                                                .build()));
        return upstreams.sqs().createQueue(it -> it.queueName(PLACE)).queueUrl();
    }

    // The driver.

    /// What goes on beside the clients.
    @FunctionalInterface
    private interface Beside {
        void run() throws Exception;
    }

    private void drive(int calls, long seed, Lives lives, String queue, Beside beside)
            throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Future<?>>();
            for (var i = 0; i < CLIENTS; i++) {
                var random = new Random(seed + i);
                clients.add(
                        threads.submit(() -> {
                            while (log.size() < calls) {
                                call(lives.callers(), queue, random);
                            }
                            return null;
                        }));
            }
            try {
                beside.run();
            } catch (Exception | Error failure) {
                // Nobody would wake them.
                threads.shutdownNow();
                throw failure;
            }
            for (var client : clients) {
                client.get();
            }
        }
    }

    private void call(Callers on, String queue, Random random) {
        try {
            switch (random.nextInt(4)) {
                case 0 -> object(on.ceph(), random);
                case 1 -> object(on.s3Proxy(), random);
                case 2 -> item(on.dynamoDb(), random);
                default -> message(on.sqs(), queue, random);
            }
        } catch (SdkException _) {
            // The log has it.
        }
    }

    private void object(S3Client s3, Random random) {
        switch (random.nextInt(20)) {
            case 0 -> s3.getObjectAsBytes(it -> it.bucket(PLACE).key("large"));
            case 1, 2, 3, 4, 5 -> s3.getObjectAsBytes(it -> it.bucket(PLACE).key(old(random)));
            case 6, 7 -> s3.headObject(it -> it.bucket(PLACE).key(old(random)));
            case 8, 9 -> s3.listObjectsV2(it -> it.bucket(PLACE).prefix("n1").maxKeys(5));
            case 10, 11 -> {
                var name = fresh();
                s3.putObject(it -> it.bucket(PLACE).key(name), RequestBody.fromString(name));
                doomed.add(name);
                s3.deleteObject(it -> it.bucket(PLACE).key(name));
            }
            default -> {
                var name = fresh();
                s3.putObject(it -> it.bucket(PLACE).key(name), RequestBody.fromString(name));
            }
        }
    }

    private void item(DynamoDbClient dynamoDb, Random random) {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 ->
                    dynamoDb.getItem(it -> it.tableName(PLACE).key(named(old(random))));
            case 6 -> dynamoDb.getItem(it -> it.tableName("nowhere").key(named(old(random))));
            case 7 ->
                    dynamoDb.putItem(it ->
                            it.tableName(PLACE)
                                    .item(named(fresh()))
                                    .conditionExpression("attribute_exists(#n)")
                                    .expressionAttributeNames(Map.of("#n", "name")));
            case 8, 9 -> {
                var one = named(fresh());
                var other = named(fresh());
                dynamoDb.batchWriteItem(it ->
                        it.requestItems(
                                Map.of(
                                        PLACE,
                                        List.of(
                                                WriteRequest.builder()
                                                        .putRequest(p -> p.item(one))
                                                        .build(),
                                                WriteRequest.builder()
                                                        .putRequest(p -> p.item(other))
                                                        .build()))));
            }
            case 10, 11 -> {
                var name = fresh();
                dynamoDb.putItem(it -> it.tableName(PLACE).item(named(name)));
                doomed.add(name);
                dynamoDb.deleteItem(it -> it.tableName(PLACE).key(named(name)));
            }
            case 12, 13, 14 ->
                    dynamoDb.updateItem(it ->
                            it.tableName(PLACE)
                                    .key(named(fresh()))
                                    .updateExpression("SET plays = :one")
                                    .expressionAttributeValues(
                                            Map.of(":one", AttributeValue.fromN("1"))));
            default -> dynamoDb.putItem(it -> it.tableName(PLACE).item(named(fresh())));
        }
    }

    private void message(SqsClient sqs, String queue, Random random) {
        switch (random.nextInt(10)) {
            case 0, 1 -> receive(sqs, queue);
            case 2 -> {
                for (var handle : receive(sqs, queue)) {
                    sqs.deleteMessage(it -> it.queueUrl(queue).receiptHandle(handle));
                }
            }
            case 3 -> sqs.getQueueUrl(it -> it.queueName(PLACE));
            case 4 -> sqs.getQueueUrl(it -> it.queueName("nowhere"));
            default -> sqs.sendMessage(it -> it.queueUrl(queue).messageBody(fresh()));
        }
    }

    /// @return the receipt handles of what came
    private List<String> receive(SqsClient sqs, String queue) {
        var handles = new ArrayList<String>();
        for (var message :
                sqs.receiveMessage(it -> it.queueUrl(queue).visibilityTimeout(0)).messages()) {
            received.add(message.body());
            handles.add(message.receiptHandle());
        }
        return handles;
    }

    private String fresh() {
        return "n" + names.incrementAndGet();
    }

    /// A name of somebody's, in any of the upstreams or in none any more.
    private String old(Random random) {
        return "n" + random.nextInt(names.get() + 1);
    }

    private static Map<String, AttributeValue> named(String name) {
        return Map.of("name", AttributeValue.fromS(name));
    }

    private static String name(Map<String, AttributeValue> item) {
        return Objects.requireNonNull(item.get("name")).s();
    }

    // What goes wrong.

    private void disturb(Lives lives, Lines lines, UpstreamServer s3Proxy, int calls, int rounds)
            throws Exception {
        var wrong =
                List.of(
                        FaultyLine.Condition.DOWN,
                        FaultyLine.Condition.RESETTING,
                        FaultyLine.Condition.SILENT,
                        FaultyLine.Condition.CUTTING);
        for (var round = 0; round < rounds; round++) {
            var line = lines.all().get((round + round / wrong.size()) % lines.all().size());
            reach((int) ((round + 0.3) * calls / rounds), calls);
            line.set(wrong.get(round % wrong.size()));
            reach(log.size() + DISTURBED, calls);
            var together = round % 3 == 1;
            if (together) {
                lives.endAndBegin();
            }
            line.set(FaultyLine.Condition.SOUND);
            if (round % 4 == 3) {
                s3Proxy.kill();
                reach(log.size() + DISTURBED, calls);
                s3Proxy.restart();
            }
            if (!together) {
                reach((int) ((round + 0.7) * calls / rounds), calls);
                lives.endAndBegin();
            }
        }
    }

    private void reach(int target, int calls) throws Exception {
        var end = Math.min(target, calls);
        Await.until(
                Await.Bound.of("call " + end + " begun", PROGRESS_MAX), () -> log.size() >= end);
    }

    // What must hold.

    /// What the upstreams did: the names that they have, or were seen to have had.
    private Set<String> executed(Callers upstreams, String queue) {
        var present = new HashSet<String>(received);
        for (var s3 : List.of(upstreams.ceph(), upstreams.s3Proxy())) {
            s3.listObjectsV2Paginator(it -> it.bucket(PLACE)).contents().stream()
                    .map(it -> it.key())
                    .filter(key -> !key.equals("large") && !HALF_WRITTEN.matcher(key).matches())
                    .forEach(present::add);
        }
        upstreams.dynamoDb().scanPaginator(it -> it.tableName(PLACE)).items().stream()
                .map(MixedCallsTest::name)
                .forEach(present::add);
        while (true) {
            var messages =
                    upstreams
                            .sqs()
                            .receiveMessage(it ->
                                    it.queueUrl(queue)
                                            .maxNumberOfMessages(10)
                                            .visibilityTimeout(3600))
                            .messages();
            if (messages.isEmpty()) {
                return present;
            }
            messages.forEach(message -> present.add(message.body()));
        }
    }

    /// The numbers of calls that were made.
    ///
    /// @param present names that upstreams have
    private Set<Integer> made(List<CallLog.Made> calls, Set<String> present) {
        var made = new HashSet<Integer>();
        var accounted = new HashSet<String>();
        for (var call : calls) {
            if (call.answer() != null) {
                made.add(call.number());
            }
            for (var name : written(call)) {
                if (present.contains(name)) {
                    accounted.add(name);
                    made.add(call.number());
                }
            }
            var deleted = deleted(call);
            if (doomed.contains(deleted) && !present.contains(deleted)) {
                made.add(call.number());
            }
        }
        var unasked = new TreeSet<>(present);
        unasked.removeAll(accounted);
        assertThat(unasked).as("what the upstreams have, and nobody asked for").isEmpty();
        return made;
    }

    private static List<String> written(CallLog.Made call) {
        return switch (call.request()) {
            case PutObjectRequest put -> List.of(put.key());
            case PutItemRequest put -> List.of(name(put.item()));
            case UpdateItemRequest update -> List.of(name(update.key()));
            case BatchWriteItemRequest batch ->
                    Objects.requireNonNull(batch.requestItems().get(PLACE)).stream()
                            .map(it -> name(it.putRequest().item()))
                            .toList();
            case SendMessageRequest send -> List.of(send.messageBody());
            default -> List.of();
        };
    }

    private static String deleted(CallLog.Made call) {
        return switch (call.request()) {
            case DeleteObjectRequest delete -> delete.key();
            case DeleteItemRequest delete -> name(delete.key());
            default -> "";
        };
    }

    private void judge(LiveServer server, Set<String> present, int kills, long seed)
            throws Exception {
        var calls = new HashMap<Integer, CallLog.Made>();
        log.calls().forEach(call -> calls.put(call.number(), call));
        var made = made(List.copyOf(calls.values()), present);
        try (var wire = new Wire(server.endpoint())) {
            var recorded = new HashMap<Integer, Event>();
            var ledger = new Ledger(wire);
            Await.value(
                    RECORDED,
                    () -> {
                        ledger.readOn(event -> check(event, calls, recorded));
                        return missing(made, recorded.keySet());
                    },
                    Set::isEmpty);

            // Without an answer: in flight at a kill, or broken off on the line.
            var unanswered = new ArrayList<Integer>();
            var brokenOff = new ArrayList<Integer>();
            var known = new TreeSet<String>();
            for (var call : calls.values()) {
                var event = recorded.get(call.number());
                if (event != null) {
                    known.add(event.errorCode());
                }
                if (call.answer() == null) {
                    var onTheLine = event != null && event.errorCode().startsWith("Upstream");
                    (onTheLine ? brokenOff : unanswered).add(call.number());
                }
            }
            assertThat(unanswered)
                    .as("without an answer, seed %d", seed)
                    .isNotEmpty()
                    .hasSizeLessThanOrEqualTo(kills * CLIENTS);
            assertThat(missing(recorded.keySet(), made))
                    .as("recorded, but not known to be made, seed %d", seed)
                    .isSubsetOf(Stream.concat(unanswered.stream(), brokenOff.stream()).toList());
            // Whatever was to go wrong has.
            assertThat(known)
                    .contains(
                            "",
                            "NoSuchKey",
                            "ConditionalCheckFailedException",
                            "UpstreamUnavailable",
                            "UpstreamReset",
                            "UpstreamTimeout",
                            "UpstreamCut");

            var ids = new HashSet<String>();
            recorded.values().forEach(event -> ids.add(event.id()));
            assertThat(history(wire)).as("history, seed %d", seed).isEqualTo(ids);
        }
        var status = server.cairn("status", "--verify").exited(0);
        assertThat(status.out()).contains("even").doesNotContain("NOT EVEN", "DAMAGED");
    }

    private static Set<Integer> missing(Set<Integer> all, Set<Integer> from) {
        var missing = new TreeSet<>(all);
        missing.removeAll(from);
        return missing;
    }

    /// What is kept of an event.
    ///
    /// @param errorCode empty for none
    private record Event(String id, String errorCode) {}

    /// One event at a time: together they are too many to hold.
    private void check(
            JsonNode event, Map<Integer, CallLog.Made> calls, Map<Integer, Event> recorded) {
        var number = CallLog.number(event.path("userAgent").asText()).orElse(-1);
        var call = calls.get(number);
        if (call == null) {
            throw new AssertionError("expected an event of a call that was made, got " + event);
        }
        var other =
                recorded.put(
                        number,
                        new Event(
                                event.path("eventID").asText(),
                                event.path("errorCode").asText("")));
        if (other != null) {
            throw new AssertionError(
                    "expected one event of %s, got %s and %s".formatted(call, other, event));
        }
        var parts = new FiveParts(source(call), MARY, LiveServer.ACCOUNT, begun);
        if (call.answer() == null) {
            parts.checkAsked(call, event);
        } else {
            parts.check(call, event);
        }
    }

    private static String source(CallLog.Made call) {
        return switch (call.request()) {
            case DynamoDbRequest _ -> "dynamodb.amazonaws.com";
            case SqsRequest _ -> "sqs.amazonaws.com";
            default -> "s3.amazonaws.com";
        };
    }

    /// Reads the ledger from where it stopped before.
    private static final class Ledger {
        private final Wire wire;
        private String after = "0";

        Ledger(Wire wire) {
            this.wire = wire;
        }

        void readOn(Consumer<JsonNode> sink) throws Exception {
            while (true) {
                var page =
                        wire.get(
                                        LiveServer.ROOT,
                                        "/cairn/v1/tail",
                                        "after",
                                        after,
                                        "query",
                                        SOURCES,
                                        "limit",
                                        "1000")
                                .expect(200)
                                .json();
                for (var event : page.path("events")) {
                    sink.accept(Wire.JSON.readTree(event.path("record").asText()));
                }
                var next = page.path("after").asText();
                if (next.equals(after)) {
                    return;
                }
                after = next;
            }
        }
    }

    /// The ids of the events that a search finds; fails on one that it finds twice.
    private static Set<String> history(Wire wire) throws Exception {
        Await.until(
                CAUGHT_UP,
                () ->
                        !wire.get(
                                        LiveServer.ROOT,
                                        "/cairn/v1/events",
                                        "query",
                                        SOURCES,
                                        "limit",
                                        "1")
                                .expect(200)
                                .json()
                                .has("behindSince"));
        var found = new HashSet<String>();
        var token = "";
        do {
            var question = new ArrayList<>(List.of("query", SOURCES, "limit", "1000"));
            if (!token.isEmpty()) {
                question.addAll(List.of("nextToken", token));
            }
            var page =
                    wire.get(LiveServer.ROOT, "/cairn/v1/events", question.toArray(String[]::new))
                            .expect(200)
                            .json();
            for (var event : page.path("events")) {
                assertThat(found.add(event.path("eventId").asText())).isTrue();
            }
            token = page.path("nextToken").asText("");
        } while (!token.isEmpty());
        return found;
    }
}

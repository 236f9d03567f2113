package dev.cairn.conformance;

import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/// Calls of many kinds to a Ceph, an S3Proxy, a DynamoDB Local and an ElasticMQ, of which can be
/// told afterwards what the upstreams did: each write has a name of its own. Any thread may call.
///
/// Of an answer that ends early the SDK makes an exception of its own when it says success, and an
/// [UncheckedIOException] when it says failure.
final class MixedTraffic {
    /// How many upstreams there are.
    static final int UPSTREAMS = 4;

    private static final String PLACE = "mixed";

    /// Longer than the gateway keeps of an answer, so that it streams.
    private static final int LARGE_BYTES = 300 << 10;

    /// What a killed S3Proxy leaves of an object that it had not put in its place: listed under the
    /// object's name and a UUID, and not carried out.
    private static final Pattern HALF_WRITTEN =
            Pattern.compile("n\\d+-\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private final String queue;

    /// Gives names that no two calls write to.
    private final AtomicInteger names = new AtomicInteger();

    /// Names that are in an upstream for certain, until they are deleted there.
    private final Set<String> doomed = ConcurrentHashMap.newKeySet();

    /// Messages that somebody received.
    private final Set<String> received = ConcurrentHashMap.newKeySet();

    /// Clients of all four upstreams, by way of the gateway or without it.
    record Callers(S3Client ceph, S3Client s3Proxy, DynamoDbClient dynamoDb, SqsClient sqs) {
        /// @param endpoints of Ceph, S3Proxy, DynamoDB Local and ElasticMQ
        static Callers of(LoggedClients clients, List<URI> endpoints) {
            return new Callers(
                    clients.plainS3(endpoints.get(0)),
                    clients.s3(endpoints.get(1)),
                    clients.dynamoDb(endpoints.get(2)),
                    clients.sqs(endpoints.get(3)));
        }
    }

    private MixedTraffic(String queue) {
        this.queue = queue;
    }

    /// Makes buckets, a table and a queue.
    ///
    /// @param upstreams not by way of the gateway
    static MixedTraffic furnish(Callers upstreams) {
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
        return new MixedTraffic(upstreams.sqs().createQueue(it -> it.queueName(PLACE)).queueUrl());
    }

    // What is called.

    /// Any call to any upstream, or one and then another. What it comes to, the log has.
    void any(Callers on, Random random) {
        try {
            switch (random.nextInt(UPSTREAMS)) {
                case 0 -> object(on.ceph(), random);
                case 1 -> object(on.s3Proxy(), random);
                case 2 -> item(on.dynamoDb(), random);
                default -> message(on.sqs(), random);
            }
        } catch (SdkException | UncheckedIOException _) {
            // The log has it.
        }
    }

    /// A call that writes a name. What it comes to, the log has.
    ///
    /// @param upstream from 0, in the order of [Callers#of]
    void write(Callers on, int upstream, String name) {
        try {
            switch (upstream) {
                case 0 ->
                        on.ceph()
                                .putObject(
                                        it -> it.bucket(PLACE).key(name),
                                        RequestBody.fromString(name));
                case 1 ->
                        on.s3Proxy()
                                .putObject(
                                        it -> it.bucket(PLACE).key(name),
                                        RequestBody.fromString(name));
                case 2 -> on.dynamoDb().putItem(it -> it.tableName(PLACE).item(named(name)));
                default -> on.sqs().sendMessage(it -> it.queueUrl(queue).messageBody(name));
            }
        } catch (SdkException | UncheckedIOException _) {
            // The log has it.
        }
    }

    /// A call whose answer is long, where the upstream has such; else one that writes. What it
    /// comes to, the log has.
    ///
    /// @return what stands in this request and no other
    String ask(Callers on, int upstream) {
        var name = fresh();
        if (upstream > 1) {
            write(on, upstream, name);
            return name;
        }
        var s3 = upstream == 0 ? on.ceph() : on.s3Proxy();
        var range = "bytes=%s-".formatted(name.substring(1));
        try {
            s3.getObjectAsBytes(it -> it.bucket(PLACE).key("large").range(range));
        } catch (SdkException | UncheckedIOException _) {
            // The log has it.
        }
        return range;
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

    private void message(SqsClient sqs, Random random) {
        switch (random.nextInt(10)) {
            case 0, 1 -> receive(sqs);
            case 2 -> {
                for (var handle : receive(sqs)) {
                    sqs.deleteMessage(it -> it.queueUrl(queue).receiptHandle(handle));
                }
            }
            case 3 -> sqs.getQueueUrl(it -> it.queueName(PLACE));
            case 4 -> sqs.getQueueUrl(it -> it.queueName("nowhere"));
            default -> sqs.sendMessage(it -> it.queueUrl(queue).messageBody(fresh()));
        }
    }

    /// @return the receipt handles of what came
    private List<String> receive(SqsClient sqs) {
        var handles = new ArrayList<String>();
        for (var message :
                sqs.receiveMessage(it -> it.queueUrl(queue).visibilityTimeout(0)).messages()) {
            received.add(message.body());
            handles.add(message.receiptHandle());
        }
        return handles;
    }

    /// A name that no two calls write to.
    String fresh() {
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

    // What was done.

    /// What the upstreams did: the names that they have, or were seen to have had.
    Set<String> executed(Callers upstreams) {
        var present = new HashSet<String>(received);
        for (var s3 : List.of(upstreams.ceph(), upstreams.s3Proxy())) {
            s3.listObjectsV2Paginator(it -> it.bucket(PLACE)).contents().stream()
                    .map(it -> it.key())
                    .filter(key -> !key.equals("large") && !HALF_WRITTEN.matcher(key).matches())
                    .forEach(present::add);
        }
        upstreams.dynamoDb().scanPaginator(it -> it.tableName(PLACE)).items().stream()
                .map(MixedTraffic::name)
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

    /// The names that a call asks to write.
    static List<String> written(CallLog.Made call) {
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

    /// The name that a call asks to delete; empty for none.
    static String deleted(CallLog.Made call) {
        return switch (call.request()) {
            case DeleteObjectRequest delete -> delete.key();
            case DeleteItemRequest delete -> name(delete.key());
            default -> "";
        };
    }

    /// Whether this is the call of which a mark tells that [#write] or [#ask] made it.
    static boolean isMarked(CallLog.Made call, String mark) {
        return written(call).contains(mark)
                || (call.request() instanceof GetObjectRequest get && mark.equals(get.range()));
    }

    /// Whether a name was in an upstream for certain before somebody asked to delete it there.
    boolean wasThere(String name) {
        return doomed.contains(name);
    }
}

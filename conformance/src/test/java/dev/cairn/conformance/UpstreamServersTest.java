package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.testkit.wire.Ports;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SqsException;

/// The gateway before DynamoDB Local, S3Proxy and ElasticMQ: whatever the stock SDKs and the stock
/// CLI call goes through as they mean it, and each call is one event, which says of it what the
/// driver's own log says.
final class UpstreamServersTest {
    private static final LiveServer.Credentials MARY =
            new LiveServer.Credentials("AKIAUPSTREAMSUSER001", "upstreams/secret/0123456789abcdef");
    private static final String ACCOUNT = "111122223333";
    private static final Await.Bound FOUND =
            Await.Bound.of("every call in event history", Duration.ofSeconds(60));

    private final Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final CallLog log = new CallLog();

    /// A call as the CLI tells of it, or the SDK for JavaScript, in CloudTrail's words.
    private record Told(String eventName, String errorCode) {}

    @Test
    void eachCallToDynamoDbLocalIsOneEvent() throws Exception {
        try (var upstream = UpstreamServer.dynamoDb();
                var server = gatewayTo(upstream);
                var clients = new LoggedClients(MARY, log);
                var dynamoDb = clients.dynamoDb(server.gateway(0))) {
            driveDynamoDb(dynamoDb);
            var told =
                    driveByCli(
                            server,
                            "dynamodb list-tables",
                            "dynamodb put-item --table-name music --item {\"artist\":{\"S\":\"cli\"}}",
                            "dynamodb get-item --table-name music --key {\"artist\":{\"S\":\"cli\"}}",
                            "dynamodb delete-table --table-name nowhere");

            assertThat(told)
                    .containsExactly(
                            new Told("ListTables", ""),
                            new Told("PutItem", ""),
                            new Told("GetItem", ""),
                            new Told("DeleteTable", "ResourceNotFoundException"));
            check(server, "dynamodb.amazonaws.com", told, Map.of("TableName", "tableName"));
            var got =
                    server.events(
                            "eventName:GetItem AND requestParameters.key.artist:Nina AND requestParameters.tableName:music");
            assertThat(got).hasSize(1);
            assertThat(got.getFirst().path("eventCategory").asText()).isEqualTo("Data");
            assertThat(got.getFirst().path("resources").path(0).path("ARN").asText())
                    .endsWith(":table/music");
            assertThat(server.events("eventSource:dynamodb.amazonaws.com").toString())
                    .doesNotContain("Sinnerman");
        }
    }

    private static void driveDynamoDb(DynamoDbClient dynamoDb) {
        var nina = Map.of("artist", text("Nina"));
        var song = Map.of("artist", text("Nina"), "song", text("Sinnerman"));
        dynamoDb.createTable(it ->
                it.tableName("music")
                        .billingMode(BillingMode.PAY_PER_REQUEST)
                        .attributeDefinitions(
                                AttributeDefinition.builder()
                                        .attributeName("artist")
                                        .attributeType(ScalarAttributeType.S)
                                        .build())
                        .keySchema(
                                KeySchemaElement.builder()
                                        .attributeName("artist")
                                        .keyType(KeyType.HASH)
                                        .build()));
        assertThat(dynamoDb.describeTable(it -> it.tableName("music")).table().itemCount())
                .isZero();
        dynamoDb.putItem(it -> it.tableName("music").item(song));
        assertThat(dynamoDb.getItem(it -> it.tableName("music").key(nina)).item()).isEqualTo(song);
        dynamoDb.updateItem(it ->
                it.tableName("music")
                        .key(nina)
                        .updateExpression("SET plays = :one")
                        .expressionAttributeValues(
                                Map.of(":one", AttributeValue.builder().n("1").build())));
        assertThat(
                        dynamoDb.query(it ->
                                        it.tableName("music")
                                                .keyConditionExpression("artist = :who")
                                                .expressionAttributeValues(
                                                        Map.of(":who", text("Nina"))))
                                .count())
                .isEqualTo(1);
        dynamoDb.batchWriteItem(it ->
                it.requestItems(
                        Map.of(
                                "music",
                                List.of(
                                        WriteRequest.builder()
                                                .putRequest(
                                                        p -> p.item(Map.of("artist", text("Ella"))))
                                                .build()))));
        dynamoDb.batchGetItem(it ->
                it.requestItems(
                        Map.of("music", KeysAndAttributes.builder().keys(List.of(nina)).build())));
        dynamoDb.transactWriteItems(it ->
                it.transactItems(
                        TransactWriteItem.builder()
                                .delete(d ->
                                        d.tableName("music").key(Map.of("artist", text("Ella"))))
                                .build()));
        assertThat(dynamoDb.scan(it -> it.tableName("music")).count()).isEqualTo(1);
        assertThatExceptionOfType(ConditionalCheckFailedException.class)
                .isThrownBy(() ->
                        dynamoDb.putItem(it ->
                                it.tableName("music")
                                        .item(nina)
                                        .conditionExpression("attribute_not_exists(artist)")));
        assertThatExceptionOfType(ResourceNotFoundException.class)
                .isThrownBy(() -> dynamoDb.getItem(it -> it.tableName("nowhere").key(nina)));
        assertThatExceptionOfType(DynamoDbException.class)
                .isThrownBy(() -> dynamoDb.putItem(it -> it.tableName("music").item(Map.of())));
        dynamoDb.deleteItem(it -> it.tableName("music").key(nina));
        dynamoDb.listTables();
    }

    private static AttributeValue text(String value) {
        return AttributeValue.builder().s(value).build();
    }

    @Test
    void eachCallToS3ProxyIsOneEvent() throws Exception {
        try (var upstream = UpstreamServer.s3Proxy(MARY);
                var server = gatewayTo(upstream);
                var clients = new LoggedClients(MARY, log);
                var s3 = clients.s3(server.gateway(0))) {
            S3Calls.make(s3, false);
            refuseAWrongSecret(server.gateway(0));
            var told =
                    driveByCli(
                            server,
                            "s3api list-buckets",
                            "s3api put-object --bucket finance --key cli",
                            "s3api get-object --bucket finance --key none out",
                            "s3api delete-object --bucket finance --key cli");
            assertThat(told)
                    .containsExactly(
                            new Told("ListBuckets", ""),
                            new Told("PutObject", ""),
                            new Told("GetObject", "NoSuchKey"),
                            new Told("DeleteObject", ""));
            var object = Wire.JSON.createObjectNode().put("Bucket", "finance").put("Key", "js");
            var put = object.deepCopy();
            put.set("Body", JavaScriptClient.bytes(Wire.bytes("hello"), false));
            told.addAll(
                    driveByJavaScript(
                            server,
                            new Asked("s3", "PutObject", put),
                            new Asked("s3", "GetObject", object),
                            new Asked("s3", "DeleteObject", object),
                            new Asked("s3", "GetObject", object)));
            assertThat(told.subList(4, 8))
                    .containsExactly(
                            new Told("PutObject", ""),
                            new Told("GetObject", ""),
                            new Told("DeleteObject", ""),
                            new Told("GetObject", "NoSuchKey"));
            check(
                    server,
                    "s3.amazonaws.com",
                    told,
                    Map.of("Bucket", "bucketName", "Key", "key", "Prefix", "prefix"));
        }
    }

    /// The gateway passes on what it could not prove: the server behind it does, and its word
    /// counts.
    private void refuseAWrongSecret(URI gateway) {
        var wrong = new LiveServer.Credentials(MARY.accessKeyId(), "not/" + MARY.secretAccessKey());
        try (var clients = new LoggedClients(wrong, log);
                var s3 = clients.s3(gateway)) {
            assertThatExceptionOfType(S3Exception.class)
                    .isThrownBy(() -> s3.deleteBucket(it -> it.bucket("finance")))
                    .satisfies(refused ->
                            assertThat(refused.awsErrorDetails().errorCode())
                                    .isEqualTo("SignatureDoesNotMatch"));
        }
    }

    @Test
    void eachCallToElasticMqIsOneEvent() throws Exception {
        // Queues are known by the gateway's address, so that it has to be known before.
        var gateway = URI.create("http://127.0.0.1:" + Ports.free());
        try (var upstream = UpstreamServer.elasticMq(gateway);
                var server = gatewayTo(upstream, gateway.getAuthority());
                var clients = new LoggedClients(MARY, log);
                var sqs = clients.sqs(gateway)) {
            var url = driveSqs(sqs);
            assertThat(url).startsWith(gateway.toString());
            var told =
                    driveByCli(
                            server,
                            "sqs get-queue-url --queue-name orders",
                            "sqs send-message --queue-url %s --message-body by-cli".formatted(url),
                            "sqs receive-message --queue-url " + url,
                            "sqs get-queue-url --queue-name nowhere");

            assertThat(told)
                    .containsExactly(
                            new Told("GetQueueUrl", ""),
                            new Told("SendMessage", ""),
                            new Told("ReceiveMessage", ""),
                            new Told("GetQueueUrl", "QueueDoesNotExist"));
            var queue = Wire.JSON.createObjectNode().put("QueueUrl", url);
            told.addAll(
                    driveByJavaScript(
                            server,
                            new Asked(
                                    "sqs",
                                    "SendMessage",
                                    queue.deepCopy().put("MessageBody", "by-javascript")),
                            new Asked("sqs", "ReceiveMessage", queue),
                            new Asked(
                                    "sqs",
                                    "GetQueueUrl",
                                    Wire.JSON.createObjectNode().put("QueueName", "nowhere"))));
            assertThat(told.subList(4, 7))
                    .containsExactly(
                            new Told("SendMessage", ""),
                            new Told("ReceiveMessage", ""),
                            new Told("GetQueueUrl", "QueueDoesNotExist"));
            check(
                    server,
                    "sqs.amazonaws.com",
                    told,
                    Map.of("QueueUrl", "queueUrl", "QueueName", "queueName"));
            for (var sent : server.events("eventName:SendMessage")) {
                assertThat(sent.toString()).doesNotContain("forty-two", "by-cli", "by-javascript");
            }
        }
    }

    private static String driveSqs(SqsClient sqs) {
        var url =
                sqs.createQueue(it ->
                                it.queueName("orders")
                                        .attributes(
                                                Map.of(
                                                        QueueAttributeName.VISIBILITY_TIMEOUT,
                                                        "60")))
                        .queueUrl();
        assertThat(sqs.getQueueUrl(it -> it.queueName("orders")).queueUrl()).isEqualTo(url);
        sqs.sendMessage(it -> it.queueUrl(url).messageBody("forty-two"));
        sqs.sendMessageBatch(it ->
                it.queueUrl(url).entries(entry("a", "forty-two a"), entry("b", "forty-two b")));
        var first = sqs.receiveMessage(it -> it.queueUrl(url)).messages().getFirst();
        assertThat(first.body()).startsWith("forty-two");
        sqs.changeMessageVisibility(
                it -> it.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(0));
        var second = sqs.receiveMessage(it -> it.queueUrl(url)).messages().getFirst();
        sqs.deleteMessage(it -> it.queueUrl(url).receiptHandle(second.receiptHandle()));
        sqs.getQueueAttributes(it -> it.queueUrl(url).attributeNames(QueueAttributeName.ALL));
        sqs.setQueueAttributes(
                it -> it.queueUrl(url).attributes(Map.of(QueueAttributeName.DELAY_SECONDS, "0")));
        assertThatExceptionOfType(QueueDoesNotExistException.class)
                .isThrownBy(() -> sqs.getQueueUrl(it -> it.queueName("nowhere")));
        assertThatExceptionOfType(SqsException.class)
                .isThrownBy(() -> sqs.createQueue(it -> it.queueName("no such name!")));
        sqs.purgeQueue(it -> it.queueUrl(url));
        waitForMessages(sqs, url);
        sqs.listQueues();
        return url;
    }

    /// Long polls: one that ends without a message, later than the gateway holds an answer back,
    /// and one that a message ends.
    private static void waitForMessages(SqsClient sqs, String url) {
        assertThat(sqs.receiveMessage(it -> it.queueUrl(url).waitTimeSeconds(2)).messages())
                .isEmpty();
        var waiting =
                CompletableFuture.supplyAsync(
                        () -> sqs.receiveMessage(it -> it.queueUrl(url).waitTimeSeconds(20)));
        sqs.sendMessage(it -> it.queueUrl(url).messageBody("forty-two at last"));
        assertThat(waiting.join().messages())
                .singleElement()
                .satisfies(message -> assertThat(message.body()).isEqualTo("forty-two at last"));
    }

    private static SendMessageBatchRequestEntry entry(String id, String body) {
        return SendMessageBatchRequestEntry.builder().id(id).messageBody(body).build();
    }

    private static LiveServer gatewayTo(UpstreamServer upstream) throws Exception {
        return gatewayTo(upstream, "127.0.0.1:0");
    }

    private static LiveServer gatewayTo(UpstreamServer upstream, String listen) throws Exception {
        var server =
                LiveServer.start(
                        "gateway.listen=" + listen, "gateway.upstream=" + upstream.endpoint());
        server.introduce(MARY, ACCOUNT);
        return server;
    }

    /// Runs commands of the stock CLI through the gateway, each of which makes one call.
    ///
    /// @param commands words with a space between them
    private static List<Told> driveByCli(LiveServer server, String... commands) throws Exception {
        var cli = new CliClient(server.home(), server.gateway(0), MARY, "us-east-1");
        var told = new ArrayList<Told>();
        for (var command : commands) {
            var words = List.of(command.split(" ", -1));
            var name = eventName(words.get(1));
            try {
                cli.call(words);
                told.add(new Told(name, ""));
            } catch (LookupClient.RefusedException refused) {
                told.add(new Told(name, FiveParts.errorCode(refused.name())));
            }
        }
        return told;
    }

    /// A call that the SDK for JavaScript is to make.
    private record Asked(String service, String operation, JsonNode input) {}

    private static List<Told> driveByJavaScript(LiveServer server, Asked... calls)
            throws Exception {
        var told = new ArrayList<Told>();
        try (var client = new JavaScriptClient(server.gateway(0), MARY, "us-east-1")) {
            for (var call : calls) {
                try {
                    client.call(call.service(), call.operation(), call.input());
                    told.add(new Told(call.operation(), ""));
                } catch (LookupClient.RefusedException refused) {
                    told.add(new Told(call.operation(), FiveParts.errorCode(refused.name())));
                }
            }
        }
        return told;
    }

    /// The event of a CLI's command: `list-tables` makes `ListTables`.
    private static String eventName(String command) {
        var name = new StringBuilder();
        for (var word : command.split("-", -1)) {
            name.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
        }
        return name.toString();
    }

    /// Holds all events of a source against the driver's log and what the others told.
    ///
    /// @param parameters the event's name of each parameter that is compared, by the SDK's
    private void check(
            LiveServer server, String source, List<Told> told, Map<String, String> parameters)
            throws Exception {
        var made = log.calls();
        var found =
                Await.value(
                        FOUND,
                        () -> server.events("eventSource:" + source),
                        all -> all.size() >= made.size() + told.size());
        assertThat(found).hasSize(made.size() + told.size());
        var byNumber = new HashMap<Integer, JsonNode>();
        var byOthers = new ArrayList<Told>();
        // Newest first.
        for (var event : found.reversed()) {
            var number = CallLog.number(event.path("userAgent").asText());
            if (number.isPresent()) {
                assertThat(byNumber.put(number.get(), event)).isNull();
            } else {
                assertThat(event.path("userAgent").asText()).matches("aws-(cli|sdk-js)/.*");
                byOthers.add(
                        new Told(
                                event.path("eventName").asText(),
                                event.path("errorCode").asText("")));
            }
        }
        assertThat(byOthers).containsExactlyInAnyOrderElementsOf(told);
        var parts = new FiveParts(source, MARY, ACCOUNT, begun);
        for (var call : made) {
            var event = Objects.requireNonNull(byNumber.get(call.number()), call::toString);
            parts.check(call, event);
            for (var parameter : parameters.entrySet()) {
                assertThat(event.path("requestParameters").path(parameter.getValue()).asText(""))
                        .as(call.toString())
                        .isEqualTo(call.asked(parameter.getKey()));
            }
        }
    }
}

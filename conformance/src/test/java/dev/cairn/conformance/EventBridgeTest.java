package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.conformance.LookupClient.RefusedException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.InvalidEventPatternException;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.RuleState;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/// Rules by two clients, from a call to a message in a queue.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EventBridgeTest {
    private static final String LETS =
            "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}}";

    private Webhooks hooks;
    private LiveServer server;
    private EventBridgeClient sdk;
    private SqsClient sqs;
    private CliClient cli;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        hooks = new Webhooks(folder);
        server = LiveServer.start(hooks.settings());
        connect();
    }

    private void connect() {
        sdk = JavaSdk.root(server.endpoint(), EventBridgeClient.builder()).build();
        sqs = JavaSdk.root(server.endpoint(), SqsClient.builder()).build();
        cli = new CliClient(server.home(), server.endpoint(), LiveServer.ROOT, "us-east-1");
    }

    @AfterAll
    void stop() {
        sdk.close();
        sqs.close();
        server.close();
        hooks.close();
    }

    private String queue(String name) {
        return sqs.createQueue(make ->
                        make.queueName(name).attributes(Map.of(QueueAttributeName.POLICY, LETS)))
                .queueUrl();
    }

    private static String arn(String queue) {
        return "arn:aws:sqs:us-east-1:123456789012:" + queue;
    }

    private List<String> received(String queue, int count) {
        var bodies = new ArrayList<String>();
        for (int tries = 0; tries < 45 && bodies.size() < count; tries++) {
            sqs.receiveMessage(
                            ask -> ask.queueUrl(queue).waitTimeSeconds(2).maxNumberOfMessages(10))
                    .messages()
                    .forEach(message -> {
                        bodies.add(message.body());
                        sqs.deleteMessage(gone ->
                                gone.queueUrl(queue).receiptHandle(message.receiptHandle()));
                    });
        }
        assertThat(bodies).hasSize(count);
        return bodies;
    }

    @Test
    void the_cli_matches_a_call_as_the_guide_has_it() throws Exception {
        var work = queue("guide");
        var pattern =
                "{\"source\":[\"aws.sqs\"],\"detail\":{\"eventName\":[\"CreateQueue\"],\"requestParameters\":{\"queueName\":[{\"prefix\":\"guided\"}]}}}";
        assertThat(
                        call("put-rule", "--name", "guide", "--event-pattern", pattern)
                                .path("RuleArn")
                                .asText())
                .isEqualTo("arn:aws:events:us-east-1:123456789012:rule/guide");
        assertThat(
                        call(
                                        "put-targets",
                                        "--rule",
                                        "guide",
                                        "--targets",
                                        "Id=queue,Arn=" + arn("guide"))
                                .path("FailedEntryCount")
                                .asInt())
                .isZero();
        queue("guided-1");
        var event = Wire.JSON.readTree(received(work, 1).getFirst());
        assertThat(event.path("detail-type").asText()).isEqualTo("AWS API Call via CloudTrail");
        assertThat(event.path("source").asText()).isEqualTo("aws.sqs");
        assertThat(event.at("/detail/eventID").asText()).isEqualTo(event.path("id").asText());

        assertThat(call("list-rules", "--name-prefix", "gui").at("/Rules/0/EventPattern").asText())
                .isEqualTo(pattern);
        assertThat(
                        call("list-rule-names-by-target", "--target-arn", arn("guide"))
                                .at("/RuleNames/0")
                                .asText())
                .isEqualTo("guide");
        call("disable-rule", "--name", "guide");
        assertThat(call("describe-rule", "--name", "guide").path("State").asText())
                .isEqualTo("DISABLED");
        refused("ValidationException", "delete-rule", "--name", "guide");
        refused(
                "UnsupportedOperationException",
                "create-archive",
                "--archive-name",
                "a",
                "--event-source-arn",
                "arn:aws:events:us-east-1:123456789012:event-bus/default");
        call("remove-targets", "--rule", "guide", "--ids", "queue");
        call("delete-rule", "--name", "guide");
        assertThat(
                        call(
                                        "test-event-pattern",
                                        "--event-pattern",
                                        pattern,
                                        "--event",
                                        event.toString())
                                .path("Result")
                                .asBoolean())
                .isTrue();
        assertThat(server.cairn("status").exited(0).out()).contains("rules");
    }

    @Test
    void the_cli_puts_a_schedule_as_the_guide_has_it() throws Exception {
        call("put-rule", "--name", "weekly", "--schedule-expression", "cron(0 8 ? * MON *)");
        assertThat(call("describe-rule", "--name", "weekly").path("ScheduleExpression").asText())
                .isEqualTo("cron(0 8 ? * MON *)");
        refused(
                "ValidationException",
                "put-rule",
                "--name",
                "weekly",
                "--schedule-expression",
                "rate(1 minutes)");
        call("delete-rule", "--name", "weekly");
    }

    /// Takes two minutes: the least interval that there is, twice.
    @Test
    @Tag("long")
    void a_schedule_fires_and_a_kill_loses_and_doubles_none() throws Exception {
        queue("often");
        call("put-rule", "--name", "often", "--schedule-expression", "rate(1 minute)");
        call("put-targets", "--rule", "often", "--targets", "Id=queue,Arn=" + arn("often"));
        var url = sqs.getQueueUrl(ask -> ask.queueName("often")).queueUrl();
        var first = slot(received(url, 1).getFirst());
        server.kill();
        sdk.close();
        sqs.close();
        server.restart();
        connect();
        url = sqs.getQueueUrl(ask -> ask.queueName("often")).queueUrl();
        assertThat(slot(received(url, 1).getFirst())).isEqualTo(first.plusSeconds(60));
        call("disable-rule", "--name", "often");
    }

    private static Instant slot(String body) throws Exception {
        var event = Wire.JSON.readTree(body);
        assertThat(event.path("detail-type").asText()).isEqualTo("Scheduled Event");
        assertThat(event.at("/resources/0").asText())
                .isEqualTo("arn:aws:events:us-east-1:123456789012:rule/often");
        return Instant.parse(event.path("time").asText());
    }

    @Test
    void a_watch_tells_who_did_what_and_a_test_of_it_finds_what_was_done_before() throws Exception {
        var heard =
                sqs.createQueue(make ->
                                make.queueName("heard")
                                        .attributes(
                                                Map.of(
                                                        QueueAttributeName.POLICY,
                                                        LETS.replace("events.", "sns."),
                                                        QueueAttributeName.VISIBILITY_TIMEOUT,
                                                        "43200")))
                        .queueUrl();
        try (var sns = JavaSdk.root(server.endpoint(), SnsClient.builder()).build()) {
            var topic = sns.createTopic(make -> make.name("security")).topicArn();
            sns.subscribe(to ->
                    to.topicArn(topic)
                            .protocol("sqs")
                            .endpoint(arn("heard"))
                            .attributes(Map.of("RawMessageDelivery", "true")));
        }
        var when = "eventName = \"CreateQueue\" requestParameters.queueName:watched-*";
        queue("watched-0");
        Await.until(
                Await.Bound.of("a call that a test finds", Duration.ofSeconds(60)),
                () ->
                        server.cairn("watch", "test", "--when", when, "--since", "1h")
                                .exited(0)
                                .out()
                                .contains("would have fired 1 time and told 1 message"));
        server.cairn(
                        "watch",
                        "add",
                        "made",
                        "--when",
                        when,
                        "--tell",
                        "security",
                        "--at-most",
                        "1/10m",
                        "--say",
                        "Somebody made a queue.")
                .exited(0);
        queue("watched-1");
        queue("watched-2");
        var told = Wire.JSON.readTree(received(heard, 1).getFirst());
        assertThat(told.path("who").asText()).isEqualTo("arn:aws:iam::123456789012:root");
        assertThat(told.path("text").asText()).startsWith("Somebody made a queue.");
        assertThat(told.at("/event/requestParameters/queueName").asText()).isEqualTo("watched-1");
        var state =
                Await.value(
                        Await.Bound.of("two calls counted", Duration.ofSeconds(60)),
                        () ->
                                Wire.JSON.readTree(
                                        server.cairn("watch", "show", "made", "--json")
                                                .exited(0)
                                                .out()),
                        shown -> shown.path("taken").asInt() == 2);
        assertThat(state.path("told").asInt()).isEqualTo(1);
        assertThat(state.path("held").asInt()).isEqualTo(1);
        server.cairn("watch", "pause", "made").exited(0);
        assertThat(Wire.JSON.readTree(received(heard, 1).getFirst()).path("paused").asText())
                .isEqualTo("arn:aws:iam::123456789012:root");

        server.cairn(
                        "watch",
                        "add",
                        "many",
                        "--when",
                        when,
                        "--more-than",
                        "1/1h",
                        "--per",
                        "userIdentity.arn",
                        "--tell",
                        "security")
                .exited(0);
        queue("watched-3");
        queue("watched-4");
        assertThat(Wire.JSON.readTree(received(heard, 1).getFirst()).path("burst").asText())
                .isEqualTo(
                        "more than 1 within 1h, with userIdentity.arn arn:aws:iam::123456789012:root");
        assertThat(server.cairn("watch", "test", "many", "--since", "1h").exited(0).out())
                .contains("would have fired 1 time and told 1 message, at 10/1h at most:");
        server.cairn("watch", "add", "hook", "--when", when, "--tell", hooks.url("/hook"))
                .exited(0);
        assertThat(hooks.next().body()).contains("SubscriptionConfirmation", "cairn-watch-hook");

        var function = "arn:aws:lambda:us-east-1:123456789012:function:close-bucket";
        server.cairn(
                        "watch",
                        "add",
                        "closes",
                        "--when",
                        when,
                        "--tell",
                        "unheard",
                        "--make-topic",
                        "--react",
                        function)
                .exited(0);
        queue("watched-5");
        assertThat(Wire.JSON.readTree(hooks.next().body()).at("/detail/watch").asText())
                .isEqualTo("closes");
        Await.until(
                Await.Bound.of("what came of it on record", Duration.ofSeconds(60)),
                () ->
                        server.cairn(
                                        "search",
                                        "eventName:InvokeReaction serviceEventDetails.result:taken",
                                        "--json")
                                .exited(0)
                                .out()
                                .contains(function));

        assertThat(server.cairn("watch", "enable", "cis", "--tell", "security").exited(0).out())
                .contains("14 watches made, 0 were there");
        assertThat(server.cairn("watch", "enable", "cis", "--tell", "security").exited(0).out())
                .contains("0 watches made, 14 were there");
        assertThat(server.cairn("watch", "list").exited(0).out())
                .contains("made (paused)", "cis-root-use");
        assertThat(
                        server.cairn(
                                        "watch",
                                        "add",
                                        "sql",
                                        "--sql",
                                        "SELECT 1",
                                        "--tell",
                                        "security")
                                .exited(1)
                                .err())
                .contains("UnsupportedOperationException", "docs/gaps.md");
    }

    @Test
    void the_sdk_puts_events_on_a_bus_of_its_own_and_a_kill_loses_and_doubles_none()
            throws Exception {
        var work = queue("orders");
        sdk.createEventBus(make -> make.name("shop").description("what is sold"));
        assertThat(sdk.describeEventBus(ask -> ask.name("shop")).description())
                .isEqualTo("what is sold");
        sdk.putRule(put ->
                put.name("large")
                        .eventBusName("shop")
                        .eventPattern("{\"detail\":{\"total\":[{\"numeric\":[\">\",10]}]}}")
                        .state(RuleState.ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS));
        sdk.putTargets(put ->
                put.rule("large")
                        .eventBusName("shop")
                        .targets(
                                Target.builder()
                                        .id("1")
                                        .arn(arn("orders"))
                                        .inputTransformer(make ->
                                                make.inputPathsMap(Map.of("no", "$.detail.no"))
                                                        .inputTemplate("\"order <no>\""))
                                        .build()));
        var answer =
                sdk.putEvents(put ->
                        put.entries(
                                entry("shop", "{\"no\":1,\"total\":12.5}"),
                                entry("shop", "{\"no\":2,\"total\":9}"),
                                entry("none", "{}"),
                                entry("shop", "{"),
                                entry("shop", "{\"no\":3,\"total\":11}")));
        assertThat(answer.failedEntryCount()).isEqualTo(2);
        assertThat(answer.entries().get(2).errorCode()).isEqualTo("ResourceNotFoundException");
        assertThat(answer.entries().get(3).errorCode()).isEqualTo("MalformedDetail");
        assertThat(answer.entries().getFirst().eventId()).isNotEmpty();
        server.kill();
        sdk.close();
        sqs.close();
        server.restart();
        connect();
        var url = sqs.getQueueUrl(ask -> ask.queueName("orders")).queueUrl();
        assertThat(work).endsWith("/orders");
        assertThat(received(url, 2)).containsExactlyInAnyOrder("\"order 1\"", "\"order 3\"");

        assertThatExceptionOfType(InvalidEventPatternException.class)
                .isThrownBy(() -> sdk.putRule(put -> put.name("x").eventPattern("{\"a\":1}")))
                .withMessageContaining("Event pattern is not valid. Reason:");
        assertThatExceptionOfType(EventBridgeException.class)
                .isThrownBy(() -> sdk.deleteEventBus(gone -> gone.name("shop")))
                .withMessageContaining("since it has rules");
    }

    @Test
    void the_cli_has_a_call_posted_by_a_connection_and_a_function_invoked() throws Exception {
        var destination = destination("chat");
        call("put-rule", "--name", "chat", "--event-pattern", "{\"source\":[\"chat\"]}");
        call(
                "put-targets",
                "--rule",
                "chat",
                "--targets",
                "Id=hook,Arn=%s,HttpParameters={PathParameterValues=[$.detail.room],HeaderParameters={x-team=red}}"
                        .formatted(destination));
        hooks.answer(503);
        put("chat", "{\"room\":\"a/b\"}");
        var first = hooks.next();
        assertThat(first.path()).isEqualTo("/rooms/a%2Fb");
        assertThat(first.headers())
                .containsEntry("x-key", "hush-1")
                .containsEntry("x-team", "red")
                .containsEntry("User-Agent", "Amazon/EventBridge/ApiDestinations");
        assertThat(Wire.JSON.readTree(first.body()).at("/detail/room").asText()).isEqualTo("a/b");
        var again = hooks.next();
        assertThat(again.headers().get("Idempotency-Key"))
                .isEqualTo(first.headers().get("Idempotency-Key"));
        assertThat(again.body()).isEqualTo(first.body());

        assertThat(call("describe-connection", "--name", "chat").toString())
                .contains("\"ApiKeyName\":\"x-key\"")
                .doesNotContain("hush");
        assertThat(call("list-connections").at("/Connections/0/ConnectionState").asText())
                .isEqualTo("AUTHORIZED");
        assertThat(call("list-api-destinations").at("/ApiDestinations/0/Name").asText())
                .isEqualTo("chat");
        assertThat(server.cairn("search", "eventName:CreateConnection", "--json").exited(0).out())
                .contains("CreateConnection")
                .doesNotContain("hush");
        refused(
                "ValidationException",
                "create-api-destination",
                "--name",
                "inside",
                "--connection-arn",
                call("describe-connection", "--name", "chat").path("ConnectionArn").asText(),
                "--invocation-endpoint",
                "https://10.0.0.1/",
                "--http-method",
                "POST");

        var function = "arn:aws:lambda:us-east-1:123456789012:function:close-bucket";
        call("put-targets", "--rule", "chat", "--targets", "Id=hook,Arn=" + function);
        put("chat", "{}");
        var invoked = hooks.next();
        assertThat(invoked.path())
                .endsWith("%3Afunction%3Aclose-bucket/invocations")
                .startsWith("/2015-03-31/functions/arn%3Aaws%3Alambda%3A");
        assertThat(invoked.headers())
                .containsEntry("X-Amz-Invocation-Type", "Event")
                .hasEntrySatisfying(
                        "Authorization",
                        signed -> assertThat(signed).contains("Credential=AKIALAMBDA0000000000/"));
        assertThat(hooks.hasMore()).isFalse();
    }

    @Test
    @Tag("long")
    void a_kill_between_telling_and_noting_repeats_what_was_under_way_under_its_id()
            throws Exception {
        var destination = destination("killed");
        call("put-rule", "--name", "killed", "--event-pattern", "{\"source\":[\"killed\"]}");
        call("put-targets", "--rule", "killed", "--targets", "Id=1,Arn=" + destination);
        hooks.hang();
        put("killed", "{\"no\":1}");
        var first = hooks.next();
        server.kill();
        hooks.go();
        sdk.close();
        sqs.close();
        server.restart();
        connect();
        var again = hooks.next();
        assertThat(again.headers().get("Idempotency-Key"))
                .isEqualTo(first.headers().get("Idempotency-Key"));
        assertThat(again.body()).isEqualTo(first.body());
        put("killed", "{\"no\":2}");
        assertThat(hooks.next().body()).contains("\"no\":2");
        assertThat(hooks.hasMore()).isFalse();
    }

    /// The ARN of an API destination with a key.
    private String destination(String name) throws Exception {
        var connection =
                call(
                                "create-connection",
                                "--name",
                                name,
                                "--authorization-type",
                                "API_KEY",
                                "--auth-parameters",
                                "ApiKeyAuthParameters={ApiKeyName=x-key,ApiKeyValue=hush-1}")
                        .path("ConnectionArn")
                        .asText();
        return call(
                        "create-api-destination",
                        "--name",
                        name,
                        "--connection-arn",
                        connection,
                        "--invocation-endpoint",
                        hooks.url("/rooms/*"),
                        "--http-method",
                        "POST")
                .path("ApiDestinationArn")
                .asText();
    }

    private void put(String source, String detail) throws Exception {
        var entry =
                Wire.JSON
                        .createObjectNode()
                        .put("Source", source)
                        .put("DetailType", "Said")
                        .put("Detail", detail);
        call("put-events", "--entries", Wire.JSON.createArrayNode().add(entry).toString());
    }

    private static PutEventsRequestEntry entry(String bus, String detail) {
        return PutEventsRequestEntry.builder()
                .eventBusName(bus)
                .source("shop")
                .detailType("Order")
                .detail(detail)
                .build();
    }

    private void refused(String error, String... words) {
        var refused = catchThrowableOfType(RefusedException.class, () -> call(words));
        assertThat(refused).as(String.join(" ", words)).isNotNull();
        assertThat(refused.name()).as(refused.getMessage()).isEqualTo(error);
    }

    private JsonNode call(String... words) throws Exception {
        var all = new ArrayList<>(List.of("events"));
        all.addAll(Arrays.asList(words));
        return cli.call(all);
    }
}

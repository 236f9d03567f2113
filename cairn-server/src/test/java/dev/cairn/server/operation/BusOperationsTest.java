package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// EventBridge's operations without a wire. Single quotes stand for double ones.
class BusOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIA0");
    private static final Caller OTHER = Caller.root("222222222222", "AKIA1");
    private static final String QUEUE = "arn:aws:sqs:us-east-1:123456789012:work";

    private final TestParts parts;

    BusOperationsTest(@TempDir Path folder) throws Exception {
        parts = new TestParts(folder);
    }

    private JsonNode ask(String operation, String input) throws Exception {
        return ask(ROOT, operation, input);
    }

    private JsonNode ask(Caller caller, String operation, String input) throws Exception {
        var call =
                new Invocation(
                        caller,
                        "us-east-1",
                        (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW);
        var built =
                parts.operations
                        .signedAs("events")
                        .orElseThrow()
                        .operation(operation)
                        .orElseThrow();
        var output = parts.run(built.operation(), call);
        return JSON.readTree(output.toString());
    }

    private void fails(ErrorCode code, String message, String operation, String input) {
        assertThatThrownBy(() -> ask(operation, input))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> {
                            assertThat(failure.code()).isEqualTo(code);
                            assertThat(failure.message()).contains(message);
                        });
    }

    private static List<String> names(JsonNode list, String member) {
        List<String> names = new ArrayList<>();
        list.forEach(one -> names.add(one.path(member).asText()));
        return names;
    }

    private void rule(String name) throws Exception {
        ask(
                "PutRule",
                "{'Name':'%s','EventPattern':'{\\'source\\':[\\'aws.s3\\']}'}".formatted(name));
    }

    @Test
    void a_rule_is_put_switched_and_deleted() throws Exception {
        assertThat(
                        ask(
                                        "PutRule",
                                        "{'Name':'r','EventPattern':'{\\'source\\':[\\'aws.s3\\']}','Description':'d','Tags':[{'Key':'team','Value':'red'}]}")
                                .path("RuleArn")
                                .asText())
                .isEqualTo("arn:aws:events:us-east-1:123456789012:rule/r");
        ask("DisableRule", "{'Name':'r'}");
        var shown = ask("DescribeRule", "{'Name':'r'}");
        assertThat(shown.path("State").asText()).isEqualTo("DISABLED");
        assertThat(shown.path("EventPattern").asText()).isEqualTo("{\"source\":[\"aws.s3\"]}");
        assertThat(shown.path("EventBusName").asText()).isEqualTo("default");
        assertThat(shown.path("CreatedBy").asText()).isEqualTo(TestParts.ACCOUNT);

        ask("PutRule", "{'Name':'r','EventPattern':'{\\'source\\':[\\'aws.ec2\\']}'}");
        shown = ask("DescribeRule", "{'Name':'r'}");
        assertThat(shown.path("State").asText()).isEqualTo("ENABLED");
        assertThat(shown.has("Description")).isFalse();
        var arn = "arn:aws:events:us-east-1:123456789012:rule/r";
        assertThat(
                        names(
                                ask("ListTagsForResource", "{'ResourceARN':'%s'}".formatted(arn))
                                        .path("Tags"),
                                "Value"))
                .containsExactly("red");
        ask("UntagResource", "{'ResourceARN':'%s','TagKeys':['team']}".formatted(arn));
        assertThat(ask("ListTagsForResource", "{'ResourceARN':'%s'}".formatted(arn)).path("Tags"))
                .isEmpty();

        ask("PutTargets", "{'Rule':'r','Targets':[{'Id':'1','Arn':'%s'}]}".formatted(QUEUE));
        fails(ErrorCode.VALIDATION, "since it has targets", "DeleteRule", "{'Name':'r'}");
        ask("RemoveTargets", "{'Rule':'r','Ids':['1','2']}");
        ask("DeleteRule", "{'Name':'r'}");
        ask("DeleteRule", "{'Name':'r'}");
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Rule r does not exist on EventBus default.",
                "DescribeRule",
                "{'Name':'r'}");
    }

    @Test
    void a_rule_has_a_schedule_a_pattern_or_both_on_the_default_bus() throws Exception {
        ask("PutRule", "{'Name':'weekly','ScheduleExpression':'cron(0 8 ? * MON *)'}");
        var shown = ask("DescribeRule", "{'Name':'weekly'}");
        assertThat(shown.path("ScheduleExpression").asText()).isEqualTo("cron(0 8 ? * MON *)");
        assertThat(shown.has("EventPattern")).isFalse();
        assertThat(
                        ask("ListRules", "{'NamePrefix':'week'}")
                                .at("/Rules/0/ScheduleExpression")
                                .asText())
                .isEqualTo("cron(0 8 ? * MON *)");
        ask(
                "PutRule",
                "{'Name':'weekly','ScheduleExpression':'rate(7 days)','EventPattern':'{\\'source\\':[\\'aws.s3\\']}'}");
        shown = ask("DescribeRule", "{'Name':'weekly'}");
        assertThat(shown.path("ScheduleExpression").asText()).isEqualTo("rate(7 days)");
        assertThat(shown.has("EventPattern")).isTrue();
        ask("PutRule", "{'Name':'weekly','EventPattern':'{\\'source\\':[\\'aws.s3\\']}'}");
        assertThat(ask("DescribeRule", "{'Name':'weekly'}").has("ScheduleExpression")).isFalse();

        fails(
                ErrorCode.VALIDATION,
                "Parameter ScheduleExpression is not valid.",
                "PutRule",
                "{'Name':'weekly','ScheduleExpression':'cron(0 8 * * MON *)'}");
        ask("CreateEventBus", "{'Name':'shop'}");
        fails(
                ErrorCode.VALIDATION,
                "ScheduleExpression is supported only on the default event bus.",
                "PutRule",
                "{'Name':'r','EventBusName':'shop','ScheduleExpression':'rate(7 days)'}");
    }

    @Test
    void a_bus_of_ones_own_has_rules_of_its_own() throws Exception {
        var arn = ask("CreateEventBus", "{'Name':'shop'}").path("EventBusArn").asText();
        assertThat(arn).isEqualTo("arn:aws:events:us-east-1:123456789012:event-bus/shop");
        fails(
                ErrorCode.RESOURCE_ALREADY_EXISTS,
                "already exists",
                "CreateEventBus",
                "{'Name':'shop'}");
        fails(
                ErrorCode.RESOURCE_ALREADY_EXISTS,
                "already exists",
                "CreateEventBus",
                "{'Name':'default'}");
        assertThat(
                        ask(
                                        "PutRule",
                                        "{'Name':'r','EventBusName':'%s','EventPattern':'{\\'source\\':[\\'shop\\']}'}"
                                                .formatted(arn))
                                .path("RuleArn")
                                .asText())
                .endsWith(":rule/shop/r");
        assertThat(ask("ListRules", "{}").path("Rules")).isEmpty();
        assertThat(names(ask("ListRules", "{'EventBusName':'shop'}").path("Rules"), "Name"))
                .containsExactly("r");
        fails(ErrorCode.VALIDATION, "since it has rules", "DeleteEventBus", "{'Name':'shop'}");
        assertThat(names(ask("ListEventBuses", "{}").path("EventBuses"), "Name"))
                .containsExactly("default", "shop");
        var page = ask("ListEventBuses", "{'Limit':1}");
        assertThat(names(page.path("EventBuses"), "Name")).containsExactly("default");
        assertThat(
                        names(
                                ask(
                                                "ListEventBuses",
                                                "{'Limit':1,'NextToken':'%s'}"
                                                        .formatted(page.path("NextToken").asText()))
                                        .path("EventBuses"),
                                "Name"))
                .containsExactly("shop");
        ask("DeleteRule", "{'Name':'r','EventBusName':'shop'}");
        ask("DeleteEventBus", "{'Name':'shop'}");
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Event bus shop does not exist.",
                "ListRules",
                "{'EventBusName':'shop'}");
        fails(ErrorCode.VALIDATION, "default", "DeleteEventBus", "{'Name':'default'}");
    }

    @Test
    void what_others_have_is_not_there() throws Exception {
        rule("r");
        assertThat(ask(OTHER, "ListRules", "{}").path("Rules")).isEmpty();
        assertThatThrownBy(() ->
                        ask(
                                OTHER,
                                "ListTagsForResource",
                                "{'ResourceARN':'arn:aws:events:us-east-1:123456789012:rule/r'}"))
                .isInstanceOf(Failure.class);
        assertThatThrownBy(() ->
                        ask(
                                OTHER,
                                "ListRules",
                                "{'EventBusName':'arn:aws:events:us-east-1:123456789012:event-bus/default'}"))
                .isInstanceOf(Failure.class);
    }

    @Test
    void targets_are_shown_as_they_were_put() throws Exception {
        rule("r");
        var targets =
                """
                [{"Id":"a","Arn":"arn:aws:sns:us-east-1:123456789012:t","RoleArn":"arn:aws:iam::123456789012:role/x","Input":"{\\"a\\":1}"},\
                {"Id":"b","Arn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/g","InputPath":"$.detail"},\
                {"Id":"c","Arn":"arn:aws:sqs:us-east-1:123456789012:work",\
                "InputTransformer":{"InputPathsMap":{"n":"$.detail.eventName"},"InputTemplate":"\\"<n> by <aws.events.rule-name>\\""},\
                "DeadLetterConfig":{"Arn":"arn:aws:sqs:us-east-1:123456789012:dead"},\
                "RetryPolicy":{"MaximumRetryAttempts":3,"MaximumEventAgeInSeconds":60}}]\
                """;
        var call = (ObjectNode) JSON.readTree("{\"Rule\":\"r\",\"Targets\":" + targets + "}");
        var built =
                (Operation.Change)
                        parts.operations
                                .signedAs("events")
                                .orElseThrow()
                                .operation("PutTargets")
                                .orElseThrow()
                                .operation();
        parts.catalog.<ObjectNode, Exception>write(tx ->
                built.run(
                        new Invocation(
                                ROOT,
                                "us-east-1",
                                call,
                                SpooledBody.of(new byte[0]),
                                TestParts.NOW),
                        tx));
        assertThat(ask("ListTargetsByRule", "{'Rule':'r'}").path("Targets"))
                .isEqualTo(JSON.readTree(targets));
        rule("s");
        ask("PutTargets", "{'Rule':'s','Targets':[{'Id':'1','Arn':'%s'}]}".formatted(QUEUE));
        var page = ask("ListRuleNamesByTarget", "{'Limit':1,'TargetArn':'%s'}".formatted(QUEUE));
        assertThat(page.path("RuleNames").toString()).isEqualTo("[\"r\"]");
        assertThat(
                        ask(
                                        "ListRuleNamesByTarget",
                                        "{'NextToken':'%s','TargetArn':'%s'}"
                                                .formatted(page.path("NextToken").asText(), QUEUE))
                                .path("RuleNames")
                                .toString())
                .isEqualTo("[\"s\"]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'Arn':'work'                                                    | VALIDATION | not in correct format",
                "'Arn':'arn:aws:lambda:us-east-1:222222222222:function:f'        | VALIDATION | The function of another account",
                "'Arn':'arn:aws:events:us-east-1:123456789012:event-bus/default' | VALIDATION | its own event bus",
                "'Arn':'arn:aws:events:us-east-1:210987654321:event-bus/x'       | UNSUPPORTED_OPERATION | another account",
                "'Arn':'arn:aws:logs:us-east-1:210987654321:log-group:g'         | VALIDATION | another account",
                "'Arn':'arn:aws:sqs:us-east-1:123456789012:q','Input':'{'        | VALIDATION | JSON syntax error in input for target 1",
                "'Arn':'arn:aws:sqs:us-east-1:123456789012:q','Input':'1','InputPath':'$' | VALIDATION | Only one of",
                "'Arn':'arn:aws:sqs:us-east-1:123456789012:q','InputPath':'detail' | VALIDATION | Invalid JSON path",
                "'Arn':'arn:aws:sqs:us-east-1:123456789012:q','InputTransformer':{'InputTemplate':'<x>'} | VALIDATION | invalid placeholder x",
                "'Arn':'arn:aws:sqs:us-east-1:123456789012:q','InputTransformer':{'InputPathsMap':{'AWSx':'$.id'},'InputTemplate':'<AWSx>'} | VALIDATION | reserved",
                "'Arn':'arn:aws:sqs:us-east-1:123456789012:q','SqsParameters':{'MessageGroupId':'1'} | UNSUPPORTED_OPERATION | SqsParameters",
                "'Arn':'arn:aws:sqs:us-east-1:123456789012:q','DeadLetterConfig':{'Arn':'x'} | VALIDATION | DeadLetterConfig",
            })
    void a_target_that_cannot_be_told_is_refused(String target, ErrorCode code, String words)
            throws Exception {
        rule("r");
        fails(
                code,
                words,
                "PutTargets",
                "{'Rule':'r','Targets':[{'Id':'1',%s}]}".formatted(target));
        assertThat(ask("ListTargetsByRule", "{'Rule':'r'}").path("Targets")).isEmpty();
    }

    @Test
    void there_are_no_more_than_there_may_be() throws Exception {
        rule("r");
        for (int i = 0; i < 5; i++) {
            ask(
                    "PutTargets",
                    "{'Rule':'r','Targets':[{'Id':'%d','Arn':'%s'}]}".formatted(i, QUEUE));
        }
        ask("PutTargets", "{'Rule':'r','Targets':[{'Id':'0','Arn':'%s'}]}".formatted(QUEUE));
        fails(
                ErrorCode.LIMIT_EXCEEDED,
                "at most 5 targets",
                "PutTargets",
                "{'Rule':'r','Targets':[{'Id':'5','Arn':'%s'}]}".formatted(QUEUE));
        for (int i = 0; i < 299; i++) {
            rule("r" + i);
        }
        fails(
                ErrorCode.LIMIT_EXCEEDED,
                "at most 300 rules",
                "PutRule",
                "{'Name':'more','EventPattern':'{\\'source\\':[\\'aws.s3\\']}'}");
        rule("r");
    }

    @Test
    void a_pattern_is_tried() throws Exception {
        var event =
                "{\\'id\\':\\'1\\',\\'account\\':\\'1\\',\\'source\\':\\'s\\',\\'time\\':\\'t\\',\\'region\\':\\'r\\',\\'detail-type\\':\\'d\\'}";
        assertThat(
                        ask(
                                        "TestEventPattern",
                                        "{'EventPattern':'{\\'source\\':[\\'s\\']}','Event':'%s'}"
                                                .formatted(event))
                                .path("Result")
                                .asBoolean())
                .isTrue();
        fails(
                ErrorCode.VALIDATION,
                "account is a required field.",
                "TestEventPattern",
                "{'EventPattern':'{\\'source\\':[\\'s\\']}','Event':'{\\'id\\':1}'}");
        fails(
                ErrorCode.INVALID_EVENT_PATTERN,
                "Event pattern is not valid. Reason: Match value must be String",
                "TestEventPattern",
                "{'EventPattern':'{\\'source\\':[[]]}','Event':'%s'}".formatted(event));
        fails(
                ErrorCode.INVALID_EVENT_PATTERN,
                "Reason: \"source\" must be an object or an array",
                "PutRule",
                "{'Name':'r','EventPattern':'{\\'source\\':\\'s\\'}'}");
        fails(
                ErrorCode.VALIDATION,
                "EventPattern or ScheduleExpression must be specified",
                "PutRule",
                "{'Name':'r'}");
    }

    private String connection(String name) throws Exception {
        return ask(
                        "CreateConnection",
                        "{'Name':'%s','AuthorizationType':'API_KEY','AuthParameters':{'ApiKeyAuthParameters':{'ApiKeyName':'x-key','ApiKeyValue':'hush'}}}"
                                .formatted(name))
                .path("ConnectionArn")
                .asText();
    }

    @Test
    void a_connection_shows_what_it_is_and_never_what_it_knows() throws Exception {
        var made =
                ask(
                        "CreateConnection",
                        "{'Name':'c','AuthorizationType':'OAUTH_CLIENT_CREDENTIALS','AuthParameters':{'OAuthParameters':{'ClientParameters':{'ClientID':'id','ClientSecret':'hush'},'AuthorizationEndpoint':'https://login.example.org/token','HttpMethod':'POST','OAuthHttpParameters':{'BodyParameters':[{'Key':'scope','Value':'hush','IsValueSecret':true}]}},'InvocationHttpParameters':{'HeaderParameters':[{'Key':'x-a','Value':'seen','IsValueSecret':false},{'Key':'x-b','Value':'hush','IsValueSecret':true}]}}}");
        assertThat(made.path("ConnectionArn").asText())
                .startsWith("arn:aws:events:us-east-1:123456789012:connection/c/");
        assertThat(made.path("ConnectionState").asText()).isEqualTo("AUTHORIZING");
        var other =
                ask(
                        "CreateConnection",
                        "{'Name':'o','AuthorizationType':'BASIC','AuthParameters':{'BasicAuthParameters':{'Username':'ann','Password':'hush'}}}");
        assertThat(other.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly(
                        "ConnectionArn", "ConnectionState", "CreationTime", "LastModifiedTime");
        var shown = ask("DescribeConnection", "{'Name':'c'}");
        assertThat(shown.toString()).doesNotContain("hush").contains("seen");
        assertThat(shown.at("/AuthParameters/OAuthParameters/ClientParameters/ClientID").asText())
                .isEqualTo("id");

        ask(
                "UpdateConnection",
                "{'Name':'c','AuthorizationType':'BASIC','AuthParameters':{'BasicAuthParameters':{'Username':'ann','Password':'hush'}}}");
        shown = ask("DescribeConnection", "{'Name':'c'}");
        assertThat(shown.path("ConnectionState").asText()).isEqualTo("AUTHORIZED");
        assertThat(shown.at("/AuthParameters/BasicAuthParameters/Username").asText())
                .isEqualTo("ann");
        assertThat(shown.at("/AuthParameters/InvocationHttpParameters/HeaderParameters"))
                .hasSize(2);
        fails(
                ErrorCode.VALIDATION,
                "expected ApiKeyName in it",
                "UpdateConnection",
                "{'Name':'c','AuthorizationType':'API_KEY'}");

        ask("DeauthorizeConnection", "{'Name':'c'}");
        shown = ask("DescribeConnection", "{'Name':'c'}");
        assertThat(shown.path("ConnectionState").asText()).isEqualTo("DEAUTHORIZED");
        assertThat(shown.has("AuthParameters")).isFalse();
        assertThat(ask("DeleteConnection", "{'Name':'c'}").path("ConnectionState").asText())
                .isEqualTo("DELETING");
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Connection 'c' does not exist",
                "DescribeConnection",
                "{'Name':'c'}");
    }

    @Test
    void connections_and_destinations_are_listed_by_name_and_by_what_they_are() throws Exception {
        connection("a");
        var b = connection("b");
        fails(
                ErrorCode.RESOURCE_ALREADY_EXISTS,
                "already exists",
                "CreateConnection",
                "{'Name':'a','AuthorizationType':'API_KEY','AuthParameters':{'ApiKeyAuthParameters':{'ApiKeyName':'x','ApiKeyValue':'y'}}}");
        ask("DeauthorizeConnection", "{'Name':'a'}");
        assertThat(
                        names(
                                ask("ListConnections", "{'ConnectionState':'AUTHORIZED'}")
                                        .path("Connections"),
                                "Name"))
                .containsExactly("b");
        var page = ask("ListConnections", "{'Limit':1}");
        assertThat(names(page.path("Connections"), "Name")).containsExactly("a");
        assertThat(
                        names(
                                ask(
                                                "ListConnections",
                                                "{'Limit':1,'NextToken':'%s'}"
                                                        .formatted(page.path("NextToken").asText()))
                                        .path("Connections"),
                                "Name"))
                .containsExactly("b");
        assertThat(ask(OTHER, "ListConnections", "{}").path("Connections")).isEmpty();
        for (var name : List.of("d1", "d2")) {
            ask(
                    "CreateApiDestination",
                    "{'Name':'%s','ConnectionArn':'%s','InvocationEndpoint':'https://example.org/*','HttpMethod':'POST'}"
                            .formatted(name, b));
        }
        assertThat(
                        names(
                                ask(
                                                "ListApiDestinations",
                                                "{'ConnectionArn':'%s','NamePrefix':'d2'}"
                                                        .formatted(b))
                                        .path("ApiDestinations"),
                                "Name"))
                .containsExactly("d2");
    }

    @Test
    void rules_that_cannot_be_asked_about_an_event_that_is_put_are_counted() throws Exception {
        ask(
                "PutRule",
                "{'Name':'dear','EventPattern':'{\\'detail\\':{\\'a\\':[{\\'anything-but\\':\\'x\\'}],\\'b\\':[{\\'anything-but\\':\\'x\\'}]}}'}");
        var many =
                IntStream.range(0, 2_000)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(",", "[", "]"));
        var put =
                ask(
                        "PutEvents",
                        "{'Entries':[{'Source':'shop','DetailType':'Order','Detail':'{\\'a\\':%s,\\'b\\':%s}'}]}"
                                .formatted(many, many));
        assertThat(put.path("FailedEntryCount").asInt()).isZero();
        assertThat(parts.catalog.get("event-unasked", "count").orElseThrow().json())
                .contains(
                        "\"count\":\"1\"",
                        "event " + put.at("/Entries/0/EventId").asText(),
                        "dear among them");
    }

    @Test
    void a_connection_asks_for_tokens_at_no_private_address() {
        for (var endpoint :
                List.of(
                        "http://login.example.org/",
                        "https://user@login.example.org/",
                        "https://private.example.org/token")) {
            fails(
                    ErrorCode.VALIDATION,
                    "Parameter AuthorizationEndpoint is not valid",
                    "CreateConnection",
                    "{'Name':'c','AuthorizationType':'OAUTH_CLIENT_CREDENTIALS','AuthParameters':{'OAuthParameters':{'ClientParameters':{'ClientID':'id','ClientSecret':'hush'},'AuthorizationEndpoint':'%s','HttpMethod':'POST'}}}"
                            .formatted(endpoint));
        }
    }

    @Test
    void an_api_destination_goes_by_https_to_where_it_may_by_a_connection_of_its_own()
            throws Exception {
        var connection = connection("c");
        var made =
                ask(
                        "CreateApiDestination",
                        "{'Name':'d','ConnectionArn':'%s','InvocationEndpoint':'https://example.org/hook','HttpMethod':'POST','InvocationRateLimitPerSecond':7}"
                                .formatted(connection));
        var arn = made.path("ApiDestinationArn").asText();
        assertThat(arn).startsWith("arn:aws:events:us-east-1:123456789012:api-destination/d/");
        assertThat(made.path("ApiDestinationState").asText()).isEqualTo("ACTIVE");
        ask("UpdateApiDestination", "{'Name':'d','HttpMethod':'PUT'}");
        var shown = ask("DescribeApiDestination", "{'Name':'d'}");
        assertThat(shown.path("HttpMethod").asText()).isEqualTo("PUT");
        assertThat(shown.path("InvocationRateLimitPerSecond").asInt()).isEqualTo(7);
        ask("DeauthorizeConnection", "{'Name':'c'}");
        assertThat(
                        ask("DescribeApiDestination", "{'Name':'d'}")
                                .path("ApiDestinationState")
                                .asText())
                .isEqualTo("INACTIVE");
        for (var endpoint :
                List.of(
                        "http://example.org/",
                        "https://user@example.org/",
                        "https://*.example.org/",
                        "https://example.org/#x",
                        "https://private.example.org/")) {
            fails(
                    ErrorCode.VALIDATION,
                    "Parameter InvocationEndpoint is not valid",
                    "CreateApiDestination",
                    "{'Name':'e','ConnectionArn':'%s','InvocationEndpoint':'%s','HttpMethod':'POST'}"
                            .formatted(connection, endpoint));
        }
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "does not exist",
                "CreateApiDestination",
                "{'Name':'e','ConnectionArn':'%s','InvocationEndpoint':'https://example.org/','HttpMethod':'POST'}"
                        .formatted(connection.replace("123456789012", "222222222222")));

        rule("r");
        ask(
                "PutTargets",
                "{'Rule':'r','Targets':[{'Id':'1','Arn':'%s','HttpParameters':{'PathParameterValues':['$.id'],'HeaderParameters':{'x-a':'1'},'QueryStringParameters':{'q':'2'}}}]}"
                        .formatted(arn));
        assertThat(
                        ask("ListTargetsByRule", "{'Rule':'r'}")
                                .at("/Targets/0/HttpParameters")
                                .toString())
                .isEqualTo(
                        "{\"PathParameterValues\":[\"$.id\"],\"HeaderParameters\":{\"x-a\":\"1\"},\"QueryStringParameters\":{\"q\":\"2\"}}");
        fails(
                ErrorCode.VALIDATION,
                "HttpParameters are for targets that are API destinations",
                "PutTargets",
                "{'Rule':'r','Targets':[{'Id':'2','Arn':'%s','HttpParameters':{}}]}"
                        .formatted(QUEUE));
        fails(
                ErrorCode.VALIDATION,
                "of another account or region",
                "PutTargets",
                "{'Rule':'r','Targets':[{'Id':'2','Arn':'%s'}]}"
                        .formatted(arn.replace("us-east-1", "eu-west-1")));
        ask("DeleteApiDestination", "{'Name':'d'}");
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "'d' does not exist",
                "DeleteApiDestination",
                "{'Name':'d'}");
    }

    @Test
    void a_function_of_ones_own_account_is_a_target() throws Exception {
        rule("r");
        var arn = "arn:aws:lambda:us-east-1:123456789012:function:close:live";
        ask("PutTargets", "{'Rule':'r','Targets':[{'Id':'1','Arn':'%s'}]}".formatted(arn));
        fails(
                ErrorCode.VALIDATION,
                "The function of another account",
                "PutTargets",
                "{'Rule':'r','Targets':[{'Id':'1','Arn':'%s'}]}"
                        .formatted(arn.replace("123456789012", "222222222222")));
    }
}

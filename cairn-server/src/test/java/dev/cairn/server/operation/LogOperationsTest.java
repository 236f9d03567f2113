package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.log.LogGroups;
import dev.cairn.server.http.SpooledBody;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// CloudWatch Logs' operations without a wire. Single quotes stand for double ones.
class LogOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIA0");
    private static final Caller OTHER = Caller.root("222222222222", "AKIA1");
    private static final String COUNTED =
            "'metricTransformations':[{'metricName':'Roots','metricNamespace':'Security','metricValue':'1'}]";

    private final TestParts parts;

    LogOperationsTest(@TempDir Path folder) throws Exception {
        parts = new TestParts(folder);
    }

    private JsonNode ask(String operation, String input) throws Exception {
        return ask(ROOT, operation, input);
    }

    private static Invocation call(Caller caller, String input) throws Exception {
        return new Invocation(
                caller,
                "us-east-1",
                (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                SpooledBody.of(new byte[0]),
                TestParts.NOW);
    }

    private JsonNode ask(Caller caller, String operation, String input) throws Exception {
        var call = call(caller, input);
        var built =
                parts.operations.signedAs("logs").orElseThrow().operation(operation).orElseThrow();
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

    @Test
    void messages_are_put_into_streams_and_read_either_way() throws Exception {
        ask("CreateLogGroup", "{'logGroupName':'g'}");
        ask("CreateLogStream", "{'logGroupName':'g','logStreamName':'a'}");
        ask("CreateLogStream", "{'logGroupName':'g','logStreamName':'b'}");
        fails(
                ErrorCode.RESOURCE_ALREADY_EXISTS,
                "log stream already exists",
                "CreateLogStream",
                "{'logGroupName':'g','logStreamName':'a'}");
        long now = TestParts.NOW.toEpochMilli();
        var put =
                ask(
                        "PutLogEvents",
                        "{'logGroupName':'g','logStreamName':'a','logEvents':[{'timestamp':%d,'message':'one ERROR'},{'timestamp':%d,'message':'two'},{'timestamp':%d,'message':'late'}]}"
                                .formatted(now - 2, now - 1, now + 7_200_001));
        assertThat(put.at("/rejectedLogEventsInfo/tooNewLogEventStartIndex").asInt()).isEqualTo(2);
        ask(
                "PutLogEvents",
                "{'logGroupName':'g','logStreamName':'b','logEvents':[{'timestamp':%d,'message':'three ERROR'}]}"
                        .formatted(now));

        assertThat(
                        names(
                                ask(
                                                "FilterLogEvents",
                                                "{'logGroupName':'g','filterPattern':'ERROR'}")
                                        .path("events"),
                                "message"))
                .containsExactly("one ERROR", "three ERROR");
        assertThat(
                        names(
                                ask(
                                                "FilterLogEvents",
                                                "{'logGroupName':'g','logStreamNames':['b']}")
                                        .path("events"),
                                "logStreamName"))
                .containsExactly("b");
        var last = ask("GetLogEvents", "{'logGroupIdentifier':'g','logStreamName':'a','limit':1}");
        assertThat(names(last.path("events"), "message")).containsExactly("two");
        var before =
                ask(
                        "GetLogEvents",
                        "{'logGroupName':'g','logStreamName':'a','nextToken':'%s'}"
                                .formatted(last.path("nextBackwardToken").asText()));
        assertThat(names(before.path("events"), "message")).containsExactly("one ERROR");
        var end = before.path("nextBackwardToken").asText();
        assertThat(
                        ask(
                                        "GetLogEvents",
                                        "{'logGroupName':'g','logStreamName':'a','nextToken':'%s'}"
                                                .formatted(end))
                                .path("nextBackwardToken")
                                .asText())
                .isEqualTo(end);
        assertThat(
                        names(
                                ask(
                                                "DescribeLogStreams",
                                                "{'logGroupName':'g','orderBy':'LastEventTime','descending':true}")
                                        .path("logStreams"),
                                "logStreamName"))
                .containsExactly("b", "a");
        for (var operation : List.of("CreateLogStream", "PutLogEvents")) {
            fails(
                    ErrorCode.INVALID_PARAMETER,
                    "The stream 123456789012_CloudTrail_us-east-1 is written by trails alone.",
                    operation,
                    "{'logGroupName':'g','logStreamName':'123456789012_CloudTrail_us-east-1','logEvents':[{'timestamp':%d,'message':'forged'}]}"
                            .formatted(now));
        }
        ask("DeleteLogStream", "{'logGroupName':'g','logStreamName':'a'}");
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "log stream does not exist",
                "GetLogEvents",
                "{'logGroupName':'g','logStreamName':'a'}");
        for (var token : List.of("x", "f/x", "f/MQ", "b/LTEsMiwz")) {
            fails(
                    ErrorCode.INVALID_PARAMETER,
                    "nextToken is invalid",
                    "GetLogEvents",
                    "{'logGroupName':'g','logStreamName':'b','nextToken':'%s'}".formatted(token));
        }
    }

    @Test
    void a_group_is_made_once_and_described_as_by_aws() throws Exception {
        ask("CreateLogGroup", "{'logGroupName':'/aws/audit','tags':{'team':'red'}}");
        ask("PutRetentionPolicy", "{'logGroupName':'/aws/audit','retentionInDays':90}");
        ask(
                "PutMetricFilter",
                "{'logGroupName':'/aws/audit','filterName':'f','filterPattern':'',"
                        + COUNTED
                        + "}");

        var described = ask("DescribeLogGroups", "{'logGroupNamePrefix':'/aws'}").path("logGroups");

        assertThat(described)
                .isEqualTo(
                        JSON.readTree(
                                """
                                [{"logGroupName":"/aws/audit","creationTime":%d,"retentionInDays":90,\
                                "metricFilterCount":1,"arn":"arn:aws:logs:us-east-1:%s:log-group:/aws/audit:*",\
                                "storedBytes":0,"logGroupClass":"STANDARD",\
                                "logGroupArn":"arn:aws:logs:us-east-1:%s:log-group:/aws/audit"}]\
                                """
                                        .formatted(
                                                TestParts.NOW.toEpochMilli(),
                                                TestParts.ACCOUNT,
                                                TestParts.ACCOUNT)));
        fails(
                ErrorCode.RESOURCE_ALREADY_EXISTS,
                "The specified log group already exists",
                "CreateLogGroup",
                "{'logGroupName':'/aws/audit'}");
        assertThat(ask(OTHER, "DescribeLogGroups", "{}").path("logGroups")).isEmpty();
    }

    @Test
    void groups_are_listed_by_prefix_by_pattern_and_in_pages() throws Exception {
        for (String name : List.of("b", "a/x", "a", "a.x", "B")) {
            ask("CreateLogGroup", "{'logGroupName':'%s'}".formatted(name));
        }
        List<String> all = new ArrayList<>();
        String token = "";
        do {
            var page = ask("DescribeLogGroups", "{'limit':2%s}".formatted(token));
            all.addAll(names(page.path("logGroups"), "logGroupName"));
            token =
                    page.has("nextToken")
                            ? ",'nextToken':'%s'".formatted(page.path("nextToken").asText())
                            : "";
        } while (!token.isEmpty());

        assertThat(all).containsExactly("B", "a", "a.x", "a/x", "b");
        assertThat(
                        names(
                                ask("DescribeLogGroups", "{'logGroupNamePrefix':'a'}")
                                        .path("logGroups"),
                                "logGroupName"))
                .containsExactly("a", "a.x", "a/x");
        assertThat(
                        names(
                                ask("DescribeLogGroups", "{'logGroupNamePattern':'b'}")
                                        .path("logGroups"),
                                "logGroupName"))
                .containsExactly("B", "b");
        fails(
                ErrorCode.INVALID_PARAMETER,
                "mutually exclusive",
                "DescribeLogGroups",
                "{'logGroupNamePrefix':'a','logGroupNamePattern':'b'}");
        fails(
                ErrorCode.INVALID_PARAMETER,
                "The specified nextToken is invalid.",
                "DescribeLogGroups",
                "{'nextToken':'?'}");
    }

    @Test
    void tags_are_the_same_by_name_and_by_arn() throws Exception {
        var arn = "arn:aws:logs:us-east-1:%s:log-group:g".formatted(TestParts.ACCOUNT);
        ask("CreateLogGroup", "{'logGroupName':'g','tags':{'a':'1'}}");
        ask("TagLogGroup", "{'logGroupName':'g','tags':{'b':'2'}}");
        ask("TagResource", "{'resourceArn':'%s','tags':{'c':'3','a':'4'}}".formatted(arn));
        ask("UntagLogGroup", "{'logGroupName':'g','tags':['b','x']}");

        var expected = JSON.readTree("{\"tags\":{\"a\":\"4\",\"c\":\"3\"}}");
        assertThat(ask("ListTagsLogGroup", "{'logGroupName':'g'}")).isEqualTo(expected);
        assertThat(ask("ListTagsForResource", "{'resourceArn':'%s'}".formatted(arn)))
                .isEqualTo(expected);
        ask("UntagResource", "{'resourceArn':'%s','tagKeys':['a','c']}".formatted(arn));
        assertThat(ask("ListTagsLogGroup", "{'logGroupName':'g'}").path("tags")).isEmpty();

        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 51; i++) {
            many.append(i == 0 ? "" : ",").append("'k%d':''".formatted(i));
        }
        fails(
                ErrorCode.TOO_MANY_TAGS,
                "",
                "TagLogGroup",
                "{'logGroupName':'g','tags':{%s}}".formatted(many));
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "",
                "ListTagsForResource",
                "{'resourceArn':'arn:aws:logs:us-east-1:222222222222:log-group:g'}");
        fails(
                ErrorCode.INVALID_PARAMETER,
                "",
                "ListTagsForResource",
                "{'resourceArn':'arn:aws:sqs:us-east-1:222222222222:g'}");
    }

    @Test
    void retention_is_one_of_awss_or_for_ever() throws Exception {
        ask("CreateLogGroup", "{'logGroupName':'g'}");
        ask("PutRetentionPolicy", "{'logGroupName':'g','retentionInDays':3653}");
        fails(
                ErrorCode.INVALID_PARAMETER,
                "[1, 3, 5, 7, 14,",
                "PutRetentionPolicy",
                "{'logGroupName':'g','retentionInDays':2}");
        ask("DeleteRetentionPolicy", "{'logGroupName':'g'}");

        assertThat(ask("DescribeLogGroups", "{}").at("/logGroups/0").has("retentionInDays"))
                .isFalse();
    }

    @Test
    void a_filter_is_kept_as_written_and_goes_with_its_group() throws Exception {
        ask("CreateLogGroup", "{'logGroupName':'g'}");
        ask("CreateLogGroup", "{'logGroupName':'g-2'}");
        ask(
                "PutMetricFilter",
                "{'logGroupName':'g','filterName':'f','filterPattern':'x'," + COUNTED + "}");
        ask(
                "PutMetricFilter",
                "{'logGroupName':'g-2','filterName':'other','filterPattern':'x'," + COUNTED + "}");
        ask(
                "PutMetricFilter",
                """
                {'logGroupName':'g','filterName':'f','filterPattern':'{ $.n  > 1 }','metricTransformations':[{\
                'metricName':'N','metricNamespace':'Security','metricValue':'$.n','unit':'Count',\
                'dimensions':{'who':'$.user.name'}}]}\
                """);

        var kept = ask("DescribeMetricFilters", "{'logGroupName':'g'}").path("metricFilters");
        assertThat(kept)
                .isEqualTo(
                        JSON.readTree(
                                """
                                [{"filterName":"f","filterPattern":"{ $.n  > 1 }","metricTransformations":[{\
                                "metricName":"N","metricNamespace":"Security","metricValue":"$.n",\
                                "dimensions":{"who":"$.user.name"},"unit":"Count"}],"creationTime":%d,\
                                "logGroupName":"g","applyOnTransformedLogs":false}]\
                                """
                                        .formatted(TestParts.NOW.toEpochMilli())));
        assertThat(
                        names(
                                ask(
                                                "DescribeMetricFilters",
                                                "{'metricName':'Roots','metricNamespace':'Security'}")
                                        .path("metricFilters"),
                                "filterName"))
                .containsExactly("other");
        var page = ask("DescribeMetricFilters", "{'limit':1}");
        var rest =
                ask(
                        "DescribeMetricFilters",
                        "{'limit':1,'nextToken':'%s'}".formatted(page.path("nextToken").asText()));
        assertThat(names(page.path("metricFilters"), "filterName")).hasSize(1);
        assertThat(names(rest.path("metricFilters"), "filterName"))
                .hasSize(1)
                .doesNotContainAnyElementsOf(names(page.path("metricFilters"), "filterName"));
        assertThat(rest.has("nextToken")).isFalse();

        ask("DeleteLogGroup", "{'logGroupName':'g'}");
        assertThat(names(ask("DescribeMetricFilters", "{}").path("metricFilters"), "filterName"))
                .containsExactly("other");
        ask("DeleteMetricFilter", "{'logGroupName':'g-2','filterName':'other'}");
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "The specified metric filter does not exist.",
                "DeleteMetricFilter",
                "{'logGroupName':'g-2','filterName':'other'}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '~',
            value = {
                "{ $.a =  ! 'metricName':'m','metricNamespace':'n','metricValue':'1' ! Invalid metric filter pattern",
                "a:b ! 'metricName':'m','metricNamespace':'n','metricValue':'1' ! Invalid character(s) in term ':'",
                "a ! 'metricName':'m','metricNamespace':'AWS/EC2','metricValue':'1' ! reserved",
                "a ! 'metricName':'','metricNamespace':'n','metricValue':'1' ! expected a namespace and a name",
                "a ! 'metricName':'m','metricNamespace':'n','metricValue':'x' ! metricValue",
                "a ! 'metricName':'m','metricNamespace':'n','metricValue':'$.' ! metricValue",
                "a ! 'metricName':'m','metricNamespace':'n','metricValue':'1','dimensions':{'d':'$.x'} ! The specified filter pattern does not support dimensions",
                "{ $.x = 1 } ! 'metricName':'m','metricNamespace':'n','metricValue':'1','defaultValue':0,'dimensions':{'d':'$.x'} ! mutually exclusive",
                "{ $.x = 1 } ! 'metricName':'m','metricNamespace':'n','metricValue':'1','dimensions':{'a':'$.x','b':'$.x','c':'$.x','d':'$.x'} ! at most 3 dimensions",
                "{ $.x = 1 } ! 'metricName':'m','metricNamespace':'n','metricValue':'1','dimensions':{'a':'x'} ! as dimension",
            })
    void what_no_filter_can_be_is_refused(String pattern, String transformation, String message)
            throws Exception {
        ask("CreateLogGroup", "{'logGroupName':'g'}");
        fails(
                ErrorCode.INVALID_PARAMETER,
                message,
                "PutMetricFilter",
                "{'logGroupName':'g','filterName':'f','filterPattern':'%s','metricTransformations':[{%s}]}"
                        .formatted(pattern, transformation));
        assertThat(ask("DescribeMetricFilters", "{}").path("metricFilters")).isEmpty();
    }

    @Test
    void a_filters_name_is_text() throws Exception {
        ask("CreateLogGroup", "{'logGroupName':'g'}");
        for (String name : List.of("a\\u0000b", "\\ud800")) {
            String input =
                    "{'logGroupName':'g','filterName':'%s','filterPattern':'',%s}"
                            .formatted(name, COUNTED);
            fails(ErrorCode.INVALID_PARAMETER, "filterName", "PutMetricFilter", input);
            fails(ErrorCode.INVALID_PARAMETER, "filterName", "DeleteMetricFilter", input);
        }
    }

    @Test
    void a_group_has_100_filters_and_5_of_them_regular_expressions() throws Exception {
        ask("CreateLogGroup", "{'logGroupName':'g'}");
        String put = "{'logGroupName':'g','filterName':'f%d','filterPattern':'%s'," + COUNTED + "}";
        for (int i = 0; i < 5; i++) {
            ask("PutMetricFilter", put.formatted(i, "%a.c%"));
        }
        fails(ErrorCode.LIMIT_EXCEEDED, "regular", "PutMetricFilter", put.formatted(5, "%b%"));
        ask("PutMetricFilter", put.formatted(4, "%b%"));
        for (int i = 5; i < 100; i++) {
            ask("PutMetricFilter", put.formatted(i, "a"));
        }
        ask("PutMetricFilter", put.formatted(99, "b"));
        fails(
                ErrorCode.LIMIT_EXCEEDED,
                "Resource limit exceeded.",
                "PutMetricFilter",
                put.formatted(100, "a"));
    }

    @Test
    void regular_expressions_of_a_group_take_500_steps_together() throws Exception {
        ask("CreateLogGroup", "{'logGroupName':'g'}");
        String put = "{'logGroupName':'g','filterName':'f%d','filterPattern':'%s'," + COUNTED + "}";
        for (int i = 0; i < 2; i++) {
            ask("PutMetricFilter", put.formatted(i, "%a{190}%"));
        }
        fails(
                ErrorCode.LIMIT_EXCEEDED,
                "at most 500 steps for each character, got 5",
                "PutMetricFilter",
                put.formatted(2, "%a{190}%"));
        ask("PutMetricFilter", put.formatted(1, "%a{19}%"));
        ask("PutMetricFilter", put.formatted(2, "%a{190}%"));
    }

    @ParameterizedTest
    @CsvSource({
        "DeleteLogGroup",
        "PutRetentionPolicy",
        "DeleteRetentionPolicy",
        "TagLogGroup",
        "UntagLogGroup",
        "ListTagsLogGroup",
        "DescribeMetricFilters",
        "PutMetricFilter",
        "DeleteMetricFilter"
    })
    void a_group_that_is_not_there_is_said_so_in_awss_words(String operation) {
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                "The specified log group does not exist.",
                operation,
                "{'logGroupName':'g','filterName':'f','filterPattern':'','retentionInDays':1,'tags':{},"
                        + COUNTED
                        + "}");
    }

    @Test
    void a_pattern_is_tried_on_messages() throws Exception {
        assertThat(
                        ask(
                                "TestMetricFilter",
                                """
                                {'filterPattern':'[ip, ..., status=4*, size]','logEventMessages':['127.0.0.1 GET 200 1',\
                                '127.0.0.1 GET /a 404 7']}\
                                """))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"matches":[{"eventNumber":2,"eventMessage":"127.0.0.1 GET /a 404 7","extractedValues":{\
                                "$ip":"127.0.0.1","$2":"GET","$3":"/a","$status":"404","$size":"7"}}]}\
                                """));
        fails(
                ErrorCode.INVALID_PARAMETER,
                "Invalid metric filter pattern",
                "TestMetricFilter",
                "{'filterPattern':'{','logEventMessages':['x']}");
    }

    @Test
    void a_pattern_is_tried_on_one_megabyte_at_a_time() throws Exception {
        String input = "{'filterPattern':'a','logEventMessages':['%s','%s']}";
        String half = "a".repeat(1 << 19);
        assertThat(ask("TestMetricFilter", input.formatted(half, half)).path("matches")).hasSize(2);
        fails(
                ErrorCode.INVALID_PARAMETER,
                "at most 1048576 bytes together, got 1048577",
                "TestMetricFilter",
                input.formatted(half, half + "a"));

        ask("CreateLogGroup", "{'logGroupName':'g'}");
        var others = new LogEventOperations(parts.logs(), new Semaphore(0), Duration.ZERO);
        others.filter(call(ROOT, "{'logGroupName':'g','filterPattern':'a'}"));
        assertThatThrownBy(() ->
                        others.filter(call(ROOT, "{'logGroupName':'g','filterPattern':'%a%'}")))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.THROTTLING));
        for (int i = 0; i < 2; i++) {
            assertThat(ask("FilterLogEvents", "{'logGroupName':'g','filterPattern':'%a%'}"))
                    .isNotEmpty();
        }

        var busy = new MetricFilterOperations(new LogGroups(parts.catalog), new Semaphore(0));
        assertThatThrownBy(() -> busy.test(call(ROOT, "{'filterPattern':'a'}")))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.THROTTLING));
    }

    @Test
    void what_is_not_built_is_said_so() {
        fails(
                ErrorCode.UNSUPPORTED_OPERATION,
                "kmsKeyId",
                "CreateLogGroup",
                "{'logGroupName':'g','kmsKeyId':'k'}");
        fails(
                ErrorCode.UNSUPPORTED_OPERATION,
                "INFREQUENT_ACCESS",
                "CreateLogGroup",
                "{'logGroupName':'g','logGroupClass':'INFREQUENT_ACCESS'}");
        fails(
                ErrorCode.UNSUPPORTED_OPERATION,
                "logGroupIdentifiers [\"g\"]",
                "DescribeLogGroups",
                "{'logGroupIdentifiers':['g']}");
        fails(
                ErrorCode.UNSUPPORTED_OPERATION,
                "emitSystemFieldDimensions",
                "PutMetricFilter",
                "{'logGroupName':'g','emitSystemFieldDimensions':['@aws.region']}");
    }
}

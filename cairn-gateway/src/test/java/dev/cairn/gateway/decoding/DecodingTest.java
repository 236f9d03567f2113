package dev.cairn.gateway.decoding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import dev.cairn.aws.http.Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class DecodingTest {

    private static final String JSON_1_0 = "application/x-amz-json-1.0";
    private static final String FORM = "application/x-www-form-urlencoded";

    /// @param body of the request
    private static DecodedCall dynamoDb(String operation, String body, Answer answer) {
        return Calls.decode(
                Calls.request(
                        "POST /",
                        "dynamodb",
                        "Content-Type",
                        JSON_1_0,
                        "X-Amz-Target",
                        "DynamoDB_20120810." + operation),
                body,
                answer);
    }

    @Test
    void json_names_its_operation_in_the_target() {
        var call =
                dynamoDb(
                        "CreateTable",
                        """
                        {"TableName":"Music","BillingMode":"PAY_PER_REQUEST",
                         "KeySchema":[{"AttributeName":"Artist","KeyType":"HASH"}]}\
                        """,
                        Calls.answer(
                                200,
                                """
                                {"TableDescription":{"TableName":"Music","CreationDateTime":1795293797.5}}\
                                """,
                                "x-amzn-RequestId",
                                "R"));

        assertThat(call.name())
                .isEqualTo(new Named("dynamodb.amazonaws.com", "CreateTable", false, true));
        assertThat(call.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"tableName":"Music","billingMode":"PAY_PER_REQUEST",
                                 "keySchema":[{"attributeName":"Artist","keyType":"HASH"}]}\
                                """));
        assertThat(call.responseElements())
                .isEqualTo(
                        Calls.json(
                                """
                                {"tableDescription":{"tableName":"Music",
                                 "creationDateTime":"Nov 21, 2026, 8:43:17 PM"}}\
                                """));
        assertThat(call.resources())
                .extracting(DecodedCall.Resource::arn)
                .containsExactly("arn:aws:dynamodb:eu-west-1:123456789012:table/Music");
        assertThat(call.requestId()).isEqualTo("R");
    }

    @Test
    void reads_show_no_answer_and_items_are_data_events() {
        var call =
                dynamoDb(
                        "GetItem",
                        "{\"TableName\":\"Music\",\"Key\":{\"Artist\":{\"S\":\"x\"}}}",
                        Calls.answer(200, "{\"Item\":{}}"));

        assertThat(call.name())
                .isEqualTo(new Named("dynamodb.amazonaws.com", "GetItem", true, false));
        assertThat(call.responseElements()).isNull();
    }

    @Test
    void query_names_its_operation_in_the_form_and_secrets_are_left_out() {
        var call =
                Calls.decode(
                        Calls.request("POST /", "iam", "Content-Type", FORM),
                        "Action=CreateAccessKey&Version=2010-05-08&UserName=bob",
                        Calls.answer(
                                200,
                                """
                                <CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey>
                                <UserName>bob</UserName><AccessKeyId>AKIDEXAMPLE</AccessKeyId>
                                <Status>Active</Status><SecretAccessKey>s3cr3t</SecretAccessKey>
                                <CreateDate>2026-11-21T20:43:17Z</CreateDate>
                                </AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>\
                                """));

        assertThat(call.name())
                .isEqualTo(new Named("iam.amazonaws.com", "CreateAccessKey", false, true));
        assertThat(call.requestParameters()).isEqualTo(Calls.json("{\"userName\":\"bob\"}"));
        assertThat(call.responseElements())
                .isEqualTo(
                        Calls.json(
                                """
                                {"accessKey":{"userName":"bob","accessKeyId":"AKIDEXAMPLE",
                                 "status":"Active","createDate":"Nov 21, 2026, 8:43:17 PM"}}\
                                """));
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    /// What SDKs make of a `PutMetricData` of more than 10 KB.
    private static ObservedCall packedMetrics(byte[] body, Answer answer) {
        return new ObservedCall(
                Calls.request(
                        "POST /", "monitoring", "Content-Type", FORM, "Content-Encoding", "gzip"),
                Kept.whole(body),
                answer,
                null);
    }

    @Test
    void what_travels_packed_is_read() throws Exception {
        var form = "Action=PutMetricData&Version=2010-08-01&Namespace=Shop".getBytes(UTF_8);
        var refused =
                "<ErrorResponse><Error><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>";
        var call =
                Calls.decode(
                        packedMetrics(
                                packed(form),
                                new Answer.Given(
                                        400,
                                        Headers.of("content-encoding", "GZIP"),
                                        Kept.whole(packed(refused.getBytes(UTF_8))),
                                        true)));

        assertThat(call.name().eventName()).isEqualTo("PutMetricData");
        assertThat(call.requestParameters()).isEqualTo(Calls.json("{\"namespace\":\"Shop\"}"));
        assertThat(call.errorCode()).isEqualTo("ThrottlingException");
        assertThat(call.errorMessage()).isEqualTo("slow");
    }

    @Test
    void a_little_that_stands_for_a_lot_is_unpacked_to_the_bound_alone() throws Exception {
        var form = "Action=PutMetricData&Version=2010-08-01&Namespace=".getBytes(UTF_8);
        var bomb = packed(Arrays.copyOf(form, 64 << 20));

        var kept = Packed.of(Headers.of("Content-Encoding", "gzip"), Kept.whole(bomb), 5000).body();
        assertThat(kept.bytes()).hasSize(5000);
        assertThat(kept.cut()).isTrue();
        assertThat(kept.length()).isEqualTo(bomb.length);
        var call = Calls.decode(packedMetrics(bomb, Calls.answer(200, "")));
        assertThat(call.name().eventName()).isEqualTo("PutMetricData");
        assertThat(call.requestParameters()).isNull();
    }

    @Test
    void what_is_not_packed_as_it_says_is_no_document() throws Exception {
        var whole =
                packed("Action=PutMetricData&Version=2010-08-01&Namespace=Shop".getBytes(UTF_8));

        for (var body :
                List.of(
                        "Action=PutMetricData&Version=2010-08-01".getBytes(UTF_8),
                        new byte[] {0x1f},
                        Arrays.copyOf(whole, whole.length - 9))) {
            assertThat(Calls.decode(packedMetrics(body, Calls.answer(200, ""))).requestParameters())
                    .isNull();
        }
    }

    private static void isAmbiguous(byte[] body) {
        var call = packedMetrics(body, Calls.answer(200, ""));
        var unknown = new Named("monitoring.amazonaws.com", "Unknown", false, true);
        assertThat(Calls.decode(call).name()).isEqualTo(unknown);
        assertThat(Calls.name(call.request(), body)).isEqualTo(unknown);
    }

    /// With a comment in its header, which is a form to whoever does not unpack.
    private static byte[] commented(byte[] packed, String comment) {
        var text = comment.getBytes(UTF_8);
        var bytes = new byte[packed.length + text.length + 1];
        System.arraycopy(packed, 0, bytes, 0, 10);
        bytes[3] = 16;
        System.arraycopy(text, 0, bytes, 10, text.length);
        System.arraycopy(packed, 10, bytes, 11 + text.length, packed.length - 10);
        return bytes;
    }

    private static byte[] together(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void a_packed_form_that_may_be_read_as_another_call_is_neither() throws Exception {
        var harmless = packed("Action=ListMetrics&Version=2010-08-01".getBytes(UTF_8));

        isAmbiguous(commented(harmless, "&Action=DeleteAlarms&"));
        isAmbiguous(commented(harmless, "&%41ction=DeleteAlarms&"));
        isAmbiguous(commented(harmless, "nothing"));
        isAmbiguous(together(harmless, "&Action=DeleteAlarms".getBytes(UTF_8)));
        // Of two members, the second goes on where the first ends.
        isAmbiguous(together(harmless, packed("&x=y".getBytes(UTF_8))));
        isAmbiguous("Action=ListMetrics&Version=2010-08-01".getBytes(UTF_8));
    }

    @Test
    void a_form_that_is_packed_otherwise_than_by_gzip_is_not_read() {
        var body = "x=y&Action=ListMetrics&Version=2010-08-01";
        for (var coding : List.of("deflate", "br", "gzip, gzip", "x-gzip")) {
            var request =
                    Calls.request(
                            "POST /",
                            "monitoring",
                            "Content-Type",
                            FORM,
                            "Content-Encoding",
                            coding);
            assertThat(Calls.name(request, body).eventName()).isEqualTo("Unknown");
        }
    }

    @Test
    void a_packed_form_counts_as_a_change_until_it_is_answered() throws Exception {
        var body = packed("Action=ListMetrics&Version=2010-08-01".getBytes(UTF_8));
        var call = packedMetrics(body, Calls.answer(200, ""));

        assertThat(Calls.decode(call).name())
                .isEqualTo(new Named("monitoring.amazonaws.com", "ListMetrics", true, false));
        assertThat(Calls.name(call.request(), body))
                .isEqualTo(new Named("monitoring.amazonaws.com", "ListMetrics", false, false));
    }

    @Test
    void so_does_a_form_whose_query_names_an_operation() {
        var request = Calls.request("POST /?Action=ListUsers", "iam", "Content-Type", FORM);

        assertThat(Calls.name(request, "").readOnly()).isFalse();
    }

    @Test
    void half_a_name_of_an_operation_is_none() {
        var call =
                new ObservedCall(
                        Calls.request("POST /", "iam", "Content-Type", FORM),
                        new Kept("Version=2010-05-08&Action=GetUser".getBytes(UTF_8), 100),
                        Calls.answer(200, ""),
                        null);

        assertThat(Calls.decode(call).name().eventName()).isEqualTo("Unknown");
    }

    @Test
    void empty_members_of_a_packed_body_cost_nothing() throws Exception {
        var empty = packed(new byte[0]);
        var many = new ByteArrayOutputStream();
        while (many.size() < 1 << 20) {
            many.writeBytes(empty);
        }

        var read =
                Packed.of(
                        Headers.of("Content-Encoding", "gzip"),
                        Kept.whole(many.toByteArray()),
                        1 << 20);

        assertThat(read.body().bytes()).isEmpty();
        assertThat(read.body().cut()).isTrue();
        assertThat(read.sound()).isFalse();
    }

    @Test
    void the_id_of_a_request_that_succeeds_is_in_a_header_or_in_the_answer() {
        var answer =
                "<GetUserResponse><GetUserResult/><ResponseMetadata><RequestId>R-1</RequestId></ResponseMetadata></GetUserResponse>";
        var request = Calls.request("POST /", "iam", "Content-Type", FORM);
        var body = "Action=GetUser&Version=2010-05-08";

        assertThat(Calls.decode(request, body, Calls.answer(200, answer)).requestId())
                .isEqualTo("R-1");
        assertThat(
                        Calls.decode(
                                        request,
                                        body,
                                        Calls.answer(200, answer, "x-amzn-RequestId", "R-2"))
                                .requestId())
                .isEqualTo("R-2");
        assertThat(
                        Calls.decode(
                                        Calls.request("POST /", "ec2", "Content-Type", FORM),
                                        "Action=DescribeVpcs&Version=2016-11-15",
                                        Calls.answer(
                                                200,
                                                "<DescribeVpcsResponse><requestId>R-3</requestId></DescribeVpcsResponse>"))
                                .requestId())
                .isEqualTo("R-3");
    }

    @Test
    void a_query_error_has_the_apis_name() {
        var call =
                Calls.decode(
                        Calls.request("POST /", "iam", "Content-Type", FORM),
                        "Action=GetUser&Version=2010-05-08&UserName=bob",
                        Calls.answer(
                                404,
                                """
                                <ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code>
                                <Message>no bob</Message></Error><RequestId>R</RequestId></ErrorResponse>\
                                """));

        assertThat(call.errorCode()).isEqualTo("NoSuchEntityException");
        assertThat(call.errorMessage()).isEqualTo("no bob");
        assertThat(call.requestId()).isEqualTo("R");
    }

    /// @param body of the request
    private static DecodedCall cloudWatch(String operation, Kept body, Answer answer) {
        return Calls.decode(
                new ObservedCall(
                        Calls.request(
                                "POST /service/GraniteServiceVersion20100801/operation/"
                                        + operation,
                                "monitoring",
                                "smithy-protocol",
                                "rpc-v2-cbor",
                                "Content-Type",
                                "application/cbor"),
                        body,
                        answer,
                        null));
    }

    private static Kept cbor(Written written) {
        var out = new ByteArrayOutputStream();
        try (var generator = new CBORFactory().createGenerator(out)) {
            generator.writeStartObject();
            written.to(generator);
            generator.writeEndObject();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return Kept.whole(out.toByteArray());
    }

    /// Members of an object in CBOR.
    private interface Written {
        void to(CBORGenerator generator) throws IOException;
    }

    @Test
    void cbor_names_its_operation_in_the_path_and_its_dates_are_numbers() {
        var asked =
                cbor(body -> {
                    body.writeStringField("MetricName", "orders");
                    body.writeFieldName("StartTime");
                    body.writeTag(1);
                    body.writeNumber(1_795_293_797.5);
                    body.writeNumberField("Period", 60);
                });
        var call =
                cloudWatch(
                        "GetMetricStatistics",
                        asked,
                        new Answer.Given(
                                200,
                                Headers.of("x-amzn-RequestId", "R"),
                                cbor(body -> body.writeStringField("Label", "orders")),
                                true));

        assertThat(call.name())
                .isEqualTo(
                        new Named("monitoring.amazonaws.com", "GetMetricStatistics", true, false));
        assertThat(call.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"metricName":"orders","startTime":"Nov 21, 2026, 8:43:17 PM",
                                 "period":60}\
                                """));
        assertThat(call.responseElements()).isNull();
        assertThat(call.requestId()).isEqualTo("R");
    }

    @Test
    void what_wrote_by_cbor_shows_its_answer_and_what_was_refused_its_error() {
        var asked = cbor(body -> body.writeStringField("Name", "latency"));
        var made =
                cloudWatch(
                        "PutMetricStream",
                        asked,
                        new Answer.Given(
                                200,
                                Headers.NONE,
                                cbor(body -> body.writeStringField("Arn", "arn:aws:x")),
                                true));
        var refused =
                cloudWatch(
                        "PutMetricStream",
                        asked,
                        new Answer.Given(
                                400,
                                Headers.NONE,
                                cbor(body -> {
                                    body.writeStringField(
                                            "__type",
                                            "com.amazonaws.cloudwatch#InvalidParameterValueException");
                                    body.writeStringField("message", "no such role");
                                }),
                                true));

        assertThat(made.name().readOnly()).isFalse();
        assertThat(made.requestParameters()).isEqualTo(Calls.json("{\"name\":\"latency\"}"));
        assertThat(made.responseElements()).isEqualTo(Calls.json("{\"arn\":\"arn:aws:x\"}"));
        assertThat(refused.errorCode()).isEqualTo("InvalidParameterValueException");
        assertThat(refused.errorMessage()).isEqualTo("no such role");
        assertThat(refused.responseElements()).isNull();
    }

    @Test
    void assuming_a_role_shows_the_answer_but_not_the_secret() {
        var call =
                Calls.decode(
                        Calls.request("POST /", "sts", "Content-Type", FORM),
                        "Action=AssumeRole&Version=2011-06-15&RoleSessionName=s"
                                + "&RoleArn=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%2Fadmin",
                        Calls.answer(
                                200,
                                """
                                <AssumeRoleResponse><AssumeRoleResult><Credentials>
                                <AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s3cr3t</SecretAccessKey>
                                </Credentials></AssumeRoleResult></AssumeRoleResponse>\
                                """));

        assertThat(call.name().readOnly()).isTrue();
        assertThat(call.responseElements())
                .isEqualTo(Calls.json("{\"credentials\":{\"accessKeyId\":\"ASIAEXAMPLE\"}}"));
        assertThat(call.resources())
                .containsExactly(
                        new DecodedCall.Resource(
                                "AWS::IAM::Role",
                                "arn:aws:iam::210987654321:role/admin",
                                false,
                                "210987654321"));
    }

    @Test
    void rest_json_is_found_by_its_route() {
        var call =
                Calls.decode(
                        Calls.request("GET /2015-03-31/functions/report/policy", "lambda"),
                        "",
                        Calls.answer(200, "{}"));

        assertThat(call.name())
                .isEqualTo(new Named("lambda.amazonaws.com", "GetPolicy20150331v2", true, true));
        assertThat(call.requestParameters()).isEqualTo(Calls.json("{\"functionName\":\"report\"}"));
    }

    @Test
    void a_functions_payload_is_not_shown() {
        var call =
                Calls.decode(
                        Calls.request(
                                "POST /2015-03-31/functions/report/invocations",
                                "lambda",
                                "X-Amz-Invocation-Type",
                                "Event"),
                        "{\"card\":\"4111\"}",
                        Calls.answer(202, "{\"secret\":1}"));

        assertThat(call.name())
                .isEqualTo(new Named("lambda.amazonaws.com", "Invoke", false, false));
        assertThat(call.requestParameters())
                .isEqualTo(
                        Calls.json("{\"functionName\":\"report\",\"invocationType\":\"Event\"}"));
        assertThat(String.valueOf(call.responseElements())).doesNotContain("secret");
    }

    @Test
    void items_are_shown_by_their_keys_and_names() {
        var put =
                dynamoDb(
                        "PutItem",
                        """
                        {"TableName":"Music","Item":{"Artist":{"S":"a"},"Diagnosis":{"S":"s3cr3t"}},
                         "ConditionExpression":"#A = :a","ExpressionAttributeValues":{":a":{"S":"s3cr3t"}},
                         "ReturnValues":"ALL_OLD"}\
                        """,
                        Calls.answer(200, "{\"Attributes\":{\"Diagnosis\":{\"S\":\"s3cr3t\"}}}"));
        assertThat(put.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"tableName":"Music","items":["Artist","Diagnosis"],
                                 "conditionExpression":"#A = :a","returnValues":"ALL_OLD"}\
                                """));
        assertThat(put.responseElements()).isNull();

        var statement =
                dynamoDb(
                        "ExecuteStatement",
                        "{\"Statement\":\"UPDATE T1 SET a='it''s s3cr3t', b=42 WHERE c='x'\"}",
                        Calls.answer(200, "{}"));
        assertThat(statement.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"statement":"UPDATE T1 SET a=***(Redacted), b=***(Redacted) WHERE c=***(Redacted)"}\
                                """));

        var get =
                dynamoDb(
                        "GetItem",
                        "{\"TableName\":\"Music\",\"Key\":{\"Artist\":{\"S\":\"a\"}}}",
                        Calls.answer(200, "{}"));
        assertThat(get.requestParameters())
                .isEqualTo(Calls.json("{\"tableName\":\"Music\",\"key\":{\"Artist\":\"a\"}}"));
    }

    @Test
    void messages_are_not_shown_on_their_way_in_or_out() {
        var sent =
                Calls.decode(
                        Calls.request(
                                "POST /",
                                "sqs",
                                "Content-Type",
                                JSON_1_0,
                                "X-Amz-Target",
                                "AmazonSQS.SendMessage"),
                        "{\"QueueUrl\":\"http://q/123456789012/orders\",\"MessageBody\":\"s3cr3t\"}",
                        Calls.answer(200, "{\"MessageId\":\"m\"}"));
        assertThat(sent.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"queueUrl":"http://q/123456789012/orders",
                                 "messageBody":"HIDDEN_DUE_TO_SECURITY_REASONS"}\
                                """));
        assertThat(sent.responseElements()).isEqualTo(Calls.json("{\"messageId\":\"m\"}"));
        assertThat(sent.resources())
                .extracting(DecodedCall.Resource::arn)
                .containsExactly("arn:aws:sqs:eu-west-1:123456789012:orders");

        var received =
                Calls.decode(
                        Calls.request(
                                "POST /",
                                "sqs",
                                "Content-Type",
                                JSON_1_0,
                                "X-Amz-Target",
                                "AmazonSQS.ReceiveMessage"),
                        "{\"QueueUrl\":\"http://q/123456789012/orders\"}",
                        Calls.answer(200, "{\"Messages\":[{\"Body\":\"s3cr3t\"}]}"));
        assertThat(received.responseElements()).isNull();
    }

    @Test
    void sensitive_values_are_hidden() {
        var call =
                Calls.decode(
                        Calls.request(
                                "POST /",
                                "ssm",
                                "Content-Type",
                                "application/x-amz-json-1.1",
                                "X-Amz-Target",
                                "AmazonSSM.PutParameter"),
                        "{\"Name\":\"/db/password\",\"Value\":\"s3cr3t\",\"Type\":\"SecureString\"}",
                        Calls.answer(200, "{\"Version\":1}"));

        assertThat(call.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"name":"/db/password","value":"HIDDEN_DUE_TO_SECURITY_REASONS",
                                 "type":"SecureString"}\
                                """));
        assertThat(call.resources())
                .extracting(DecodedCall.Resource::arn)
                .containsExactly("arn:aws:ssm:eu-west-1:123456789012:parameter/db/password");
    }

    @Test
    void old_operations_of_ec2_have_sets() {
        var call =
                Calls.decode(
                        Calls.request("POST /", "ec2", "Content-Type", FORM),
                        "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1&InstanceId.2=i-2"
                                + "&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&MaxResults=5",
                        Calls.answer(200, "<DescribeInstancesResponse/>"));

        assertThat(call.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]},
                                 "filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"vpc-1"}]}}]},
                                 "maxResults":5}\
                                """));
    }

    @Test
    void young_operations_of_ec2_are_the_xml_as_json() {
        var call =
                Calls.decode(
                        Calls.request("POST /", "ec2", "Content-Type", FORM),
                        "Action=DeleteFlowLogs&Version=2016-11-15&FlowLogId.1=fl-1&FlowLogId.2=fl-2",
                        Calls.answer(
                                200,
                                """
                                <DeleteFlowLogsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
                                <requestId>R</requestId><unsuccessful/></DeleteFlowLogsResponse>\
                                """));

        assertThat(call.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"DeleteFlowLogsRequest":{"FlowLogId":[
                                 {"content":"fl-1","tag":1},{"content":"fl-2","tag":2}]}}\
                                """));
        assertThat(call.responseElements())
                .isEqualTo(
                        Calls.json(
                                """
                                {"DeleteFlowLogsResponse":{"xmlns":"http://ec2.amazonaws.com/doc/2016-11-15/",
                                 "requestId":"R","unsuccessful":""}}\
                                """));
    }

    @Test
    void errors_of_ec2_say_whose_fault_they_are() {
        var call =
                Calls.decode(
                        Calls.request("POST /", "ec2", "Content-Type", FORM),
                        "Action=DeleteVpc&Version=2016-11-15&VpcId=vpc-1",
                        Calls.answer(
                                400,
                                """
                                <Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>
                                <Message>none</Message></Error></Errors><RequestID>R</RequestID></Response>\
                                """));

        assertThat(call.errorCode()).isEqualTo("Client.InvalidVpcID.NotFound");
    }

    @Test
    void an_operation_newer_than_the_models_is_read_by_its_looks() {
        var call =
                Calls.decode(
                        Calls.request(
                                "POST /",
                                "brandnew",
                                "Content-Type",
                                "application/x-amz-json-1.1",
                                "X-Amz-Target",
                                "BrandNew_20270101.CreateThing"),
                        "{\"ThingName\":\"t\",\"Password\":\"s3cr3t\"}",
                        Calls.answer(200, "{\"ThingArn\":\"arn:t\"}"));

        assertThat(call.name())
                .isEqualTo(new Named("brandnew.amazonaws.com", "CreateThing", false, true));
        assertThat(call.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"thingName":"t","password":"HIDDEN_DUE_TO_SECURITY_REASONS"}\
                                """));
        assertThat(call.responseElements()).isEqualTo(Calls.json("{\"thingArn\":\"arn:t\"}"));
    }

    @Test
    void what_is_not_of_its_shape_is_not_shown() {
        var call =
                Calls.decode(
                        Calls.request(
                                "POST /",
                                "ssm",
                                "Content-Type",
                                "application/x-amz-json-1.1",
                                "X-Amz-Target",
                                "AmazonSSM.PutParameter"),
                        "{\"Name\":[1],\"Value\":\"s3cr3t\"}",
                        Calls.answer(400, "{\"__type\":\"SerializationException\"}"));

        assertThat(call.name().eventName()).isEqualTo("PutParameter");
        assertThat(call.requestParameters()).isNull();
        assertThat(call.errorCode()).isEqualTo("SerializationException");
    }

    @Test
    void bodies_that_may_be_somebodys_data_are_not_shown() {
        for (String service : List.of("lambda", "unheard-of")) {
            var call =
                    Calls.decode(
                            Calls.request(
                                    "PUT /nowhere/at/all?part=1",
                                    service,
                                    "Content-Type",
                                    "application/json"),
                            "{\"card\":\"4111\"}",
                            Calls.answer(200, "{\"pin\":\"1234\"}"));

            assertThat(call.name().eventName()).isEqualTo(Named.UNKNOWN);
            assertThat(call.requestParameters()).isEqualTo(Calls.json("{\"part\":\"1\"}"));
            assertThat(call.responseElements()).isNull();
        }
    }

    @Test
    void mutilated_calls_are_decoded_somehow() {
        var random = new Random(4);
        var heads =
                List.of(
                        "PUT /b/k?tagging&x=%20",
                        "POST /2015-03-31/functions/report/invocations?Qualifier=1",
                        "POST /service/X/operation/DescribeAlarms");
        var bodies =
                List.of(
                        "{\"TableName\":\"Music\",\"Key\":{\"Artist\":{\"S\":\"x\"}},\"Newer\":[1,{}]}",
                        "Action=RunInstances&Version=2016-11-15&ImageId=a&NetworkInterface.1.SecurityGroupId.1=b"
                                + "&TagSpecification.1.Tag.1.Key=k&BlockDeviceMapping.1.Ebs.VolumeSize=8",
                        "Action=CreateUser&Version=2010-05-08&Tags.member.1.Key=k&Tags.member.1.Value=v",
                        "<Tagging xmlns=\"x\"><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>",
                        "<CreateUserResponse><CreateUserResult><User/></CreateUserResult></CreateUserResponse>");
        var services =
                List.of("", "s3", "dynamodb", "iam", "ec2", "lambda", "monitoring", "route53");
        for (int i = 0; i < 20_000; i++) {
            var call =
                    Calls.decode(
                            Calls.request(
                                    mutilated(one(heads, random), random),
                                    one(services, random),
                                    "X-Amz-Target",
                                    mutilated("DynamoDB_20120810.GetItem", random),
                                    "Content-Type",
                                    one(List.of(JSON_1_0, FORM, "application/cbor", "x"), random),
                                    one(List.of("smithy-protocol", "x-nothing"), random),
                                    "rpc-v2-cbor",
                                    "Host",
                                    mutilated("b.s3.example.com:9000", random)),
                            mutilated(one(bodies, random), random),
                            Calls.answer(
                                    one(List.of(200, 404, 500), random),
                                    mutilated(one(bodies, random), random),
                                    "Content-Type",
                                    "text/xml"));
            assertThat(call.name().eventName()).isNotEmpty();
        }
    }

    private static <T> T one(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    /// With a few characters changed, left out or doubled.
    private static String mutilated(String text, Random random) {
        var mutilated = new StringBuilder(text);
        for (int i = random.nextInt(4); i > 0; i--) {
            // Not before the first blank: a head has a method and a path.
            int at = Math.max(text.indexOf(' ') + 1, random.nextInt(mutilated.length()));
            if (at >= mutilated.length()) {
                continue;
            }
            switch (random.nextInt(3)) {
                case 0 -> mutilated.setCharAt(at, (char) random.nextInt(1, 256));
                case 1 -> mutilated.deleteCharAt(at);
                default -> mutilated.insert(at, mutilated.substring(at / 2, at + 1));
            }
        }
        return mutilated.toString();
    }

    @Test
    void whatever_comes_is_decoded_somehow() {
        for (String service : List.of("", "s3", "dynamodb", "iam", "ec2", "lambda", "nothing")) {
            for (String body :
                    List.of("", "{", "<", "<a", "\u0000\u00ff", "a=b&&=&%zz", "[1]", "null")) {
                for (String head :
                        List.of(
                                "POST /",
                                "GET //?&&=%",
                                "BREW /%zz?acl&acl=",
                                "PUT ?",
                                "DELETE x")) {
                    var call =
                            Calls.decode(
                                    Calls.request(
                                            head,
                                            service,
                                            "X-Amz-Target",
                                            "..",
                                            "Content-Type",
                                            body),
                                    body,
                                    Calls.answer(500, body));
                    assertThat(Objects.requireNonNull(call.name().eventSource())).isNotEmpty();
                    assertThat(call.errorCode()).isNotNull();
                }
            }
        }
    }
}

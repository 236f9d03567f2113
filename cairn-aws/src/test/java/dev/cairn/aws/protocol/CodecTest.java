package dev.cairn.aws.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.aws.shape.ServiceModel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The services Cairn speaks, on the wire: what their clients send, what they get, and what nobody
/// should send.
class CodecTest {

    private static final String TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.";

    private final ServiceCatalog catalog = new ServiceCatalog();
    private final ServiceModel cloudtrail = model("cloudtrail");
    private final ServiceModel data = model("cloudtrail-data");
    private final ServiceModel sts = model("sts");
    private final Codecs codecs = new Codecs();

    @ParameterizedTest
    @ValueSource(strings = {TARGET, "CloudTrail_20131101."})
    void an_operation_goes_by_the_long_target_of_botocore_and_the_short_one_of_smithy(
            String prefix) {
        assertThat(lookup(prefix + "LookupEvents", "{\"MaxResults\": 5}"))
                .isInstanceOfSatisfying(
                        Call.Parsed.class,
                        parsed -> {
                            assertThat(parsed.operation().name()).isEqualTo("LookupEvents");
                            assertThat(parsed.input().path("MaxResults").intValue()).isEqualTo(5);
                        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "LookupEvents",
                "X.LookupEvents",
                TARGET,
                TARGET + "lookupEvents",
                "Logs_20140328.LookupEvents"
            })
    void another_target_is_no_operation(String target) {
        assertThat(error(lookup(target, "{}")).code()).isEqualTo("UnknownOperationException");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"MaxResults\":\"x\"} | STRING_VALUE can not be converted to an Integer",
                "{\"MaxResults\":1.5} | NUMBER_VALUE can not be converted to an Integer",
                "{\"MaxResults\":3000000000} | NUMBER_VALUE can not be converted to an Integer",
                "{\"MaxResults\":1e999999999} | NUMBER_VALUE can not be converted to an Integer",
                "{\"MaxResults\":true} | TRUE_VALUE can not be converted to an Integer",
                "{\"MaxResults\":{}} | Start of structure or map found where not expected.",
                "{\"NextToken\":5} | NUMBER_VALUE can not be converted to a String",
                "{\"LookupAttributes\":{}} | Start of structure or map found where not expected.",
                "{\"LookupAttributes\":\"x\"} | Expected list or null",
                "{\"LookupAttributes\":[5]} | Unexpected field type",
                "{\"StartTime\":\"2024-01-01T00:00:00Z\"} | STRING_VALUE can not be converted to milliseconds since epoch",
                "{\"StartTime\":1e999999999} | NUMBER_VALUE can not be converted to milliseconds since epoch",
                "{\"StartTime\":1e-300000000} | NUMBER_VALUE can not be converted to milliseconds since epoch",
                "{\"StartTime\":-1e-300000000} | NUMBER_VALUE can not be converted to milliseconds since epoch",
                "{\"StartTime\":NaN} | ",
                "[] | Start of list found where not expected",
                "5 | Unexpected field type",
                "{\"NextToken\":\"a\",\"NextToken\":\"b\"} | Duplicate field 'NextToken'",
                "{\"NextToken\":\"\\ud800\"} | A string has half of a surrogate pair",
                "{} {} | Unexpected characters after the end of the JSON value",
                "{ | ",
                "{\"NextToken\" | ",
                "{'NextToken':'x'} | ",
                "{/**/} | ",
                "~ ~ | Unexpected end of input",
            })
    void what_is_not_the_operation_s_json_is_a_serialization_exception(
            String body, @Nullable String message) {
        WireError error = error(lookup(TARGET + "LookupEvents", body));

        assertThat(error.code()).isEqualTo("SerializationException");
        if (message != null) {
            assertThat(error.message()).isEqualTo(message);
        }
    }

    @Test
    void depth_length_and_encoding_have_their_bounds() {
        assertThat(
                        error(
                                        lookup(
                                                TARGET + "LookupEvents",
                                                "{\"Unknown\":"
                                                        + "[".repeat(200)
                                                        + "]".repeat(200)
                                                        + "}"))
                                .code())
                .isEqualTo("SerializationException");
        assertThat(
                        error(
                                        lookup(
                                                TARGET + "LookupEvents",
                                                "{\"MaxResults\":" + "1".repeat(100_000) + "}"))
                                .code())
                .isEqualTo("SerializationException");
        assertThat(
                        error(
                                        lookup(
                                                TARGET + "LookupEvents",
                                                "{\"" + "n".repeat(100_000) + "\":1}"))
                                .code())
                .isEqualTo("SerializationException");
        for (byte[] body :
                new byte[][] {
                    {'{', '"', (byte) 0xff, '"', ':', '1', '}'},
                    {(byte) 0xc0, (byte) 0x80},
                    {(byte) 0xfe, (byte) 0xff, 0, '{', 0, '}'},
                    {0, '{', 0, '}'}
                }) {
            assertThat(error(parse(cloudtrail, target(TARGET + "LookupEvents"), body)).code())
                    .isEqualTo("SerializationException");
        }
    }

    @Test
    void members_nobody_knows_and_nulls_are_passed_over() {
        assertThat(
                        lookup(
                                TARGET + "LookupEvents",
                                "{\"Nobody\":{\"a\":[1]},\"NextToken\":null,\"MaxResults\":5.0}"))
                .isInstanceOfSatisfying(
                        Call.Parsed.class,
                        parsed ->
                                assertThat(parsed.input())
                                        .isEqualTo(
                                                JsonNodeFactory.instance
                                                        .objectNode()
                                                        .put("MaxResults", 5)));
    }

    @Test
    void an_answer_has_epoch_seconds_and_the_request_id() {
        ObjectNode output = JsonNodeFactory.instance.objectNode();
        output.putArray("Events")
                .addObject()
                .put("EventName", "ConsoleLogin")
                .put("EventTime", 1441139757.497);

        Response response =
                codec(cloudtrail, target(TARGET + "LookupEvents"))
                        .write(cloudtrail, operation(cloudtrail, "LookupEvents"), output, "the-id");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers().first("x-amzn-requestid")).contains("the-id");
        assertThat(response.headers().first("content-type")).contains("application/x-amz-json-1.1");
        assertThat(response.text())
                .isEqualTo(
                        "{\"Events\":[{\"EventName\":\"ConsoleLogin\",\"EventTime\":1441139757.497}]}");
    }

    @Test
    void an_operation_that_gives_what_its_shape_does_not_have_is_caught() {
        Codec codec = codec(cloudtrail, target(TARGET + "GetTrail"));

        assertThatThrownBy(() ->
                        codec.write(
                                cloudtrail,
                                operation(cloudtrail, "GetTrail"),
                                JsonNodeFactory.instance.objectNode().put("Trial", "x"),
                                "id"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no member Trial");
    }

    @Test
    void an_error_of_cloudtrail_has_its_shape_s_name_and_a_message() {
        Response response =
                codec(cloudtrail, target(TARGET + "GetTrail"))
                        .writeError(
                                cloudtrail,
                                WireError.of("TrailNotFoundException", "Unknown trail: t"),
                                "id");

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.text())
                .isEqualTo(
                        "{\"__type\":\"TrailNotFoundException\",\"Message\":\"Unknown trail: t\"}");
        assertThat(response.headers().has("x-amzn-query-error")).isFalse();
    }

    @Test
    void put_audit_events_is_read_from_query_and_body() {
        var request =
                new Request(
                        "POST",
                        "/PutAuditEvents",
                        "channelArn=arn%3Aaws%3Acloudtrail%3Aus-east-1%3A123456789012%3Achannel%2Fx&externalId=a+b",
                        Headers.of("Content-Type", "application/json"));

        assertThat(
                        parse(
                                data,
                                request,
                                bytes("{\"auditEvents\":[{\"id\":\"1\",\"eventData\":\"{}\"}]}")))
                .isInstanceOfSatisfying(
                        Call.Parsed.class,
                        parsed -> {
                            assertThat(parsed.operation().name()).isEqualTo("PutAuditEvents");
                            assertThat(parsed.input().path("channelArn").asText())
                                    .isEqualTo(
                                            "arn:aws:cloudtrail:us-east-1:123456789012:channel/x");
                            assertThat(parsed.input().path("externalId").asText()).isEqualTo("a b");
                            assertThat(parsed.input().at("/auditEvents/0/eventData").asText())
                                    .isEqualTo("{}");
                        });
        assertThat(
                        codec(data, request)
                                .writeError(
                                        data,
                                        WireError.of("ChannelNotFound", "no such channel"),
                                        "id")
                                .headers()
                                .first("x-amzn-errortype"))
                .contains("ChannelNotFound");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /PutAuditEvents",
        "POST, /",
        "POST, /PutAuditEvents/x",
        "POST, /a/../PutAuditEvents",
        "POST, //PutAuditEvents"
    })
    void another_path_or_method_is_no_operation(String method, String path) {
        assertThat(
                        error(parse(data, new Request(method, path, "", Headers.NONE), bytes("{}")))
                                .code())
                .isEqualTo("UnknownOperationException");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sts_takes_forms_and_queries_and_answers_in_xml(boolean posted) {
        String parameters = "Action=GetCallerIdentity&Version=2011-06-15";
        var request =
                new Request(
                        posted ? "POST" : "GET",
                        "/",
                        posted ? "" : parameters,
                        posted
                                ? Headers.of(
                                        "Content-Type",
                                        "application/x-www-form-urlencoded; charset=utf-8")
                                : Headers.NONE);

        assertThat(parse(sts, request, posted ? bytes(parameters) : new byte[0]))
                .isInstanceOf(Call.Parsed.class);

        Response response =
                codec(sts, request)
                        .write(
                                sts,
                                operation(sts, "GetCallerIdentity"),
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .put("Account", "123456789012")
                                        .put("Arn", "arn:aws:iam::123456789012:user/<a&b>\r\u0001")
                                        .put("UserId", "AIDA"),
                                "the-id");
        assertThat(response.headers().first("content-type")).contains("text/xml");
        assertThat(response.text())
                .isEqualTo(
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><GetCallerIdentityResponse"
                                + " xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><UserId>AIDA</UserId>"
                                + "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/&lt;a&amp;b&gt;&#xD;\uFFFD</Arn>"
                                + "</GetCallerIdentityResult><ResponseMetadata><RequestId>the-id</RequestId></ResponseMetadata>"
                                + "</GetCallerIdentityResponse>");
    }

    @ParameterizedTest
    @CsvSource({
        "'', MissingAction",
        "Version=2011-06-15, MissingAction",
        "Action=Nothing&Version=2011-06-15, InvalidAction",
        "Action=GetCallerIdentity, InvalidAction",
        "Action=GetCallerIdentity&Version=2012-01-01, InvalidAction",
        "Action=AssumeRole&Version=2011-06-15&DurationSeconds=x, MalformedInput",
        "Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleArn=b, MalformedInput",
        "Action=AssumeRole&Version=2011-06-15&RoleArn.x=a, MalformedInput",
        "Action=AssumeRole&Version=2011-06-15&Tags.member.x.Key=a, MalformedInput",
        "Action=AssumeRole&Version=2011-06-15&Tags.member.0.Key=a, MalformedInput",
        "Action=AssumeRole&Version=2011-06-15&RoleArn=%ff, MalformedInput",
    })
    void what_is_not_the_operation_s_form_is_refused(String form, String code) {
        var request =
                new Request(
                        "POST",
                        "/",
                        "",
                        Headers.of("Content-Type", "application/x-www-form-urlencoded"));

        assertThat(error(parse(sts, request, bytes(form))).code()).isEqualTo(code);
    }

    @Test
    void a_list_in_a_form_goes_by_its_numbers_whatever_the_gaps() {
        var request =
                new Request(
                        "POST",
                        "/",
                        "",
                        Headers.of("Content-Type", "application/x-www-form-urlencoded"));
        String form =
                "Action=AssumeRole&Version=2011-06-15&TransitiveTagKeys.member.10=c&TransitiveTagKeys.member.2=b"
                        + "&TransitiveTagKeys.member.1=a";

        assertThat(parse(sts, request, bytes(form)))
                .isInstanceOfSatisfying(
                        Call.Parsed.class,
                        parsed ->
                                assertThat(parsed.input().path("TransitiveTagKeys"))
                                        .extracting(node -> node.asText())
                                        .containsExactly("a", "b", "c"));
    }

    @Test
    void an_error_of_a_query_service_says_who_is_to_blame() {
        var request = new Request("POST", "/", "", Headers.NONE);

        Response response =
                codec(sts, request)
                        .writeError(
                                sts,
                                WireError.of(
                                        "InvalidClientTokenId",
                                        403,
                                        "The security token is invalid."),
                                "the-id");

        assertThat(response.status()).isEqualTo(403);
        assertThat(response.text())
                .isEqualTo(
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ErrorResponse"
                                + " xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
                                + "<Code>InvalidClientTokenId</Code><Message>The security token is invalid.</Message></Error>"
                                + "<RequestId>the-id</RequestId></ErrorResponse>");
    }

    @Test
    void a_client_may_talk_in_any_protocol_its_service_has_had() {
        ServiceModel cloudwatch = model("monitoring");
        var cbor =
                new Request(
                        "POST",
                        "/service/X/operation/PutMetricData",
                        "",
                        Headers.of("Smithy-Protocol", "rpc-v2-cbor"));
        var json =
                new Request(
                        "POST",
                        "/",
                        "",
                        Headers.of(
                                "Content-Type",
                                "application/x-amz-json-1.0",
                                "X-Amz-Target",
                                "GraniteServiceVersion20100801.X"));

        assertThat(codec(cloudwatch, cbor).protocol()).isEqualTo(Protocol.RPC_V2_CBOR);
        assertThat(codec(cloudwatch, json).protocol()).isEqualTo(Protocol.JSON_1_0);
        assertThat(codec(cloudwatch, form()).protocol()).isEqualTo(Protocol.QUERY);
    }

    @Test
    void a_protocol_cairn_does_not_speak_is_named() {
        assertThat(codecs.choose(model("ec2"), form()))
                .isEqualTo(
                        new Codecs.Choice.NotSpoken(
                                Protocol.EC2,
                                "Cairn does not speak the ec2 protocol yet, in which this request to EC2 is written."));
    }

    private static Request form() {
        return new Request(
                "POST", "/", "", Headers.of("Content-Type", "application/x-www-form-urlencoded"));
    }

    private Call lookup(String target, String body) {
        return parse(cloudtrail, target(target), bytes(body));
    }

    private Call parse(ServiceModel model, Request request, byte[] body) {
        return codec(model, request).parse(model, request, body);
    }

    private Codec codec(ServiceModel model, Request request) {
        return switch (codecs.choose(model, request)) {
            case Codecs.Choice.Spoken(Codec codec) -> codec;
            case Codecs.Choice.NotSpoken(_, String message) -> throw new AssertionError(message);
        };
    }

    private static WireError error(Call call) {
        return switch (call) {
            case Call.Refused(_, WireError error) -> error;
            case Call.Parsed parsed ->
                    throw new AssertionError("expected a refusal, got " + parsed);
        };
    }

    private static Operation operation(ServiceModel model, String name) {
        return model.operation(name).orElseThrow();
    }

    private static Request target(String target) {
        return new Request(
                "POST",
                "/",
                "",
                Headers.of("Content-Type", "application/x-amz-json-1.1", "X-Amz-Target", target));
    }

    private ServiceModel model(String name) {
        return catalog.model(catalog.named(name).orElseThrow());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

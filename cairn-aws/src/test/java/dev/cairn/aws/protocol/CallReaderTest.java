package dev.cairn.aws.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceCatalog;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CallReaderTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper CBOR = new ObjectMapper(new CBORFactory());
    private static final byte[] NOTHING = new byte[0];

    private final CallReader reader = new CallReader(new ServiceCatalog());

    private static Request request(String method, String path, String... headers) {
        return new Request(method, path, "", Headers.of(headers));
    }

    private String found(Request request, String body, String service) {
        return reader.find(request, body.getBytes(StandardCharsets.UTF_8), service)
                .map(asked -> asked.service() + " " + asked.operation().name())
                .orElse("nothing");
    }

    @Test
    void services_that_share_a_signing_name_are_told_apart() {
        var form = request("POST", "/", "Content-Type", "application/x-www-form-urlencoded");
        assertThat(
                        found(
                                form,
                                "Action=DescribeLoadBalancers&Version=2015-12-01",
                                "elasticloadbalancing"))
                .isEqualTo("elasticloadbalancing DescribeLoadBalancers");
        assertThat(
                        reader.find(
                                        form,
                                        "Action=DescribeLoadBalancers&Version=2012-06-01"
                                                .getBytes(StandardCharsets.UTF_8),
                                        "elasticloadbalancing")
                                .orElseThrow()
                                .model()
                                .metadata()
                                .apiVersion())
                .isEqualTo("2012-06-01");
        assertThat(found(form, "Action=DescribeDBInstances&Version=2014-10-31", "rds"))
                .isEqualTo("rds DescribeDBInstances");
        assertThat(found(request("GET", "/v2/email/identities"), "", "ses"))
                .isEqualTo("sesv2 ListEmailIdentities");
        assertThat(
                        found(
                                request(
                                        "POST",
                                        "/",
                                        "X-Amz-Target",
                                        "DynamoDBStreams_20120810.GetRecords"),
                                "{}",
                                "dynamodb"))
                .isEqualTo("streams.dynamodb GetRecords");
        assertThat(found(request("GET", "/v2/apis"), "", "apigateway"))
                .isEqualTo("apigatewayv2 GetApis");
        assertThat(found(request("GET", "/restapis"), "", "apigateway"))
                .isEqualTo("apigateway GetRestApis");
    }

    @Test
    void a_target_tells_the_service_of_an_unsigned_call() {
        assertThat(
                        found(
                                request(
                                        "POST",
                                        "/",
                                        "X-Amz-Target",
                                        "AWSCognitoIdentityService.GetId"),
                                "{}",
                                ""))
                .isEqualTo("cognito-identity GetId");
    }

    @Test
    void an_action_and_its_version_do_too() {
        assertThat(
                        found(
                                request(
                                        "POST",
                                        "/",
                                        "Content-Type",
                                        "application/x-www-form-urlencoded"),
                                "Action=AssumeRoleWithSAML&Version=2011-06-15",
                                ""))
                .isEqualTo("sts AssumeRoleWithSAML");
    }

    @Test
    void members_newer_than_the_model_are_kept() throws Exception {
        var request = request("POST", "/", "X-Amz-Target", "TrentService.CreateKey");
        byte[] body =
                "{\"Description\":\"d\",\"Newer\":{\"A\":[1]}}".getBytes(StandardCharsets.UTF_8);
        var asked = reader.find(request, body, "kms").orElseThrow();

        assertThat(reader.input(asked, request, body).orElseThrow()).isEqualTo(JSON.readTree(body));
    }

    @Test
    void what_no_model_has_is_not_found() {
        assertThat(found(request("GET", "/nowhere"), "", "lambda")).isEqualTo("nothing");
        assertThat(found(request("GET", "/"), "", "no-service")).isEqualTo("nothing");
        assertThat(found(request("POST", "/", "X-Amz-Target", "x"), "{", "kms"))
                .isEqualTo("nothing");
    }

    @Test
    void cbor_is_read_like_json() throws Exception {
        var request =
                request(
                        "POST",
                        "/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
                        "smithy-protocol",
                        "rpc-v2-cbor",
                        "Content-Type",
                        "application/cbor");
        byte[] body = CBOR.writeValueAsBytes(Map.of("MaxRecords", 5, "AlarmNamePrefix", "a"));
        var asked = reader.find(request, body, "monitoring").orElseThrow();

        assertThat(asked.protocol()).isEqualTo(Protocol.RPC_V2_CBOR);
        assertThat(asked.operation().name()).isEqualTo("DescribeAlarms");
        assertThat(reader.input(asked, request, body).orElseThrow())
                .isEqualTo(JSON.readTree("{\"MaxRecords\":5,\"AlarmNamePrefix\":\"a\"}"));
        assertThat(reader.input(asked, request, new byte[] {1, 2, 3})).isEmpty();
        for (double none : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
            byte[] number = CBOR.writeValueAsBytes(Map.of("MaxRecords", none));
            assertThat(reader.input(asked, request, number)).isEmpty();
        }
        assertThat(
                        reader.output(
                                asked,
                                200,
                                Headers.NONE,
                                CBOR.writeValueAsBytes(Map.of("NextToken", "n", "Newer", 1))))
                .contains((ObjectNode) JSON.readTree("{\"NextToken\":\"n\",\"Newer\":1}"));
        assertThat(reader.output(asked, 200, Headers.NONE, new byte[] {(byte) 0xa1, 1})).isEmpty();
        assertThat(CallReader.cbor(CBOR.writeValueAsBytes(Map.of("__type", "x#Y"))))
                .contains(JSON.readTree("{\"__type\":\"x#Y\"}"));
    }

    @Test
    void outputs_are_read_in_every_protocol() throws Exception {
        var query = request("POST", "/", "Content-Type", "application/x-www-form-urlencoded");
        var user =
                reader.find(
                                query,
                                "Action=CreateUser&Version=2010-05-08"
                                        .getBytes(StandardCharsets.UTF_8),
                                "iam")
                        .orElseThrow();
        assertThat(
                        reader.output(
                                        user,
                                        200,
                                        Headers.NONE,
                                        "<CreateUserResponse><ResponseMetadata/><CreateUserResult><User><Path>/</Path></User></CreateUserResult></CreateUserResponse>"
                                                .getBytes(StandardCharsets.UTF_8))
                                .orElseThrow())
                .isEqualTo(JSON.readTree("{\"User\":{\"Path\":\"/\"}}"));

        var function =
                reader.find(
                                request("POST", "/2015-03-31/functions/f/invocations"),
                                NOTHING,
                                "lambda")
                        .orElseThrow();
        assertThat(
                        reader.output(
                                        function,
                                        202,
                                        Headers.of("X-Amz-Function-Error", "Handled"),
                                        NOTHING)
                                .orElseThrow())
                .isEqualTo(JSON.readTree("{\"StatusCode\":202,\"FunctionError\":\"Handled\"}"));
    }
}

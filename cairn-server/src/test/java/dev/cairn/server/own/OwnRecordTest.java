package dev.cairn.server.own;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.server.http.Exchange;
import java.io.InputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OwnRecordTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-11-21T20:43:17.123Z");
    private static final Caller USER =
            Caller.user("123456789012", "alice", "AIDAEXAMPLE", "AKIAEXAMPLE", Allow.READ);

    private static OwnRecord record(
            Caller caller,
            boolean readOnly,
            @Nullable JsonNode input,
            @Nullable JsonNode output,
            @Nullable String errorCode) {
        return new OwnRecord(
                "6f9619ff-8b86-4d01-b42d-00c04fc964ff",
                NOW,
                caller,
                "eu-west-1",
                OwnRecord.Asked.management(
                        "cloudtrail.amazonaws.com", "LookupEvents", "2013-11-01", readOnly, input),
                new Exchange(
                        new Request(
                                "POST",
                                "/",
                                "",
                                Headers.of(
                                        "Host", "cairn.example:4580", "User-Agent", "aws-cli/2")),
                        InputStream.nullInputStream(),
                        0,
                        "203.0.113.9",
                        new Exchange.Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256")),
                "request-1",
                new OwnRecord.Outcome(output, errorCode, errorCode == null ? null : "no"));
    }

    @Test
    void a_call_is_a_record_that_the_strict_reader_takes() throws Exception {
        var json = record(USER, true, null, null, null).json();

        assertThat(EventReader.strict(EventReader.EVENT_BYTES_DEFAULT).read(json, NOW))
                .isInstanceOf(Parsed.Read.class);
        var tree = JSON.readTree(json);
        assertThat(tree.path("eventTime").asText()).isEqualTo("2026-11-21T20:43:17Z");
        assertThat(tree.path("userIdentity").path("type").asText()).isEqualTo("IAMUser");
        assertThat(tree.path("userIdentity").path("userName").asText()).isEqualTo("alice");
        assertThat(tree.path("readOnly").isBoolean()).isTrue();
        assertThat(tree.path("requestParameters").isNull()).isTrue();
        assertThat(tree.path("responseElements").isNull()).isTrue();
        assertThat(tree.path("tlsDetails").path("clientProvidedHostHeader").asText())
                .isEqualTo("cairn.example:4580");
        assertThat(tree.has("errorCode")).isFalse();
    }

    @Test
    void root_has_no_user_name() throws Exception {
        var tree =
                JSON.readTree(
                        record(Caller.root("123456789012", "AKIA0"), true, null, null, null)
                                .json());

        assertThat(tree.path("userIdentity").has("userName")).isFalse();
        assertThat(tree.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:iam::123456789012:root");
    }

    @Test
    void members_are_lower_camel_case_and_dates_are_as_cloudtrail_prints_them() throws Exception {
        var models = new ServiceCatalog();
        var shape =
                models.model(models.named("cloudtrail").orElseThrow())
                        .operation("LookupEvents")
                        .flatMap(Operation::input);
        var input =
                JSON.readTree(
                        """
                        {"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"X"}],
                         "StartTime":1795293797.5,"MaxResults":5}\
                        """);

        var styled = OwnRecord.inStyle(input, shape);

        assertThat(styled)
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"lookupAttributes":[{"attributeKey":"EventName","attributeValue":"X"}],
                                 "startTime":"Nov 21, 2026, 8:43:17 PM","maxResults":5}\
                                """));
    }

    @Test
    void a_document_over_cloudtrails_limit_is_left_out_whole() throws Exception {
        var big = JSON.createObjectNode().put("name", "x".repeat(101 << 10));

        var tree = JSON.readTree(record(USER, false, big, null, "SomeException").json());

        assertThat(tree.path("requestParameters").isNull()).isTrue();
        assertThat(tree.path("errorCode").asText()).isEqualTo("SomeException");
    }
}

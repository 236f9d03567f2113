package dev.cairn.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RadosgwOpsLogTest {
    private static final String LINE =
            """
            {"bucket":"%s","time":"2026-11-21T08:00:01.123456Z","time_local":"2026-11-21T09:00:01.123456+0100",\
            "remote_addr":"203.0.113.9","user":"mary","operation":"%s","uri":"%s HTTP/1.1",\
            "http_status":"%s","error_code":"%s","bytes_sent":12,"bytes_received":2048,"object_size":2048,\
            "total_time":14,"user_agent":"aws-cli/2.15","referrer":"","trans_id":"tx00000a1b2c3-0065-1001-default"}
            """;

    private final Listener listener = new Listener();
    private final Source radosgw = new RadosgwOpsLog(listener.principals());

    @Test
    void a_line_is_read_as_the_request_it_tells_of() throws Exception {
        var event =
                Listener.event(
                        radosgw,
                        LINE.formatted(
                                "finance",
                                "put_obj",
                                "PUT /finance/q3/report%20%C3%A9.pdf?x-id=PutObject",
                                "200",
                                ""));

        assertThat(event.path("eventSource").asText()).isEqualTo("s3.amazonaws.com");
        assertThat(event.path("eventName").asText()).isEqualTo("PutObject");
        assertThat(event.path("managementEvent").asBoolean()).isFalse();
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T08:00:01Z");
        assertThat(event.path("requestParameters").path("bucketName").asText())
                .isEqualTo("finance");
        assertThat(event.path("requestParameters").path("key").asText())
                .isEqualTo("q3/report é.pdf");
        assertThat(event.path("requestID").asText()).isEqualTo("tx00000a1b2c3-0065-1001-default");
        assertThat(event.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:iam::111122223333:user/mary");
        assertThat(event.path("userIdentity").has("accessKeyId")).isFalse();
        assertThat(event.path("additionalEventData").path("original").path("total_time").asInt())
                .isEqualTo(14);
    }

    @ParameterizedTest
    @CsvSource({
        "finance, list_bucket, GET /finance?list-type=2&prefix=q3?list-type=2&prefix=q3, ListObjects, true",
        "finance, put_bucket_policy, PUT /finance?policy?policy, PutBucketPolicy, false",
        "finance, init_multipart, POST /finance/k?uploads?uploads, CreateMultipartUpload, false",
        "t1/finance, get_obj, GET /t1:finance/k, GetObject, true",
        "finance, get_obj, GET /k, GetObject, true",
        "finance, copy_obj, PUT /finance/k, CopyObject, false",
        "-, assume_role, POST /, AssumeRole, true",
        "c, put_obj, PUT /swift/v1/c/o, PutObj, false"
    })
    void the_name_follows_from_the_request(
            String bucket, String operation, String request, String name, boolean readOnly)
            throws Exception {
        var event = Listener.event(radosgw, LINE.formatted(bucket, operation, request, "200", ""));

        assertThat(event.path("eventName").asText()).isEqualTo(name);
        assertThat(event.path("readOnly").asBoolean()).isEqualTo(readOnly);
        if (name.equals("GetObject")) {
            assertThat(event.path("requestParameters").path("key").asText()).isEqualTo("k");
        }
    }

    @Test
    void a_refused_call_has_radosgws_code() throws Exception {
        var event =
                Listener.event(
                        radosgw,
                        LINE.formatted(
                                "finance", "get_obj", "GET /finance/none", "404", "NoSuchKey"));

        assertThat(event.path("errorCode").asText()).isEqualTo("NoSuchKey");
    }

    @Test
    void a_presigned_signature_is_shown_nowhere() throws Exception {
        var event =
                Listener.event(
                        radosgw,
                        LINE.formatted(
                                "finance",
                                "get_obj",
                                "GET /finance/k?X-Amz-Expires=60&X-Amz-Signature=0123abcd",
                                "200",
                                ""));

        assertThat(event.toString()).doesNotContain("0123abcd");
        assertThat(event.path("requestParameters").path("X-Amz-Expires").asText()).isEqualTo("60");
    }

    @Test
    void the_key_of_newer_radosgws_and_nobody_are_told_apart() throws Exception {
        var line = LINE.formatted("finance", "get_obj", "GET /finance/k", "200", "");
        var withKey = Listener.event(radosgw, line.replace("}\n", ",\"access_key_id\":\"AKIA1\"}"));
        var nobody = Listener.event(radosgw, line.replace("\"mary\"", "\"anonymous\""));

        assertThat(withKey.path("userIdentity").path("accessKeyId").asText()).isEqualTo("AKIA1");
        assertThat(nobody.path("userIdentity").path("accountId").asText())
                .isEqualTo("ANONYMOUS_PRINCIPAL");
    }
}

package dev.cairn.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.gateway.principal.Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MinioAuditTest {
    private static final String PUT =
            """
            {"version":"1","deploymentid":"6f4c2d11-0d3c-4b6e-9a51-3f4d1f1a2b3c",\
            "time":"2026-11-21T08:00:01.512345678Z","event":"","trigger":"incoming",\
            "api":{"name":"PutObject","bucket":"finance","object":"q3/report é.pdf","status":"OK",\
            "statusCode":200,"rx":2048,"tx":0,"txHeaders":290,"timeToResponse":"4103921ns"},\
            "remotehost":"203.0.113.9","requestID":"1899E3A4C0FFEE01",\
            "userAgent":"MinIO (linux; amd64) minio-go/v7.0.66","requestPath":"/finance/q3/report%20%C3%A9.pdf",\
            "requestHost":"minio.example.com:9000",\
            "requestHeader":{"Authorization":"AWS4-HMAC-SHA256 Credential=mary/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0123abcd",\
            "Content-Length":"2048","X-Amz-Storage-Class":"STANDARD","X-Amz-Security-Token":"tok-1"},\
            "responseHeader":{"ETag":"d41d8cd9","X-Amz-Version-Id":"v-7"},\
            "accessKey":"mary"}
            """;

    private final Listener listener = new Listener();
    private final Source minio = new MinioAudit(listener.principals());

    @Test
    void a_put_is_what_the_gateway_would_have_recorded_of_it() throws Exception {
        var event = Listener.event(minio, PUT);

        assertThat(event.path("eventSource").asText()).isEqualTo("s3.amazonaws.com");
        assertThat(event.path("eventName").asText()).isEqualTo("PutObject");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T08:00:01Z");
        assertThat(event.path("awsRegion").asText()).isEqualTo("eu-west-1");
        assertThat(event.path("recipientAccountId").asText()).isEqualTo("111122223333");
        assertThat(event.path("readOnly").asBoolean()).isFalse();
        assertThat(event.path("managementEvent").asBoolean()).isFalse();
        assertThat(event.path("eventCategory").asText()).isEqualTo("Data");
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("203.0.113.9");
        assertThat(event.path("userAgent").asText()).contains("minio-go");
        assertThat(event.path("requestID").asText()).isEqualTo("1899E3A4C0FFEE01");
        assertThat(event.has("errorCode")).isFalse();
        var asked = event.path("requestParameters");
        assertThat(asked.path("bucketName").asText()).isEqualTo("finance");
        assertThat(asked.path("key").asText()).isEqualTo("q3/report é.pdf");
        assertThat(asked.path("Host").asText()).isEqualTo("minio.example.com:9000");
        assertThat(asked.path("x-amz-storage-class").asText()).isEqualTo("STANDARD");
        assertThat(event.path("responseElements").path("x-amz-version-id").asText())
                .isEqualTo("v-7");
        assertThat(event.path("resources").path(0).path("ARN").asText())
                .isEqualTo("arn:aws:s3:::finance/q3/report é.pdf");
        assertThat(event.path("additionalEventData").path("bytesTransferredIn").asInt())
                .isEqualTo(2048);
        var who = event.path("userIdentity");
        assertThat(who.path("type").asText()).isEqualTo("IAMUser");
        assertThat(who.path("userName").asText()).isEqualTo("mary");
        assertThat(who.path("accessKeyId").asText()).isEqualTo("mary");
    }

    @Test
    void the_original_stands_beside_without_what_one_could_sign_with() throws Exception {
        var additional = Listener.event(minio, PUT).path("additionalEventData");

        assertThat(additional.path("source").asText()).isEqualTo("minio");
        var original = additional.path("original");
        assertThat(original.path("deploymentid").asText())
                .isEqualTo("6f4c2d11-0d3c-4b6e-9a51-3f4d1f1a2b3c");
        assertThat(original.path("api").path("timeToResponse").asText()).isEqualTo("4103921ns");
        assertThat(original.path("requestHeader").path("Authorization").asText())
                .isEqualTo("HIDDEN_DUE_TO_SECURITY_REASONS");
        assertThat(additional.toString()).doesNotContain("0123abcd", "tok-1");
    }

    @ParameterizedTest
    @CsvSource({
        "PutObjectPart, UploadPart, false, false",
        "NewMultipartUpload, CreateMultipartUpload, false, false",
        "DeleteMultipleObjects, DeleteObjects, false, false",
        "ListObjectsV2M, ListObjects, true, false",
        "PutBucket, CreateBucket, false, true",
        "GetBucketPolicy, GetBucketPolicy, true, true",
        "GetBucketNewThing, GetBucketNewThing, true, true"
    })
    void names_are_those_of_cloudtrail(
            String minioName, String eventName, boolean readOnly, boolean management)
            throws Exception {
        var event =
                Listener.event(
                        minio,
                        """
                        {"api":{"name":"%s","bucket":"b","statusCode":200},"time":"2026-11-21T08:00:00Z"}\
                        """
                                .formatted(minioName));

        assertThat(event.path("eventSource").asText()).isEqualTo("s3.amazonaws.com");
        assertThat(event.path("eventName").asText()).isEqualTo(eventName);
        assertThat(event.path("readOnly").asBoolean()).isEqualTo(readOnly);
        assertThat(event.path("managementEvent").asBoolean()).isEqualTo(management);
    }

    @ParameterizedTest
    @CsvSource({"AssumeRoleWithWebIdentity, sts.amazonaws.com", "AddUser, admin.min.io"})
    void what_is_not_s3s_is_not_called_so(String operation, String eventSource) throws Exception {
        var event =
                Listener.event(
                        minio,
                        """
                        {"api":{"name":"%s","statusCode":200},"requestPath":"/minio/admin/v3/add-user",\
                        "requestQuery":{"accessKey":"bob"},"time":"2026-11-21T08:00:00Z"}\
                        """
                                .formatted(operation));

        assertThat(event.path("eventSource").asText()).isEqualTo(eventSource);
        assertThat(event.path("eventName").asText()).isEqualTo(operation);
        assertThat(event.path("requestParameters").path("requestQuery").path("accessKey").asText())
                .isEqualTo("bob");
    }

    @Test
    void a_refused_call_says_why() throws Exception {
        var event =
                Listener.event(
                        minio,
                        """
                        {"api":{"name":"GetObject","bucket":"b","object":"k","statusCode":403},\
                        "error":"Access Denied.","time":"2026-11-21T08:00:00Z"}\
                        """);

        assertThat(event.path("errorCode").asText()).isEqualTo("AccessDenied");
        assertThat(event.path("errorMessage").asText()).isEqualTo("Access Denied.");
        assertThat(event.path("userIdentity").path("accountId").asText())
                .isEqualTo("ANONYMOUS_PRINCIPAL");
    }

    @Test
    void a_key_of_the_directory_is_whose_the_directory_says() throws Exception {
        listener.enter(
                new Principal(
                        "mary",
                        Principal.Type.ASSUMED_ROLE,
                        "999988887777",
                        "deployer",
                        "ci-7",
                        ""));

        var event = Listener.event(minio, PUT);

        assertThat(event.path("userIdentity").path("arn").asText())
                .isEqualTo("arn:aws:sts::999988887777:assumed-role/deployer/ci-7");
        assertThat(event.path("recipientAccountId").asText()).isEqualTo("111122223333");
    }

    @Test
    void a_service_account_is_its_owners() throws Exception {
        var event =
                Listener.event(
                        minio,
                        PUT.replace(
                                "\"accessKey\":\"mary\"",
                                "\"accessKey\":\"SVCKEY1\",\"parentUser\":\"uid=bob,dc=example\""));

        assertThat(event.path("userIdentity").path("userName").asText())
                .isEqualTo("uid=bob,dc=example");
        assertThat(event.path("userIdentity").path("accessKeyId").asText()).isEqualTo("SVCKEY1");
    }

    @Test
    void what_minio_tries_its_webhook_with_is_passed_over() throws Exception {
        var sifted = Listener.sift(minio, "{}");

        assertThat(Listener.batch(sifted).taken()).isEmpty();
        assertThat(Listener.batch(sifted).refused()).isEmpty();
        assertThat(sifted.passedOver()).isEqualTo(1);
    }
}

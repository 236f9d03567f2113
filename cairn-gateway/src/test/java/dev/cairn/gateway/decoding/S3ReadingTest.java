package dev.cairn.gateway.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3ReadingTest {

    @ParameterizedTest
    @CsvSource({
        "GET /, ListBuckets, true, true",
        "PUT /b, CreateBucket, false, true",
        "PUT /b/, CreateBucket, false, true",
        "DELETE /b, DeleteBucket, false, true",
        "HEAD /b, HeadBucket, true, true",
        "GET /b, ListObjects, true, false",
        "GET /b?list-type=2&prefix=x, ListObjects, true, false",
        "GET /b?versions, ListObjectVersions, true, false",
        "GET /b?uploads, ListMultipartUploads, true, false",
        "GET /b?acl, GetBucketAcl, true, true",
        "PUT /b?versioning, PutBucketVersioning, false, true",
        "DELETE /b?lifecycle, DeleteBucketLifecycle, false, true",
        "GET /b?object-lock, GetBucketObjectLockConfiguration, true, true",
        "GET /b?accelerate, GetAccelerateConfiguration, true, true",
        "GET /b?inventory, ListBucketInventoryConfigurations, true, true",
        "GET /b?inventory&id=1, GetBucketInventoryConfiguration, true, true",
        "POST /b?delete, DeleteObjects, false, false",
        "GET /b/k, GetObject, true, false",
        "HEAD /b/k, HeadObject, true, false",
        "PUT /b/k, PutObject, false, false",
        "DELETE /b/k, DeleteObject, false, false",
        "PUT /b/k?tagging, PutObjectTagging, false, false",
        "GET /b/k?uploadId=1, ListParts, true, false",
        "POST /b/k?uploads, CreateMultipartUpload, false, false",
        "PUT /b/k?partNumber=1&uploadId=1, UploadPart, false, false",
        "POST /b/k?uploadId=1, CompleteMultipartUpload, false, false",
        "DELETE /b/k?uploadId=1, AbortMultipartUpload, false, false",
        "POST /b/k?select&select-type=2, SelectObjectContent, true, false",
        "PATCH /b/k, Unknown, false, true",
    })
    void the_operation_follows_from_method_path_and_sub_resource(
            String head, String name, boolean readOnly, boolean management) {
        assertThat(Calls.name(Calls.request(head, "s3"), ""))
                .isEqualTo(new Named("s3.amazonaws.com", name, readOnly, management));
    }

    @ParameterizedTest
    @CsvSource({"PATCH /b/k", "POST /b/k", "POST /b/k?x"})
    void what_an_unknown_operation_sends_is_not_shown(String head) {
        var call =
                Calls.decode(
                        Calls.request(head, "s3"),
                        "<Payroll><Salary>1</Salary></Payroll>",
                        Calls.answer(200, ""));

        assertThat(call.name().eventName()).isEqualTo("Unknown");
        assertThat(String.valueOf(call.requestParameters())).doesNotContain("Payroll");
    }

    @Test
    void outposts_have_a_source_of_their_own() {
        assertThat(Calls.name(Calls.request("GET /b/k", "s3-outposts"), "").eventSource())
                .isEqualTo("s3-outposts.amazonaws.com");
    }

    @Test
    void arns_have_the_partition_that_the_operator_says_and_not_the_caller() {
        var china =
                new Request(
                        "GET",
                        "/b/k",
                        "",
                        Headers.of("Authorization", Wire.authorization("cn-north-1", "s3")));
        var call = new ObservedCall(china, Kept.NOTHING, Calls.answer(200, ""), null);

        assertThat(Calls.decode(call).resources())
                .extracting(DecodedCall.Resource::arn)
                .containsExactly("arn:aws:s3:::b/k", "arn:aws:s3:::b");
        assertThat(Calls.in("cn-north-1").decode(call, null, Calls.ACCOUNT).resources())
                .extracting(DecodedCall.Resource::arn)
                .containsExactly("arn:aws-cn:s3:::b/k", "arn:aws-cn:s3:::b");
    }

    @Test
    void a_copy_is_told_by_its_source() {
        assertThat(
                        Calls.name(Calls.request("PUT /b/k", "s3", "x-amz-copy-source", "a/b"), "")
                                .eventName())
                .isEqualTo("CopyObject");
        assertThat(
                        Calls.name(
                                        Calls.request(
                                                "PUT /b/k?partNumber=1&uploadId=2",
                                                "s3",
                                                "x-amz-copy-source",
                                                "a/b"),
                                        "")
                                .eventName())
                .isEqualTo("UploadPartCopy");
    }

    @Test
    void an_object_is_recorded_by_bucket_key_and_how_it_is_kept() {
        var call =
                Calls.decode(
                        Calls.request(
                                "PUT /finance/2026/report%20.pdf",
                                "s3",
                                "Host",
                                "s3.eu-west-1.amazonaws.com",
                                "x-amz-acl",
                                "private",
                                "x-amz-date",
                                "20261121T100000Z",
                                "x-amz-meta-secret",
                                "of its owner",
                                "x-amz-server-side-encryption-customer-key",
                                "c2VjcmV0"),
                        "the object's bytes",
                        Calls.answer(
                                200,
                                "",
                                "x-amz-request-id",
                                "R1",
                                "x-amz-id-2",
                                "ID2",
                                "x-amz-server-side-encryption",
                                "AES256",
                                "x-amz-version-id",
                                "v1"));

        assertThat(call.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"bucketName":"finance","Host":"s3.eu-west-1.amazonaws.com",
                                 "key":"2026/report .pdf","x-amz-acl":"private"}\
                                """));
        assertThat(call.responseElements())
                .isEqualTo(
                        Calls.json(
                                """
                                {"x-amz-server-side-encryption":"AES256","x-amz-version-id":"v1"}\
                                """));
        assertThat(call.requestId()).isEqualTo("R1");
        assertThat(call.region()).isEqualTo("eu-west-1");
        assertThat(call.resources())
                .containsExactly(
                        new DecodedCall.Resource(
                                "AWS::S3::Object",
                                "arn:aws:s3:::finance/2026/report .pdf",
                                false,
                                null),
                        new DecodedCall.Resource(
                                "AWS::S3::Bucket", "arn:aws:s3:::finance", false, Calls.ACCOUNT));
        assertThat(Calls.json(String.valueOf(call.additionalEventData())))
                .isEqualTo(
                        Calls.json(
                                """
                                {"SignatureVersion":"SigV4","AuthenticationMethod":"AuthHeader",
                                 "bytesTransferredIn":18,"x-amz-id-2":"ID2","bytesTransferredOut":0,
                                 "SSEApplied":"Default_SSE_S3"}\
                                """));
        assertThat(call.toString())
                .doesNotContain("the object's bytes", "c2VjcmV0", "of its owner");
    }

    @Test
    void a_bucket_may_stand_in_the_host_name() {
        for (String host :
                new String[] {
                    "finance.s3.example.com:9000",
                    "finance.s3.eu-west-1.amazonaws.com",
                    "finance.s3-eu-west-1.amazonaws.com",
                    "finance.s3.amazonaws.com"
                }) {
            var call =
                    Calls.decode(
                            Calls.request("GET /a/b", "s3", "Host", host),
                            "",
                            Calls.answer(200, ""));
            assertThat(Objects.requireNonNull(call.requestParameters()).path("bucketName").asText())
                    .as(host)
                    .isEqualTo("finance");
            assertThat(call.requestParameters().path("key").asText()).isEqualTo("a/b");
        }
    }

    @Test
    void a_presigned_query_is_shown_without_what_could_be_used_again() {
        var call =
                Calls.decode(
                        Calls.request(
                                "GET /b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                                        + "&X-Amz-Credential=AKID%2F20261121%2Feu-west-1%2Fs3%2Faws4_request"
                                        + "&X-Amz-Date=20261121T100000Z&X-Amz-Expires=300"
                                        + "&X-Amz-SignedHeaders=host&X-Amz-Security-Token=T&X-Amz-Signature=abc",
                                ""),
                        "",
                        Calls.answer(200, "bytes"));

        assertThat(call.region()).isEqualTo("eu-west-1");
        assertThat(call.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"bucketName":"b","key":"k","X-Amz-Algorithm":"AWS4-HMAC-SHA256",
                                 "X-Amz-Date":"20261121T100000Z","X-Amz-Expires":"300",
                                 "X-Amz-SignedHeaders":"host"}\
                                """));
        assertThat(
                        Objects.requireNonNull(call.additionalEventData())
                                .path("AuthenticationMethod")
                                .asText())
                .isEqualTo("QueryString");
    }

    @Test
    void documents_about_a_bucket_are_shown_as_json() {
        var versioning =
                Calls.decode(
                        Calls.request("PUT /b?versioning", "s3"),
                        """
                        <VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
                          <Status>Enabled</Status>
                        </VersioningConfiguration>\
                        """,
                        Calls.answer(200, ""));
        assertThat(versioning.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"bucketName":"b","versioning":"","VersioningConfiguration":{
                                 "xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Status":"Enabled"}}\
                                """));

        var policy =
                Calls.decode(
                        Calls.request("PUT /b?policy", "s3"),
                        "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
                        Calls.answer(204, ""));
        assertThat(policy.requestParameters())
                .isEqualTo(
                        Calls.json(
                                """
                                {"bucketName":"b","policy":"",
                                 "bucketPolicy":{"Version":"2012-10-17","Statement":[]}}\
                                """));
    }

    @Test
    void an_error_document_gives_code_and_message() {
        var call =
                Calls.decode(
                        Calls.request("GET /b/k", "s3"),
                        "",
                        Calls.answer(
                                404,
                                "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>It is not"
                                        + " there.</Message><RequestId>R2</RequestId></Error>"));

        assertThat(call.errorCode()).isEqualTo("NoSuchKey");
        assertThat(call.errorMessage()).isEqualTo("It is not there.");
        assertThat(call.requestId()).isEqualTo("R2");
        assertThat(call.responseElements()).isNull();
    }

    @Test
    void an_error_that_is_found_after_the_head_has_gone_is_an_error() {
        var call =
                Calls.decode(
                        Calls.request("POST /b/k?uploadId=1", "s3"),
                        "",
                        Calls.answer(
                                200,
                                "<?xml version=\"1.0\"?>\n\n<Error><Code>InternalError</Code></Error>",
                                "Content-Type",
                                "application/xml"));

        assertThat(call.errorCode()).isEqualTo("InternalError");
    }

    @Test
    void an_answer_without_a_body_is_known_by_its_status() {
        var call = Calls.decode(Calls.request("HEAD /b/k", "s3"), "", Calls.answer(403, ""));

        assertThat(call.errorCode()).isEqualTo("AccessDenied");
    }

    @Test
    void no_answer_and_half_an_answer_are_what_they_are() {
        var request = Calls.request("PUT /b/k", "s3");
        assertThat(Calls.decode(request, "", new Answer.None(Answer.Why.TIMEOUT)).errorCode())
                .isEqualTo("UpstreamTimeout");
        assertThat(
                        Calls.decode(
                                        request,
                                        "",
                                        new Answer.Given(200, Headers.NONE, Kept.NOTHING, false))
                                .errorCode())
                .isEqualTo("UpstreamCut");
    }

    @Test
    void a_body_that_was_not_kept_whole_is_left_out() {
        var cut =
                new Kept(
                        "<Tagging><TagSet>".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        4000);
        var call =
                Calls.decode(
                        new ObservedCall(
                                Calls.request("PUT /b?tagging", "s3"),
                                cut,
                                Calls.answer(200, ""),
                                "TLS_AES_128_GCM_SHA256"));

        assertThat(call.requestParameters())
                .isEqualTo(Calls.json("{\"bucketName\":\"b\",\"tagging\":\"\"}"));
        assertThat(Objects.requireNonNull(call.additionalEventData()).path("CipherSuite").asText())
                .isEqualTo("TLS_AES_128_GCM_SHA256");
        assertThat(call.additionalEventData().path("bytesTransferredIn").asLong()).isEqualTo(4000);
    }

    @Test
    void a_document_over_the_limit_is_left_out_whole_and_a_text_is_cut() {
        var call =
                Calls.decode(
                        Calls.request("GET /b?prefix=" + "x".repeat(101 << 10), "s3"),
                        "",
                        Calls.answer(
                                400,
                                "<Error><Code>X</Code><Message>"
                                        + "é".repeat(600)
                                        + "</Message></Error>"));

        assertThat(call.requestParameters()).isNull();
        assertThat(call.errorMessage()).isEqualTo("é".repeat(512));
    }
}

package dev.cairn.aws.sigv4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.AwsChunkedInputStream.ChunkException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The two uploads that the S3 API reference works through, byte for byte, and ways to spoil them.
class AwsChunkedInputStreamTest {

    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static final Instant NOW = Instant.parse("2013-05-24T00:00:00Z");
    private static final int CHUNK_MAX = 1 << 20;
    private static final String CONTENT = "a".repeat(66560);

    private static final String SIGNED =
            "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
                    + "a".repeat(65536)
                    + "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"
                    + "a".repeat(1024)
                    + "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";

    private static final String TRAILED =
            "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n"
                    + "a".repeat(65536)
                    + "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n"
                    + "a".repeat(1024)
                    + "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
                    + "x-amz-checksum-crc32c:sOO8/Q==\r\n"
                    + "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";

    private static final String UNSIGNED =
            "5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";

    @Test
    void a_body_in_signed_chunks_is_read_as_what_is_in_it() throws IOException {
        assertThat(read(open(signed(), SIGNED, OptionalLong.of(66560)))).isEqualTo(CONTENT);
    }

    @Test
    void a_signed_trailer_is_checked_and_given() throws IOException {
        var in = open(trailed(), TRAILED, OptionalLong.of(66560));

        assertThat(read(in)).isEqualTo(CONTENT);
        assertThat(in.trailers().first("x-amz-checksum-crc32c")).contains("sOO8/Q==");
    }

    @Test
    void an_unsigned_body_with_a_trailer_is_read() throws IOException {
        var in = open(unsigned(), UNSIGNED, OptionalLong.of(11));

        assertThat(read(in)).isEqualTo("hello world");
        assertThat(in.trailers().first("x-amz-checksum-crc32")).contains("DUoRhQ==");
    }

    @Test
    void no_byte_of_a_chunk_with_a_wrong_signature_is_handed_out() throws IOException {
        var in = open(signed(), SIGNED.replaceFirst("aaaa", "aaab"), OptionalLong.of(66560));

        assertThatThrownBy(in::read)
                .isInstanceOfSatisfying(
                        ChunkException.class,
                        e -> assertThat(e.refusal()).isEqualTo(Refusal.MISMATCH));
        assertThatThrownBy(in::read).as("a second attempt").isInstanceOf(ChunkException.class);
    }

    @Test
    void a_changed_trailer_is_refused() {
        assertThatThrownBy(() ->
                        read(
                                open(
                                        trailed(),
                                        TRAILED.replace("sOO8/Q==", "sOO8/R=="),
                                        OptionalLong.empty())))
                .isInstanceOfSatisfying(
                        ChunkException.class,
                        e -> assertThat(e.refusal()).isEqualTo(Refusal.MISMATCH));
    }

    @Test
    void chunks_cannot_be_left_out_or_put_in_another_order() {
        int second = SIGNED.indexOf("400;");
        int last = SIGNED.indexOf("0;chunk-signature=b6c6");

        assertThatThrownBy(() ->
                        read(
                                open(
                                        signed(),
                                        SIGNED.substring(0, second) + SIGNED.substring(last),
                                        OptionalLong.empty())))
                .isInstanceOf(ChunkException.class);
        assertThatThrownBy(() ->
                        read(
                                open(
                                        signed(),
                                        SIGNED.substring(second, last)
                                                + SIGNED.substring(0, second)
                                                + SIGNED.substring(last),
                                        OptionalLong.empty())))
                .isInstanceOf(ChunkException.class);
    }

    @Test
    void a_body_that_ends_anywhere_before_its_end_is_refused() {
        for (int end = 0; end < UNSIGNED.length(); end++) {
            String part = UNSIGNED.substring(0, end);
            assertThatThrownBy(() -> read(open(unsigned(), part, OptionalLong.empty())))
                    .as(part)
                    .isInstanceOfSatisfying(
                            ChunkException.class,
                            e -> assertThat(e.refusal()).isEqualTo(Refusal.INCOMPLETE_BODY));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "g\r\n",
                "-1\r\n",
                "\r\n",
                "5\nhello",
                "5\r\nhelloXX",
                "100001\r\n",
                "ffffffffff\r\n",
                "0\r\nno-colon\r\n\r\n",
                "0\r\n\r\nmore"
            })
    void broken_framing_is_refused(String body) {
        assertThatThrownBy(() -> read(open(unsigned(), body, OptionalLong.empty())))
                .isInstanceOfSatisfying(
                        ChunkException.class,
                        e -> assertThat(e.refusal()).isEqualTo(Refusal.INCOMPLETE_BODY));
    }

    @Test
    void the_announced_length_must_be_the_length() {
        assertThatThrownBy(() -> read(open(unsigned(), UNSIGNED, OptionalLong.of(10))))
                .isInstanceOf(ChunkException.class);
        assertThatThrownBy(() -> read(open(unsigned(), UNSIGNED, OptionalLong.of(12))))
                .isInstanceOf(ChunkException.class);
    }

    private static String read(AwsChunkedInputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static AwsChunkedInputStream open(Request request, String body, OptionalLong length) {
        if (Signature.read(request) instanceof Signature.Signed signed
                && new SignatureVerifier(1).verify(signed, SECRET, NOW)
                        instanceof Verdict.Verified verified) {
            return new AwsChunkedInputStream(
                    new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)),
                    verified,
                    length,
                    CHUNK_MAX);
        }
        throw new AssertionError("the seed signature is not verified: " + Signature.read(request));
    }

    private static Request signed() {
        return new Request(
                "PUT",
                "/examplebucket/chunkObject.txt",
                "",
                Headers.of(
                        "Host",
                        "s3.amazonaws.com",
                        "x-amz-date",
                        "20130524T000000Z",
                        "x-amz-storage-class",
                        "REDUCED_REDUNDANCY",
                        "Authorization",
                        authorization(
                                "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                                        + "x-amz-decoded-content-length;x-amz-storage-class",
                                "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"),
                        "x-amz-content-sha256",
                        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                        "Content-Encoding",
                        "aws-chunked",
                        "x-amz-decoded-content-length",
                        "66560",
                        "Content-Length",
                        "66824"));
    }

    private static Request trailed() {
        return new Request(
                "PUT",
                "/examplebucket/chunkObject.txt",
                "",
                Headers.of(
                        "Host",
                        "s3.amazonaws.com",
                        "x-amz-date",
                        "20130524T000000Z",
                        "x-amz-storage-class",
                        "REDUCED_REDUNDANCY",
                        "Authorization",
                        authorization(
                                "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
                                        + "x-amz-storage-class;x-amz-trailer",
                                "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"),
                        "x-amz-content-sha256",
                        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                        "Content-Encoding",
                        "aws-chunked",
                        "x-amz-decoded-content-length",
                        "66560",
                        "x-amz-trailer",
                        "x-amz-checksum-crc32c"));
    }

    private static Request unsigned() {
        var signer =
                new RequestSigner(
                        "AKIAIOSFODNN7EXAMPLE",
                        SECRET,
                        java.util.Optional.empty(),
                        "us-east-1",
                        "s3");
        return signer.sign(
                new Request("PUT", "/b/k", "", Headers.of("Host", "localhost")),
                new Payload.Chunked(false, true),
                "",
                NOW);
    }

    private static String authorization(String signedHeaders, String signature) {
        return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="
                + signedHeaders
                + ",Signature="
                + signature;
    }
}

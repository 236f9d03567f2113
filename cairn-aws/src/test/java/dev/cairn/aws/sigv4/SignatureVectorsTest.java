package dev.cairn.aws.sigv4;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// AWS's published signature test vectors (`aws-sig-v4-test-suite` and the S3 examples of the API
/// reference): what each request is, and the signature it has to get.
class SignatureVectorsTest {

    static final String KEY = "AKIDEXAMPLE";
    static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    static final Instant NOW = Instant.parse("2015-08-30T12:36:00Z");
    static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private final SignatureVerifier verifier = new SignatureVerifier(10);

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "get-vanilla | GET | / | '' | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                "get-vanilla-query | GET | / | '' | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                "get-vanilla-query-order-key-case | GET | / | Param2=value2&Param1=value1"
                        + " | b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
                "get-vanilla-empty-query-key | GET | / | Param1=value1"
                        + " | a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
                "get-unreserved | GET | /-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz | ''"
                        + " | 07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
                "get-utf8 | GET | /ሴ | '' | 8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
                "get-relative | GET | /example/.. | '' | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                "get-relative-relative | GET | /example1/example2/../.. | ''"
                        + " | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                "get-slash | GET | // | '' | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                "get-slash-dot-slash | GET | /./ | '' | 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                "get-slashes | GET | //example// | '' | 9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
                "get-slash-pointless-dot | GET | /./example | ''"
                        + " | ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
                "get-space | GET | /example space/ | ''"
                        + " | 652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
                "post-vanilla | POST | / | '' | 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
                "post-vanilla-query | POST | / | Param1=value1"
                        + " | 28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
            })
    void a_published_vector_is_verified(
            String name, String method, String path, String query, String signature) {
        var request =
                new Request(
                        method,
                        path,
                        query,
                        Headers.of(
                                "Host", "example.amazonaws.com", "X-Amz-Date", "20150830T123600Z"));

        assertThat(verify(signed(request, "host;x-amz-date", signature), EMPTY))
                .as(name)
                .isInstanceOf(Verdict.Verified.class);
    }

    @Test
    void header_values_are_trimmed_and_their_blanks_made_one() {
        var request =
                new Request(
                        "GET",
                        "/",
                        "",
                        Headers.of(
                                "Host",
                                "example.amazonaws.com",
                                "My-Header1",
                                " value1",
                                "My-Header2",
                                " \"a   b   c\"",
                                "X-Amz-Date",
                                "20150830T123600Z"));

        assertThat(
                        verify(
                                signed(
                                        request,
                                        "host;my-header1;my-header2;x-amz-date",
                                        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
                                EMPTY))
                .isInstanceOf(Verdict.Verified.class);
    }

    @Test
    void values_of_a_repeated_header_keep_their_order() {
        var request =
                new Request(
                        "GET",
                        "/",
                        "",
                        Headers.of(
                                "Host",
                                "example.amazonaws.com",
                                "My-Header1",
                                "value4",
                                "My-Header1",
                                "value1",
                                "My-Header1",
                                "value3",
                                "My-Header1",
                                "value2",
                                "X-Amz-Date",
                                "20150830T123600Z"));

        assertThat(
                        verify(
                                signed(
                                        request,
                                        "host;my-header1;x-amz-date",
                                        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
                                EMPTY))
                .isInstanceOf(Verdict.Verified.class);
    }

    @Test
    void s3_signs_a_ranged_get_as_the_api_reference_says() {
        String date = "20130524T000000Z";
        var request =
                new Request(
                        "GET",
                        "/test.txt",
                        "",
                        Headers.of(
                                "Host",
                                "examplebucket.s3.amazonaws.com",
                                "Range",
                                "bytes=0-9",
                                "x-amz-content-sha256",
                                EMPTY,
                                "x-amz-date",
                                date,
                                "Authorization",
                                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                                        + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                                        + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));

        assertThat(
                        verify(
                                request,
                                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                Instant.parse("2013-05-24T00:01:00Z"),
                                EMPTY))
                .isInstanceOf(Verdict.Verified.class);
    }

    @Test
    void s3_presigns_a_get_as_the_api_reference_says() {
        var request =
                new Request(
                        "GET",
                        "/test.txt",
                        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3"
                                + "%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
                        Headers.of("Host", "examplebucket.s3.amazonaws.com"));

        assertThat(
                        verify(
                                request,
                                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                Instant.parse("2013-05-24T23:59:59Z"),
                                EMPTY))
                .isInstanceOf(Verdict.Verified.class);
        assertThat(
                        verify(
                                request,
                                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                Instant.parse("2013-05-25T00:00:01Z"),
                                EMPTY))
                .isEqualTo(new Verdict.Refused(Refusal.EXPIRED, Optional.empty()));
    }

    private static Request signed(Request request, String signedHeaders, String signature) {
        return request.with(
                request.headers()
                        .plus(
                                "Authorization",
                                "AWS4-HMAC-SHA256 Credential="
                                        + KEY
                                        + "/20150830/us-east-1/service/aws4_request, SignedHeaders="
                                        + signedHeaders
                                        + ", Signature="
                                        + signature));
    }

    private Verdict verify(Request request, String bodySha256) {
        return verify(request, SECRET, NOW, bodySha256);
    }

    private Verdict verify(Request request, String secret, Instant now, String bodySha256) {
        if (Signature.read(request) instanceof Signature.Signed signed) {
            return verifier.verify(signed, secret, now, bodySha256);
        }
        throw new AssertionError("not a signed request: " + Signature.read(request));
    }
}

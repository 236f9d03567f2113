package dev.cairn.aws.sigv4;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Refusal.Dialect;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Everything that can be wrong with a signature, and what AWS calls it.
class SignatureRefusalTest {

    private static final String SECRET = SignatureVectorsTest.SECRET;
    private static final Instant NOW = SignatureVectorsTest.NOW;
    private static final String EMPTY = SignatureVectorsTest.EMPTY;
    private static final String GOOD =
            "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/sts/aws4_request,"
                    + " SignedHeaders=host;x-amz-date, Signature="
                    + "0".repeat(64);

    private final SignatureVerifier verifier = new SignatureVerifier(4);

    @Test
    void a_request_without_a_signature_is_unsigned_and_so_is_another_scheme() {
        assertThat(Signature.read(get(Headers.of("Host", "h"))))
                .isEqualTo(new Signature.Unsigned());
        assertThat(Signature.read(get(Headers.of("Host", "h", "Authorization", "Bearer abc"))))
                .isEqualTo(new Signature.Unsigned());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "AWS AKID:c2lnbmF0dXJl | INCOMPLETE | Unsupported AWS 'algorithm': 'AWS'.",
                "AWS4-ECDSA-P256-SHA256 Credential=a | INCOMPLETE | Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
                "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request | INCOMPLETE | Authorization header requires"
                        + " 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."
                        + " Authorization=AWS4-HMAC-SHA256",
                "AWS4-HMAC-SHA256 Credential | INCOMPLETE | 'Credential' not a valid key=value pair (missing equal-sign) in"
                        + " Authorization header.",
                "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0 | INCOMPLETE | Credential must have exactly"
                        + " 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'",
                "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws5_request, SignedHeaders=host, Signature=0 | WRONG_SCOPE |"
                        + " Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.",
                "AWS4-HMAC-SHA256 Credential=a/20150830/us east/s/aws4_request, SignedHeaders=host, Signature=0 | WRONG_SCOPE |"
                        + " Credential should be scoped to a valid region, not 'us east'.",
                "AWS4-HMAC-SHA256 Credential=a/20150831/r/s/aws4_request, SignedHeaders=host, Signature=0 | WRONG_SCOPE |"
                        + " Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
                        + " '20150831' != '20150830', from '20150830T123600Z'.",
                "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=x-amz-date, Signature=0 |"
                        + " UNSIGNED_HEADER | 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
                "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=Host, Signature=0 | INCOMPLETE |"
                        + " SignedHeaders must be lower-case header names separated by ';'.",
                "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host, Signature=0 | INCOMPLETE |"
                        + " Signature must be 64 lower-case hexadecimal digits.",
            })
    void a_malformed_header_is_told_apart(String authorization, Refusal refusal, String detail) {
        assertThat(
                        Signature.read(
                                get(
                                        Headers.of(
                                                "Host",
                                                "h",
                                                "X-Amz-Date",
                                                "20150830T123600Z",
                                                "Authorization",
                                                authorization))))
                .isEqualTo(new Signature.Malformed(refusal, detail));
    }

    @Test
    void a_missing_or_repeated_or_unreadable_date_is_refused() {
        assertThat(refusal(get(Headers.of("Host", "h", "Authorization", GOOD))))
                .isEqualTo(Refusal.INCOMPLETE);
        assertThat(
                        refusal(
                                get(
                                        Headers.of(
                                                "Host",
                                                "h",
                                                "X-Amz-Date",
                                                "yesterday",
                                                "Authorization",
                                                GOOD))))
                .isEqualTo(Refusal.INCOMPLETE);
        assertThat(
                        refusal(
                                get(
                                        Headers.of(
                                                "Host",
                                                "h",
                                                "X-Amz-Date",
                                                "20150830T123600Z",
                                                "X-Amz-Date",
                                                "20150830T123600Z",
                                                "Authorization",
                                                GOOD))))
                .isEqualTo(Refusal.INCOMPLETE);
    }

    @Test
    void a_plain_date_header_will_do() {
        assertThat(
                        Signature.read(
                                get(
                                        Headers.of(
                                                "Host",
                                                "h",
                                                "Date",
                                                "Sun, 30 Aug 2015 12:36:00 GMT",
                                                "Authorization",
                                                GOOD))))
                .isInstanceOfSatisfying(
                        Signature.Signed.class,
                        signed -> assertThat(signed.signedAt()).isEqualTo(NOW));
    }

    @Test
    void a_header_of_amazon_s_that_is_not_signed_is_refused() {
        assertThat(
                        refusal(
                                get(
                                        Headers.of(
                                                "Host",
                                                "h",
                                                "X-Amz-Date",
                                                "20150830T123600Z",
                                                "X-Amz-Target",
                                                "A.B",
                                                "Authorization",
                                                GOOD))))
                .isEqualTo(Refusal.UNSIGNED_HEADER);
    }

    @ParameterizedTest
    @CsvSource({"899, true", "900, true", "901, false", "-900, true", "-901, false"})
    void clocks_may_differ_by_a_quarter_of_an_hour(long secondsLater, boolean verified) {
        Verdict verdict =
                verify(
                        signer("sts").sign(request(), new Payload.Whole(), EMPTY, NOW),
                        NOW.plusSeconds(secondsLater));

        assertThat(verdict instanceof Verdict.Verified).isEqualTo(verified);
        if (!verified) {
            assertThat(((Verdict.Refused) verdict).refusal()).isEqualTo(Refusal.SKEWED);
        }
    }

    @Test
    void the_message_says_by_how_much() {
        Request signed = signer("sts").sign(request(), new Payload.Whole(), EMPTY, NOW);

        assertThat(
                        ((Verdict.Refused) verify(signed, Instant.parse("2015-08-30T13:00:00Z")))
                                .message(Dialect.QUERY))
                .isEqualTo(
                        "Signature expired: 20150830T123600Z is now earlier than 20150830T124500Z (20150830T130000Z - 15"
                                + " min.)");
        assertThat(
                        ((Verdict.Refused) verify(signed, Instant.parse("2015-08-30T12:00:00Z")))
                                .message(Dialect.JSON))
                .isEqualTo(
                        "Signature not yet current: 20150830T123600Z is still later than 20150830T121500Z"
                                + " (20150830T120000Z + 15 min.)");
        assertThat(
                        ((Verdict.Refused) verify(signed, Instant.parse("2015-08-30T12:00:00Z")))
                                .message(Dialect.S3))
                .isEqualTo(
                        "The difference between the request time and the current time is too large.");
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1, true", "604800, true", "604801, false", "abc, false", "-5, false"})
    void a_presigned_request_is_good_for_a_second_to_a_week(String expires, boolean readable) {
        Request presigned =
                signer("s3")
                        .presign(
                                request(),
                                new Payload.Unsigned(),
                                EMPTY,
                                NOW,
                                Duration.ofSeconds(60));
        var other =
                new Request(
                        presigned.method(),
                        presigned.rawPath(),
                        presigned
                                .rawQuery()
                                .replace("X-Amz-Expires=60", "X-Amz-Expires=" + expires),
                        presigned.headers());

        assertThat(Signature.read(other) instanceof Signature.Signed).isEqualTo(readable);
    }

    @Test
    void a_presigned_request_expires_on_time() {
        Request presigned =
                signer("sts")
                        .presign(request(), new Payload.Whole(), EMPTY, NOW, Duration.ofHours(2));

        assertThat(verify(presigned, NOW.plus(Duration.ofHours(2))))
                .isInstanceOf(Verdict.Verified.class);
        assertThat(verify(presigned, NOW.plus(Duration.ofHours(2)).plusSeconds(1)))
                .isEqualTo(new Verdict.Refused(Refusal.EXPIRED));
        assertThat(verify(presigned, NOW.minus(Duration.ofMinutes(16))))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.refusal()).isEqualTo(Refusal.SKEWED));
    }

    @Test
    void two_signatures_are_none() {
        Request both =
                signer("s3")
                        .presign(
                                request(),
                                new Payload.Unsigned(),
                                EMPTY,
                                NOW,
                                Duration.ofSeconds(60));

        assertThat(refusal(both.with(both.headers().plus("Authorization", GOOD))))
                .isEqualTo(Refusal.INCOMPLETE);
    }

    @Test
    void another_secret_is_a_mismatch_and_so_is_another_body() {
        Request whole = signer("sts").sign(request(), new Payload.Whole(), EMPTY, NOW);
        assertThat(verifier.verify(signed(whole), SECRET + "x", NOW, EMPTY))
                .isEqualTo(new Verdict.Refused(Refusal.MISMATCH));
        assertThat(verifier.verify(signed(whole), SECRET, NOW, "1" + EMPTY.substring(1)))
                .isEqualTo(new Verdict.Refused(Refusal.MISMATCH));

        Request declared = signer("s3").sign(request(), new Payload.Declared(EMPTY), EMPTY, NOW);
        assertThat(verifier.verify(signed(declared), SECRET, NOW, "1" + EMPTY.substring(1)))
                .isEqualTo(new Verdict.Refused(Refusal.PAYLOAD));
        assertThat(verifier.verify(signed(declared), SECRET, NOW))
                .isInstanceOf(Verdict.Verified.class);
    }

    @Test
    void a_signed_header_that_is_gone_is_a_mismatch() {
        Request signed =
                signer("sts")
                        .sign(
                                request().with(request().headers().plus("x-empty", "")),
                                new Payload.Whole(),
                                EMPTY,
                                NOW);

        assertThat(verify(signed.with(signed.headers().without("x-empty")), NOW))
                .isEqualTo(new Verdict.Refused(Refusal.MISMATCH));
    }

    @Test
    void no_secret_shows_in_any_text() {
        var signer =
                new RequestSigner(
                        "AKID", SECRET, Optional.of("the-session-token"), "us-east-1", "sts");
        Request request = signer.sign(request(), new Payload.Whole(), EMPTY, NOW);
        Signature.Signed signed = signed(request);
        String shown =
                signer
                        + " "
                        + request
                        + " "
                        + request.headers()
                        + " "
                        + signed
                        + " "
                        + verifier.verify(signed, SECRET, NOW, EMPTY)
                        + " "
                        + verifier.verify(signed, "other", NOW, EMPTY);

        assertThat(shown).doesNotContain(SECRET, "the-session-token", signed.value());
    }

    @Test
    void only_so_many_derived_keys_are_kept() {
        var keys = new SigningKeys(3);
        for (int day = 10; day < 20; day++) {
            keys.key(SECRET, new Scope("AKID", "201508" + day, "us-east-1", "sts"));
        }

        assertThat(keys.size()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void every_refusal_has_a_name_a_status_and_a_message_in_every_dialect(Refusal refusal) {
        for (Dialect dialect : Dialect.values()) {
            assertThat(refusal.code(dialect)).isNotBlank();
            assertThat(refusal.status(dialect)).isBetween(400, 403);
            assertThat(refusal.message(dialect)).isNotBlank();
        }
    }

    @Test
    void the_names_are_aws_s() {
        assertThat(names(Dialect.JSON))
                .contains(
                        "MissingAuthenticationTokenException",
                        "IncompleteSignatureException",
                        "UnrecognizedClientException",
                        "InvalidSignatureException",
                        "ExpiredTokenException");
        assertThat(names(Dialect.QUERY))
                .contains(
                        "MissingAuthenticationToken",
                        "IncompleteSignature",
                        "InvalidClientTokenId",
                        "SignatureDoesNotMatch",
                        "RequestExpired");
        assertThat(names(Dialect.S3))
                .contains(
                        "AccessDenied",
                        "InvalidAccessKeyId",
                        "SignatureDoesNotMatch",
                        "RequestTimeTooSkewed",
                        "XAmzContentSHA256Mismatch");
    }

    private static Set<String> names(Dialect dialect) {
        return Stream.of(Refusal.values())
                .map(refusal -> refusal.code(dialect))
                .collect(Collectors.toSet());
    }

    private static RequestSigner signer(String service) {
        return new RequestSigner("AKID", SECRET, Optional.empty(), "us-east-1", service);
    }

    private static Request request() {
        return get(Headers.of("Host", "localhost:4580"));
    }

    private static Request get(Headers headers) {
        return new Request("GET", "/a/b", "x=1", headers);
    }

    private Verdict verify(Request request, Instant now) {
        return verifier.verify(signed(request), SECRET, now, EMPTY);
    }

    private static Signature.Signed signed(Request request) {
        if (Signature.read(request) instanceof Signature.Signed signed) {
            return signed;
        }
        throw new AssertionError("not a signed request: " + Signature.read(request));
    }

    private static Refusal refusal(Request request) {
        if (Signature.read(request) instanceof Signature.Malformed(Refusal refusal, _)) {
            return refusal;
        }
        throw new AssertionError("not a malformed signature: " + Signature.read(request));
    }
}

package dev.cairn.aws.sigv4;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Request;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import software.amazon.awssdk.checksums.DefaultChecksumAlgorithm;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner.AuthLocation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/// What is signed, by us or by AWS's own SDK, is verified; what is changed afterwards is not.
class SignaturePropertiesTest {

    private static final Instant NOW = Instant.parse("2026-11-20T23:59:59Z");
    private static final String KEY = "AKIDEXAMPLE";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private final SignatureVerifier verifier = new SignatureVerifier(16);

    /// A request to sign.
    record Draft(
            String method,
            List<String> segments,
            List<String> parameters,
            String header,
            String content) {

        byte[] body() {
            return content.getBytes(StandardCharsets.UTF_8);
        }

        String path() {
            return "/"
                    + segments.stream()
                            .map(SignaturePropertiesTest::encode)
                            .collect(Collectors.joining("/"));
        }

        String query() {
            return parameters.stream()
                    .map(SignaturePropertiesTest::encode)
                    .map(p -> p + "=" + p)
                    .collect(Collectors.joining("&"));
        }

        Request request() {
            return new Request(
                    method,
                    path(),
                    query(),
                    Headers.of("Host", "localhost:4580", "X-Amz-Some", header, "X-Some", "a, b"));
        }

        String sha256() {
            return HexFormat.of().formatHex(SigningKeys.sha256().digest(body()));
        }

        @Override
        public String toString() {
            return request() + "?" + query() + " " + header + " " + content;
        }
    }

    @Provide
    Arbitrary<Draft> drafts() {
        Arbitrary<String> text =
                Arbitraries.of(
                                " !\"#$%&'()*+,-./:;<=>?@[]^_`{|}~aZ09äß€😀"
                                        .codePoints()
                                        .mapToObj(Character::toString)
                                        .toList())
                        .list()
                        .ofMinSize(1)
                        .ofMaxSize(8)
                        .map(characters -> String.join("", characters));
        return Combinators.combine(
                        Arbitraries.of("GET", "POST", "PUT", "DELETE"),
                        text.filter(segment -> !segment.equals(".") && !segment.equals(".."))
                                .list()
                                .ofMaxSize(4),
                        text.list().ofMaxSize(3),
                        Arbitraries.strings()
                                .withCharRange('!', '~')
                                .ofMinLength(1)
                                .ofMaxLength(20),
                        Arbitraries.strings().ofMaxLength(20))
                .as(Draft::new);
    }

    @Provide
    Arbitrary<String> services() {
        return Arbitraries.of("cloudtrail", "s3");
    }

    @Property(tries = 200)
    void what_we_sign_is_verified(
            @ForAll("drafts") Draft draft, @ForAll("services") String service) {
        assertThat(
                        verify(
                                signer(service)
                                        .sign(
                                                draft.request(),
                                                new Payload.Whole(),
                                                draft.sha256(),
                                                NOW),
                                draft))
                .isInstanceOf(Verdict.Verified.class);
        assertThat(verify(presigned(draft, service), draft)).isInstanceOf(Verdict.Verified.class);
    }

    @Property(tries = 25)
    void no_byte_of_what_is_signed_can_be_changed(
            @ForAll("drafts") Draft draft,
            @ForAll("services") String service,
            @ForAll("bits") int bit) {
        for (Request signed :
                List.of(
                        signer(service)
                                .sign(
                                        draft.request(),
                                        new Payload.Declared(draft.sha256()),
                                        draft.sha256(),
                                        NOW),
                        presigned(draft, service))) {
            for (Request changed : changes(signed, bit)) {
                if (!sameMeaning(signed, changed, service)) {
                    assertThat(accepted(changed, draft))
                            .as(
                                    changed
                                            + "?"
                                            + changed.rawQuery()
                                            + " "
                                            + changed.headers().fields())
                            .isFalse();
                }
            }
        }
    }

    @Provide
    Arbitrary<Integer> bits() {
        return Arbitraries.integers().between(0, 6);
    }

    @Property(tries = 100)
    void what_the_sdk_signs_is_verified(
            @ForAll("drafts") Draft draft,
            @ForAll("services") String service,
            @ForAll boolean session) {
        for (AuthLocation location : AuthLocation.values()) {
            SignedRequest signed = sdk(draft, service, location, session, false);

            Request request = request(signed.request());
            assertThat(verify(request, draft))
                    .as(location + " " + service + " " + request + "?" + request.rawQuery())
                    .isInstanceOf(Verdict.Verified.class);
            if (Signature.read(request) instanceof Signature.Signed read) {
                assertThat(read.scope().region()).isEqualTo("eu-central-1");
                assertThat(read.scope().service()).isEqualTo(service);
                assertThat(read.securityToken().isPresent()).isEqualTo(session);
            }
        }
    }

    @Property(tries = 50)
    void bodies_that_the_sdk_signs_in_chunks_are_read(
            @ForAll("drafts") Draft draft, @ForAll boolean payloadSigned) throws IOException {
        SignedRequest signed = sdk(draft, "s3", AuthLocation.HEADER, false, true, payloadSigned);
        Request request = request(signed.request());
        byte[] sent = signed.payload().orElseThrow().newStream().readAllBytes();

        if (Signature.read(request) instanceof Signature.Signed read
                && read.payload() instanceof Payload.Chunked
                && verifier.verify(read, SECRET, NOW) instanceof Verdict.Verified verified) {
            long length =
                    Long.parseLong(
                            request.headers().first("x-amz-decoded-content-length").orElseThrow());
            var in =
                    new AwsChunkedInputStream(
                            new ByteArrayInputStream(sent),
                            verified,
                            OptionalLong.of(length),
                            1 << 20);
            assertThat(in.readAllBytes()).isEqualTo(draft.body());
            assertThat(in.trailers().first("x-amz-checksum-crc32")).isPresent();
        } else {
            throw new AssertionError(
                    "not verified as chunked: " + Signature.read(request) + " " + request);
        }
    }

    private SignedRequest sdk(
            Draft draft, String service, AuthLocation location, boolean session, boolean chunked) {
        return sdk(draft, service, location, session, chunked, true);
    }

    private static SignedRequest sdk(
            Draft draft,
            String service,
            AuthLocation location,
            boolean session,
            boolean chunked,
            boolean payloadSigned) {
        var http =
                SdkHttpFullRequest.builder()
                        .method(SdkHttpMethod.fromValue(draft.method()))
                        .uri(URI.create("https://localhost:4580" + draft.path()))
                        .putHeader("X-Amz-Some", draft.header());
        if (chunked) {
            http.putHeader("Content-Length", String.valueOf(draft.body().length));
        }
        draft.parameters().forEach(parameter -> http.appendRawQueryParameter(parameter, parameter));
        AwsCredentialsIdentity identity =
                session
                        ? AwsSessionCredentialsIdentity.create(KEY, SECRET, "a/token+with=signs")
                        : AwsCredentialsIdentity.create(KEY, SECRET);
        return AwsV4HttpSigner.create()
                .sign(sign -> {
                    sign.identity(identity)
                            .request(http.build())
                            .payload(ContentStreamProvider.fromByteArray(draft.body()))
                            .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                            .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-central-1")
                            .putProperty(AwsV4HttpSigner.AUTH_LOCATION, location)
                            .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, !service.equals("s3"))
                            .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, !service.equals("s3"))
                            .putProperty(
                                    HttpSigner.SIGNING_CLOCK, Clock.fixed(NOW, ZoneOffset.UTC));
                    if (location == AuthLocation.QUERY_STRING) {
                        sign.putProperty(AwsV4HttpSigner.EXPIRATION_DURATION, Duration.ofMinutes(5))
                                .putProperty(
                                        AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED,
                                        !service.equals("s3"));
                    }
                    if (chunked) {
                        sign.putProperty(AwsV4HttpSigner.CHUNK_ENCODING_ENABLED, true)
                                .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, payloadSigned)
                                .putProperty(
                                        AwsV4HttpSigner.CHECKSUM_ALGORITHM,
                                        DefaultChecksumAlgorithm.CRC32);
                    }
                });
    }

    private static Request request(SdkHttpRequest signed) {
        Headers headers = Headers.NONE;
        for (var entry : signed.headers().entrySet()) {
            for (String value : entry.getValue()) {
                headers = headers.plus(entry.getKey(), value);
            }
        }
        return new Request(
                signed.method().name(),
                signed.encodedPath(),
                signed.encodedQueryParameters().orElse(""),
                headers);
    }

    private static RequestSigner signer(String service) {
        return new RequestSigner(KEY, SECRET, Optional.empty(), "us-east-1", service);
    }

    private static Request presigned(Draft draft, String service) {
        return signer(service)
                .presign(
                        draft.request(),
                        service.equals("s3") ? new Payload.Unsigned() : new Payload.Whole(),
                        draft.sha256(),
                        NOW,
                        Duration.ofMinutes(5));
    }

    private Verdict verify(Request request, Draft draft) {
        if (Signature.read(request) instanceof Signature.Signed signed) {
            return verifier.verify(signed, SECRET, NOW, draft.sha256());
        }
        throw new AssertionError("not a signed request: " + Signature.read(request));
    }

    private boolean accepted(Request request, Draft draft) {
        // Another key id means another secret: it is what is looked up, not what is signed.
        return Signature.read(request) instanceof Signature.Signed signed
                && signed.scope().accessKeyId().equals(KEY)
                && verifier.verify(signed, SECRET, NOW, draft.sha256()) instanceof Verdict.Verified;
    }

    /// The request with one bit changed at every place in turn.
    private static List<Request> changes(Request request, int bit) {
        var changes = new ArrayList<Request>();
        for (String method : flips(request.method(), bit)) {
            changes.add(
                    new Request(method, request.rawPath(), request.rawQuery(), request.headers()));
        }
        for (String path : flips(request.rawPath(), bit)) {
            changes.add(new Request(request.method(), path, request.rawQuery(), request.headers()));
        }
        for (String query : flips(request.rawQuery(), bit)) {
            changes.add(new Request(request.method(), request.rawPath(), query, request.headers()));
        }
        for (int i = 0; i < request.headers().fields().size(); i++) {
            var field = request.headers().fields().get(i);
            for (String value : flips(field.value(), bit)) {
                var fields = new ArrayList<>(request.headers().fields());
                fields.set(i, new Headers.Field(field.name(), value));
                changes.add(request.with(new Headers(fields)));
            }
        }
        return changes;
    }

    private static List<String> flips(String text, int bit) {
        var flips = new ArrayList<String>();
        for (int i = 0; i < text.length(); i++) {
            var changed = new StringBuilder(text);
            changed.setCharAt(i, (char) (text.charAt(i) ^ (1 << bit)));
            flips.add(changed.toString());
        }
        return flips;
    }

    /// Some changes change nothing: `%2f` for `%2F`, a blank more, a comma's place in the
    /// Authorization header.
    private static boolean sameMeaning(Request a, Request b, String service) {
        boolean samePath =
                service.equals("s3")
                        ? Canonical.s3Path(a.rawPath()).equals(Canonical.s3Path(b.rawPath()))
                        : Canonical.path(a.rawPath()).equals(Canonical.path(b.rawPath()));
        return a.method().equals(b.method())
                && samePath
                && meaning(a.rawQuery()).equals(meaning(b.rawQuery()))
                && blanksApart(a.headers()).equals(blanksApart(b.headers()));
    }

    private static Set<String> meaning(String query) {
        return Arrays.stream(query.split("&", -1))
                .filter(part -> !part.isEmpty())
                .map(part -> part.contains("=") ? part : part + "=")
                .map(part ->
                        Arrays.stream(part.split("=", 2))
                                .map(half -> HexFormat.of().formatHex(Percent.decodeQuery(half)))
                                .collect(Collectors.joining("=")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> blanksApart(Headers headers) {
        return headers.fields().stream()
                .map(field ->
                        field.name() + ":" + field.value().strip().replaceAll("[ \t\r\n]+", " "))
                .toList();
    }

    private static String encode(String text) {
        return Percent.encode(text.getBytes(StandardCharsets.UTF_8));
    }
}

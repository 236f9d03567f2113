package dev.cairn.aws.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Violations;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Whatever comes in, a value comes out: a call or an error, never an exception, and any error can
/// be written.
class CodecPropertiesTest {

    private final ServiceCatalog catalog = new ServiceCatalog();
    private final Codecs codecs = new Codecs();

    @Provide
    Arbitrary<byte[]> bodies() {
        Arbitrary<String> words =
                Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ":",
                        ",",
                        "\"",
                        "\"Name\"",
                        "\"EventSelectors\"",
                        "\"auditEvents\"",
                        "\\ud83d",
                        "\\u0000",
                        "null",
                        "true",
                        "-1",
                        "1e400",
                        "0.1",
                        "NaN",
                        "\u0000",
                        "é",
                        "😀",
                        "&",
                        "=",
                        "%",
                        "%f",
                        "%ff",
                        "+",
                        "Action=AssumeRole",
                        "&Version=2011-06-15",
                        "&Tags.member.1.Key",
                        ".",
                        "Tags",
                        "member",
                        "1",
                        "99999999999",
                        "DurationSeconds");
        return Arbitraries.oneOf(
                words.list()
                        .ofMaxSize(30)
                        .map(list -> String.join("", list).getBytes(StandardCharsets.UTF_8)),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(64));
    }

    @Property(tries = 2000)
    void a_codec_answers_anything_with_a_value(
            @ForAll("bodies") byte[] body, @ForAll("bodies") byte[] query) {
        String rawQuery = new String(query, StandardCharsets.ISO_8859_1);
        for (Request request :
                List.of(
                        request(
                                "POST",
                                "/",
                                rawQuery,
                                "X-Amz-Target",
                                "CloudTrail_20131101.PutEventSelectors"),
                        request("POST", "/PutAuditEvents", rawQuery, "x", "y"),
                        request(
                                "POST",
                                "/",
                                rawQuery,
                                "Content-Type",
                                "application/x-www-form-urlencoded"),
                        request("GET", "/" + rawQuery, rawQuery, "x", rawQuery))) {
            for (String name : List.of("cloudtrail", "cloudtrail-data", "sts", "lambda")) {
                ServiceModel model = catalog.model(catalog.named(name).orElseThrow());
                if (codecs.choose(model, request) instanceof Codecs.Choice.Spoken(Codec codec)) {
                    switch (codec.parse(model, request, body)) {
                        case Call.Parsed(var operation, var input) ->
                                operation.input().ifPresent(shape -> Violations.in(input, shape));
                        case Call.Refused(_, WireError error) ->
                                assertThat(codec.writeError(model, error, "id").status())
                                        .isBetween(400, 404);
                    }
                }
            }
        }
    }

    private static Request request(
            String method, String path, String query, String header, String value) {
        return new Request(method, path, query, Headers.of(header, value));
    }
}

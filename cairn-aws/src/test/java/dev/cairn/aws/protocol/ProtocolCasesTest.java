package dev.cairn.aws.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.protocol.ProtocolCases.Case;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Runs AWS's protocol cases against the codecs: inputs must be read as the parameters they were
/// made of, results must be written as AWS writes them. Cases that are only about clients are
/// listed, each with its reason, in `protocol-cases-not-run.json`; a listed case that would pass
/// fails the list.
class ProtocolCasesTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> FILES =
            List.of(
                    "json.json",
                    "json_1_0.json",
                    "json_1_0-query-compatible.json",
                    "query.json",
                    "rest-json.json",
                    "rest-xml.json",
                    "smithy-rpc-v2-cbor.json",
                    "smithy-rpc-v2-cbor-query-compatible.json",
                    "smithy-rpc-v2-cbor-non-query-compatible.json");
    private static final List<String> LEGACY =
            List.of("json.json", "query.json", "rest-json.json", "rest-xml.json");

    private static final Pattern OFFSET =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d");

    @TestFactory
    Stream<DynamicTest> requests_are_read_as_the_parameters_they_were_made_of() throws IOException {
        return run("input", this::checkInput);
    }

    @TestFactory
    Stream<DynamicTest> results_are_written_as_aws_writes_them() throws IOException {
        return run("output", this::checkOutput);
    }

    private interface Check {
        void of(Case one) throws Exception;
    }

    private Stream<DynamicTest> run(String side, Check check) throws IOException {
        if (!ProtocolCases.present()) {
            assertThat(System.getenv("CAIRN_REAL_DATA"))
                    .as("no cases at " + ProtocolCases.FOLDER)
                    .isNotEqualTo("required");
            return Stream.of(
                    dynamicTest(
                            "no cases",
                            () -> assumeTrue(false, "no cases at " + ProtocolCases.FOLDER)));
        }
        var cases = new ArrayList<Case>();
        FILES.forEach(file -> cases.addAll(ProtocolCases.read(side + "/" + file)));
        LEGACY.forEach(file -> cases.addAll(ProtocolCases.read("legacy/" + side + "/" + file)));
        Map<String, String> notRun = notRun(side);
        System.out.printf(
                "protocol cases, %s: %d run, %d listed as not for servers%n",
                side, cases.size() - notRun.size(), notRun.size());
        assertThat(cases.stream().map(Case::id))
                .as("the list of cases not run")
                .containsAll(notRun.keySet());
        return cases.stream()
                .map(one ->
                        dynamicTest(
                                one.id(),
                                () -> {
                                    if (!notRun.containsKey(one.id())) {
                                        try {
                                            check.of(one);
                                        } catch (AssertionError | IllegalArgumentException e) {
                                            throw new AssertionError(
                                                    one.id()
                                                            + ": "
                                                            + e.getMessage()
                                                            + " in "
                                                            + one.json(),
                                                    e);
                                        }
                                        return;
                                    }
                                    boolean passes;
                                    try {
                                        check.of(one);
                                        passes = true;
                                    } catch (AssertionError
                                            | IllegalArgumentException
                                            | IllegalStateException
                                            | IOException _) {
                                        passes = false;
                                    }
                                    assertThat(passes)
                                            .as("listed as not run, but it passes")
                                            .isFalse();
                                }));
    }

    private static Map<String, String> notRun(String side) throws IOException {
        try (InputStream in =
                ProtocolCasesTest.class.getResourceAsStream("protocol-cases-not-run.json")) {
            var reasons = new TreeMap<String, String>();
            for (JsonNode group : JSON.readTree(in).path(side)) {
                group.path("cases")
                        .forEach(id -> reasons.put(id.asText(), group.path("reason").asText()));
            }
            return reasons;
        }
    }

    private void checkInput(Case one) {
        JsonNode serialized = one.json().path("serialized");
        String uri = serialized.path("uri").asText();
        int mark = uri.indexOf('?');
        Headers headers = Headers.NONE;
        for (var header : serialized.path("headers").properties()) {
            headers = headers.plus(header.getKey(), header.getValue().asText());
        }
        String prefix = one.model().metadata().targetPrefix().orElse("");
        if (!prefix.isEmpty() && !headers.has("x-amz-target")) {
            // Cases about something else leave it out; without it there is no operation.
            headers = headers.plus("X-Amz-Target", prefix + "." + one.operation());
        }
        var request =
                new Request(
                        serialized
                                .path("method")
                                .asText(
                                        one.json()
                                                .path("given")
                                                .path("http")
                                                .path("method")
                                                .asText("POST")),
                        mark < 0 ? uri : uri.substring(0, mark),
                        mark < 0 ? "" : uri.substring(mark + 1),
                        headers);
        String text = serialized.path("body").asText("");
        byte[] body =
                headers.has("smithy-protocol")
                        ? Base64.getDecoder().decode(text)
                        : text.getBytes(StandardCharsets.UTF_8);

        Call call = codec(one, request).parse(one.model(), request, body);

        assertThat(call)
                .as("of %s %s", serialized, one.json().path("params"))
                .isInstanceOf(Call.Parsed.class);
        if (call instanceof Call.Parsed(Operation operation, ObjectNode input)) {
            assertThat(operation.name()).isEqualTo(one.operation());
            JsonNode params = one.json().path("params");
            JsonNode expected =
                    ProtocolCases.document(
                            params.isMissingNode() ? JSON.createObjectNode() : params,
                            operation.input().orElse(Nothing.SHAPE));
            assertThat(ProtocolCases.same(expected, input))
                    .as("expected %s, got %s from %s", expected, input, serialized)
                    .isTrue();
        }
    }

    private void checkOutput(Case one) throws IOException {
        Operation operation = one.model().operation(one.operation()).orElseThrow();
        JsonNode expected = one.json().path("response");
        var request = new Request("POST", "/", "", Headers.NONE);
        Codec codec = codec(one, request);
        String requestId = expected.path("headers").path("X-Amzn-Requestid").asText("request-id");
        Response response =
                one.json().has("errorCode")
                        ? codec.writeError(one.model(), error(one), requestId)
                        : codec.write(
                                one.model(),
                                operation,
                                (ObjectNode)
                                        ProtocolCases.document(
                                                one.json().path("result"),
                                                operation.output().orElse(Nothing.SHAPE)),
                                requestId);

        assertThat(response.status()).isEqualTo(expected.path("status_code").asInt());
        for (var header : expected.path("headers").properties()) {
            if (!header.getKey().equals("Content-Length")) { // framing is the front door's
                assertThat(response.headers().first(header.getKey()))
                        .as(header.getKey())
                        .contains(inUtc(header.getValue().asText()));
            }
        }
        if (expected.has("body")) {
            checkBody(one, inUtc(expected.path("body").asText()), response, codec.protocol());
        }
    }

    /// Clients must take any offset; we write UTC, as `Z`.
    private static String inUtc(String text) {
        return OFFSET.matcher(text)
                .replaceAll(found -> OffsetDateTime.parse(found.group()).toInstant().toString());
    }

    private static void checkBody(Case one, String expected, Response response, Protocol protocol)
            throws IOException {
        if (protocol == Protocol.RPC_V2_CBOR) {
            checkCbor(expected, response.body());
        } else if (expected.isBlank()) {
            assertThat(response.text()).isIn("", "{}");
        } else if (protocol == Protocol.REST_XML
                && one.id().startsWith("legacy/output/rest-xml")
                && expected.strip().startsWith("<")) {
            // Old cases make up the root's name, which no client looks at.
            assertThat(XmlTree.of(response.text()).children())
                    .isEqualTo(XmlTree.of(expected.replace("SomeType", "Sender")).children());
        } else if (protocol == Protocol.QUERY
                || (protocol == Protocol.REST_XML && expected.strip().startsWith("<"))) {
            assertThat(XmlTree.of(response.text()))
                    .isEqualTo(XmlTree.of(expected.replace("SomeType", "Sender")));
        } else if (response.headers().first("content-type").orElse("").contains("json")) {
            JsonNode want = JSON.readTree(expected);
            JsonNode got = JSON.readTree(response.text());
            if (want.path("__type").asText().contains("#")) {
                ((ObjectNode) want).put("__type", want.path("__type").asText().split("#", -1)[1]);
            }
            assertThat(ProtocolCases.same(want, got)).as("expected %s, got %s", want, got).isTrue();
        } else {
            assertThat(response.text()).isEqualTo(expected);
        }
    }

    private static void checkCbor(String expected, byte[] body) {
        JsonNode want = tree(Base64.getDecoder().decode(expected));
        if (want.path("__type").asText().contains("#")) {
            ((ObjectNode) want).put("__type", want.path("__type").asText().split("#", -1)[1]);
        }
        JsonNode got = tree(body);
        assertThat(ProtocolCases.same(want, got)).as("expected %s, got %s", want, got).isTrue();
    }

    /// Clients must take an empty body for an empty structure.
    private static JsonNode tree(byte[] cbor) {
        return CallReader.cbor(cbor).orElseGet(JSON::createObjectNode);
    }

    /// The case names the error by the code on the wire; we name it by its shape.
    private static WireError error(Case one) {
        String code = one.json().path("errorCode").asText();
        Optional<Shape.Structure> shape =
                one.model().shapes().stream()
                        .filter(Shape.Structure.class::isInstance)
                        .map(Shape.Structure.class::cast)
                        .filter(structure ->
                                structure
                                        .error()
                                        .flatMap(Shape.ErrorTrait::code)
                                        .equals(Optional.of(code)))
                        .findFirst()
                        .or(() -> one.model().error(code));
        ObjectNode members = one.json().path("error").deepCopy();
        String message = one.json().path("errorMessage").asText("");
        for (String name : List.of("message", "Message")) {
            if (members.has(name)) {
                message = members.remove(name).asText();
            }
        }
        boolean fault =
                shape.flatMap(Shape.Structure::error).map(Shape.ErrorTrait::fault).orElse(false);
        return new WireError(
                shape.map(Shape.Structure::name).orElse(code),
                message,
                Optional.empty(),
                !fault,
                (ObjectNode) ProtocolCases.document(members, shape.orElse(Nothing.SHAPE)));
    }

    private static Codec codec(Case one, Request request) {
        return switch (new Codecs().choose(one.model(), request)) {
            case Codecs.Choice.Spoken(Codec codec) -> codec;
            case Codecs.Choice.NotSpoken(_, String message) -> throw new AssertionError(message);
        };
    }
}

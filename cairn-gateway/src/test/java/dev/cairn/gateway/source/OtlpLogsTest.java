package dev.cairn.gateway.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Against the messages that OpenTelemetry publishes, written by protobuf's own library.
class OtlpLogsTest {
    private static final long NANOS = 1_795_248_001_500_000_000L;

    private final Source protobuf = new OtlpLogs(OtlpLogs.Encoding.PROTOBUF);
    private final Source json = new OtlpLogs(OtlpLogs.Encoding.JSON);

    private static KeyValue text(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static LogRecord.Builder record() {
        return LogRecord.newBuilder()
                .setTimeUnixNano(NANOS)
                .setObservedTimeUnixNano(NANOS + 1)
                .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_INFO)
                .setSeverityText("INFO")
                .setEventName("invoice.delete")
                .setFlags(1)
                .setTraceId(ByteString.fromHex("5b8efff798038103d269b633813fc60c"))
                .setBody(AnyValue.newBuilder().setStringValue("deleted"))
                .addAttributes(text("user.name", "mary"))
                .addAttributes(text("client.address", "203.0.113.9"))
                .addAttributes(text("password", "hunter2"))
                .addAttributes(
                        KeyValue.newBuilder()
                                .setKey("invoice")
                                .setValue(
                                        AnyValue.newBuilder()
                                                .setKvlistValue(
                                                        KeyValueList.newBuilder()
                                                                .addValues(
                                                                        KeyValue.newBuilder()
                                                                                .setKey("number")
                                                                                .setValue(
                                                                                        AnyValue
                                                                                                .newBuilder()
                                                                                                .setIntValue(
                                                                                                        -7)))
                                                                .addValues(
                                                                        KeyValue.newBuilder()
                                                                                .setKey("lines")
                                                                                .setValue(
                                                                                        AnyValue
                                                                                                .newBuilder()
                                                                                                .setArrayValue(
                                                                                                        ArrayValue
                                                                                                                .newBuilder()
                                                                                                                .addValues(
                                                                                                                        AnyValue
                                                                                                                                .newBuilder()
                                                                                                                                .setDoubleValue(
                                                                                                                                        1.5))
                                                                                                                .addValues(
                                                                                                                        AnyValue
                                                                                                                                .newBuilder()
                                                                                                                                .setBoolValue(
                                                                                                                                        true))))))));
    }

    private static ExportLogsServiceRequest request(LogRecord... records) {
        return ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(
                        ResourceLogs.newBuilder()
                                .setSchemaUrl("https://example.com/schema")
                                .setResource(
                                        Resource.newBuilder()
                                                .addAttributes(text("service.name", "billing")))
                                .addScopeLogs(
                                        ScopeLogs.newBuilder()
                                                .setScope(
                                                        InstrumentationScope.newBuilder()
                                                                .setName("audit"))
                                                .addAllLogRecords(Arrays.asList(records))))
                .build();
    }

    @Test
    void a_log_record_is_an_event_by_its_attributes() throws Exception {
        var sifted = Listener.sift(protobuf, request(record().build()).toByteArray(), Listener.NOW);
        var event = Listener.events(sifted).getFirst();

        assertThat(event.path("eventSource").asText()).isEqualTo("billing");
        assertThat(event.path("eventName").asText()).isEqualTo("InvoiceDelete");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T08:00:01Z");
        assertThat(event.path("userIdentity").path("userName").asText()).isEqualTo("mary");
        assertThat(event.path("sourceIPAddress").asText()).isEqualTo("203.0.113.9");
        assertThat(event.path("requestID").asText()).isEqualTo("5b8efff798038103d269b633813fc60c");
        var asked = event.path("requestParameters");
        assertThat(asked.path("invoice").toString())
                .isEqualTo("{\"number\":-7,\"lines\":[1.5,true]}");
        assertThat(asked.path("body").asText()).isEqualTo("deleted");
        var original = event.path("additionalEventData").path("original");
        assertThat(original.path("resource").path("service.name").asText()).isEqualTo("billing");
        assertThat(original.path("scope").asText()).isEqualTo("audit");
        assertThat(original.path("record").path("severityNumber").asInt()).isEqualTo(9);
        assertThat(event.toString()).doesNotContain("hunter2");
    }

    @Test
    void json_says_the_same() throws Exception {
        var body =
                """
                {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"billing"}}]},\
                "scopeLogs":[{"scope":{"name":"audit"},"logRecords":[{"timeUnixNano":"%d","severityNumber":9,\
                "eventName":"invoice.delete","traceId":"5b8efff798038103d269b633813fc60c","body":{"stringValue":"deleted"},\
                "attributes":[{"key":"user.name","value":{"stringValue":"mary"}},\
                {"key":"client.address","value":{"stringValue":"203.0.113.9"}},\
                {"key":"invoice","value":{"kvlistValue":{"values":[{"key":"number","value":{"intValue":"-7"}}]}}}]}]}]}]}\
                """
                        .formatted(NANOS);
        var event = Listener.event(json, body);

        assertThat(event.path("eventName").asText()).isEqualTo("InvoiceDelete");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T08:00:01Z");
        assertThat(event.path("requestParameters").path("invoice").path("number").asInt())
                .isEqualTo(-7);
        assertThat(event.path("userIdentity").path("userName").asText()).isEqualTo("mary");
    }

    @Test
    void two_records_that_say_the_same_are_two_events_and_known_again() throws Exception {
        var body = request(record().build(), record().build()).toByteArray();
        var once = Listener.batch(Listener.sift(protobuf, body, Listener.NOW)).taken();
        var again =
                Listener.batch(Listener.sift(protobuf, body, Listener.NOW.plusSeconds(60))).taken();

        assertThat(once).hasSize(2);
        assertThat(once.get(0).id()).isNotEqualTo(once.get(1).id());
        assertThat(again.get(0).id()).isEqualTo(once.get(0).id());
        assertThat(again.get(1).id()).isEqualTo(once.get(1).id());
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE, /invoices/{id}, DeleteInvoicesId, false",
        "GET, /invoices, GetInvoices, true"
    })
    void a_call_over_http_is_named_by_its_route(
            String method, String route, String name, boolean readOnly) throws Exception {
        var log =
                LogRecord.newBuilder()
                        .addAttributes(text("http.request.method", method))
                        .addAttributes(text("http.route", route))
                        .addAttributes(text("error.type", "500"))
                        .build();
        var event =
                Listener.events(Listener.sift(protobuf, request(log).toByteArray(), Listener.NOW))
                        .getFirst();

        assertThat(event.path("eventName").asText()).isEqualTo(name);
        assertThat(event.path("readOnly").asBoolean()).isEqualTo(readOnly);
        assertThat(event.path("errorCode").asText()).isEqualTo("500");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T08:00:05Z");
    }

    @Test
    void bytes_that_are_no_message_are_refused_and_harm_nothing() throws Exception {
        var whole = request(record().build()).toByteArray();
        var random = new Random(11);
        for (var length = 0; length < whole.length; length++) {
            var cut = Arrays.copyOf(whole, length);
            var batch = Listener.batch(Listener.sift(protobuf, cut, Listener.NOW));
            assertThat(batch.taken()).isEmpty();
            assertThat(batch.refused()).hasSize(length == 0 ? 0 : 1);
            var flipped = whole.clone();
            flipped[length] ^= (byte) (1 << random.nextInt(8));
            // Whatever it makes of that, it makes it without failing.
            Listener.sift(protobuf, flipped, Listener.NOW);
        }
    }

    @Test
    void values_inside_each_other_without_end_are_refused() throws Exception {
        var value = AnyValue.newBuilder().setStringValue("in").build();
        for (var i = 0; i < 60; i++) {
            value =
                    AnyValue.newBuilder()
                            .setArrayValue(ArrayValue.newBuilder().addValues(value))
                            .build();
        }
        var body = request(LogRecord.newBuilder().setBody(value).build()).toByteArray();

        assertThat(Listener.batch(Listener.sift(protobuf, body, Listener.NOW)).refused())
                .hasSize(1);
        assertThat(
                        Listener.batch(
                                        Listener.sift(
                                                json,
                                                "{\"resourceLogs\":[7]}".getBytes(UTF_8),
                                                Listener.NOW))
                                .refused())
                .hasSize(1);
    }

    @Test
    void the_answer_is_one_that_exporters_read() throws Exception {
        var none = new OtlpLogs(OtlpLogs.Encoding.PROTOBUF).answer(0, "");
        var some = new OtlpLogs(OtlpLogs.Encoding.PROTOBUF).answer(300, "why é".repeat(50));

        assertThat(ExportLogsServiceResponse.parseFrom(none))
                .isEqualTo(ExportLogsServiceResponse.getDefaultInstance());
        var partial = ExportLogsServiceResponse.parseFrom(some).getPartialSuccess();
        assertThat(partial.getRejectedLogRecords()).isEqualTo(300);
        assertThat(partial.getErrorMessage()).isEqualTo("why é".repeat(50));
        assertThat(new String(new OtlpLogs(OtlpLogs.Encoding.JSON).answer(2, "why"), UTF_8))
                .isEqualTo(
                        "{\"partialSuccess\":{\"rejectedLogRecords\":\"2\",\"errorMessage\":\"why\"}}");
    }
}

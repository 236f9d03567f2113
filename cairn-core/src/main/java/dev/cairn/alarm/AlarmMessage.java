package dev.cairn.alarm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Statistic;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a topic is told of an alarm, and what its history keeps, in AWS's form.
final class AlarmMessage {
    private static final JsonFactory JSON = new JsonFactory();

    /// The longest subject of a topic's message.
    private static final int SUBJECT_CHARS_MAX = 100;

    private AlarmMessage() {}

    static String subject(Alarm alarm) {
        String text =
                "%s: \"%s\" in %s"
                        .formatted(
                                alarm.state().value(),
                                alarm.arn().name(),
                                alarm.arn().place().region());
        String ascii = text.replaceAll("[^ -~]", "?");
        return ascii.length() <= SUBJECT_CHARS_MAX ? ascii : ascii.substring(0, SUBJECT_CHARS_MAX);
    }

    /// The message.
    ///
    /// @param before the state it was in
    static String text(AlarmState before, Alarm alarm) {
        return json(json -> {
            json.writeStringField("AlarmName", alarm.arn().name());
            if (alarm.settings().description().isEmpty()) {
                json.writeNullField("AlarmDescription");
            } else {
                json.writeStringField("AlarmDescription", alarm.settings().description());
            }
            json.writeStringField("AWSAccountId", alarm.arn().place().account());
            json.writeStringField(
                    "AlarmConfigurationUpdatedTimestamp",
                    Evaluation.MOMENT.format(alarm.configured()));
            json.writeStringField("NewStateValue", alarm.state().value().name());
            json.writeStringField("NewStateReason", alarm.state().reason());
            json.writeStringField(
                    "StateChangeTime", Evaluation.MOMENT.format(alarm.state().updated()));
            json.writeStringField("Region", alarm.arn().place().region());
            json.writeStringField("AlarmArn", alarm.arn().toString());
            json.writeStringField("OldStateValue", before.value().name());
            actions(json, "OKActions", alarm, AlarmState.Value.OK);
            actions(json, "AlarmActions", alarm, AlarmState.Value.ALARM);
            actions(json, "InsufficientDataActions", alarm, AlarmState.Value.INSUFFICIENT_DATA);
            switch (alarm.subject()) {
                case Alarm.Composite(String rule) -> json.writeStringField("AlarmRule", rule);
                case Alarm.Metrics metrics -> trigger(json, metrics);
            }
        });
    }

    private static void actions(
            JsonGenerator json, String name, Alarm alarm, AlarmState.Value state)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (String action : alarm.settings().actions(state)) {
            json.writeString(action);
        }
        json.writeEndArray();
    }

    private static void trigger(JsonGenerator json, Alarm.Metrics watched) throws IOException {
        json.writeObjectFieldStart("Trigger");
        if (watched.single()
                && watched.watched().source()
                        instanceof
                        MetricQuery.Values(
                                Metric metric,
                                Duration period,
                                Statistic statistic,
                                Optional<String> unit)) {
            json.writeStringField("MetricName", metric.name());
            json.writeStringField("Namespace", metric.namespace());
            if (statistic.isPercentile()) {
                json.writeStringField("StatisticType", "ExtendedStatistic");
                json.writeStringField("ExtendedStatistic", statistic.name());
            } else {
                json.writeStringField("StatisticType", "Statistic");
                json.writeStringField("Statistic", upper(statistic));
            }
            json.writeStringField("Unit", unit.orElse(null));
            dimensions(json, "Dimensions", metric);
            json.writeNumberField("Period", period.toSeconds());
        }
        json.writeNumberField("EvaluationPeriods", watched.evaluationPeriods());
        if (watched.datapointsToAlarm().isPresent()) {
            json.writeNumberField("DatapointsToAlarm", watched.datapointsToAlarm().get());
        }
        json.writeStringField("ComparisonOperator", watched.comparison().wireName());
        json.writeNumberField("Threshold", watched.threshold());
        json.writeStringField(
                "TreatMissingData", watched.missingGiven() ? watched.missing().wireName() : "");
        json.writeStringField("EvaluateLowSampleCountPercentile", watched.lowSamples().orElse(""));
        if (!watched.single()) {
            json.writeArrayFieldStart("Metrics");
            for (MetricQuery query : watched.queries()) {
                query(json, query);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void query(JsonGenerator json, MetricQuery query) throws IOException {
        json.writeStartObject();
        json.writeStringField("Id", query.id());
        if (query.label().isPresent()) {
            json.writeStringField("Label", query.label().get());
        }
        json.writeBooleanField("ReturnData", query.shown());
        switch (query.source()) {
            case MetricQuery.Maths maths -> json.writeStringField("Expression", maths.text());
            case MetricQuery.Values values -> {
                json.writeObjectFieldStart("MetricStat");
                json.writeObjectFieldStart("Metric");
                dimensions(json, "Dimensions", values.metric());
                json.writeStringField("MetricName", values.metric().name());
                json.writeStringField("Namespace", values.metric().namespace());
                json.writeEndObject();
                json.writeNumberField("Period", values.period().toSeconds());
                json.writeStringField("Stat", values.statistic().name());
                json.writeEndObject();
            }
        }
        json.writeEndObject();
    }

    private static void dimensions(JsonGenerator json, String name, Metric metric)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (Map.Entry<String, String> one : metric.dimensions().entrySet()) {
            json.writeStartObject();
            json.writeStringField("value", one.getValue());
            json.writeStringField("name", one.getKey());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /// As messages have it: `SAMPLE_COUNT`.
    private static String upper(Statistic statistic) {
        return statistic.name().equals("SampleCount")
                ? "SAMPLE_COUNT"
                : statistic.name().toUpperCase(Locale.ROOT);
    }

    /// What the history keeps of a change of state.
    static String transition(AlarmState before, AlarmState after) {
        return json(json -> {
            json.writeStringField("version", "1.0");
            for (Map.Entry<String, AlarmState> one :
                    List.of(Map.entry("oldState", before), Map.entry("newState", after))) {
                json.writeObjectFieldStart(one.getKey());
                json.writeStringField("stateValue", one.getValue().value().name());
                json.writeStringField("stateReason", one.getValue().reason());
                if (!one.getValue().reasonData().isEmpty()) {
                    json.writeStringField("stateReasonData", one.getValue().reasonData());
                }
                json.writeEndObject();
            }
        });
    }

    private interface Content {
        void to(JsonGenerator json) throws IOException;
    }

    private static String json(Content content) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            content.to(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return text.toString();
    }
}

package dev.cairn.alarm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.alarm.AlarmState.Value;
import dev.cairn.metric.MetricQuery;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/// What state of an alarm follows from values: nothing else goes in, and nothing else comes out.
///
/// More periods are looked at than the alarm asks for, so that late values do not pass for missing
/// ones. Values that are there decide; only where there are too few, missing ones are made up for.
///
/// Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data".
///
/// @param state that follows
/// @param reason for people
/// @param reasonData for programs
public record Evaluation(Value state, String reason, String reasonData) {
    /// Periods that are looked at beyond those that the alarm asks for.
    static final int MORE_PERIODS = 2;

    /// How many values are told to programs: what is told has at most some 4,000 characters.
    static final int TOLD_MAX = 30;

    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter SHORT =
            DateTimeFormatter.ofPattern("dd/MM/yy HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    /// As AWS writes moments into texts.
    static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /// What is looked at.
    ///
    /// @param points values by the start of their period, in seconds since 1970
    /// @param end where the newest period ends
    /// @param period seconds
    /// @param now when that is
    public record Window(SortedMap<Long, Double> points, long end, long period, Instant now) {

        /// Where the oldest period begins.
        static long start(Alarm.Metrics watched, long end, long period) {
            return end - (watched.evaluationPeriods() + MORE_PERIODS) * period;
        }
    }

    /// Judges.
    ///
    /// @param current the state that the alarm is in
    public static Evaluation of(Alarm.Metrics watched, Value current, Window window) {
        List<Map.Entry<Long, Double>> there = new ArrayList<>();
        long start = Window.start(watched, window.end(), window.period());
        there.addAll(window.points().subMap(start, window.end()).entrySet());
        int asked = watched.evaluationPeriods();
        List<Map.Entry<Long, Double>> newest =
                there.subList(Math.max(0, there.size() - asked), there.size());
        int breaching = 0;
        for (Map.Entry<Long, Double> point : newest) {
            if (watched.comparison().breaches(point.getValue(), watched.threshold())) {
                breaching++;
            }
        }
        int filled = asked - newest.size();
        Value state =
                breaching >= watched.needed()
                        ? Value.ALARM
                        : filled == 0
                                ? Value.OK
                                : filled(watched, current, newest, breaching, window);
        return new Evaluation(
                state,
                reason(watched, state, newest, breaching, filled),
                data(watched, newest, window));
    }

    /// Where fewer are beyond the threshold than it takes, and some are missing.
    private static Value filled(
            Alarm.Metrics watched,
            Value current,
            List<Map.Entry<Long, Double>> newest,
            int breaching,
            Window window) {
        int filled = watched.evaluationPeriods() - newest.size();
        boolean all = breaching == newest.size();
        return switch (watched.missing()) {
            case NOT_BREACHING -> Value.OK;
            case BREACHING -> breaching + filled >= watched.needed() ? Value.ALARM : Value.OK;
            case IGNORE -> all ? current : Value.OK;
            case MISSING ->
                    newest.isEmpty()
                            ? Value.INSUFFICIENT_DATA
                            : all && age(newest.getFirst(), window) >= watched.needed()
                                    ? Value.ALARM
                                    : Value.OK;
        };
    }

    /// How many periods ago; 1 for the newest one.
    private static long age(Map.Entry<Long, Double> point, Window window) {
        return (window.end() - point.getKey()) / window.period();
    }

    private static String reason(
            Alarm.Metrics watched,
            Value state,
            List<Map.Entry<Long, Double>> newest,
            int breaching,
            int filled) {
        if (state == Value.INSUFFICIENT_DATA) {
            return "Insufficient Data: %d %s unknown."
                    .formatted(filled, filled == 1 ? "datapoint was" : "datapoints were");
        }
        if (newest.isEmpty()) {
            return "Threshold Crossed: no datapoints were received for %d %s and %d missing %s treated as [%s]."
                    .formatted(
                            filled,
                            filled == 1 ? "period" : "periods",
                            filled,
                            filled == 1 ? "datapoint was" : "datapoints were",
                            watched.missing().words());
        }
        boolean alarm = state == Value.ALARM;
        List<String> shown = new ArrayList<>();
        for (Map.Entry<Long, Double> point : newest.reversed()) {
            boolean beyond = watched.comparison().breaches(point.getValue(), watched.threshold());
            if (beyond == alarm) {
                shown.add(
                        "%s (%s)"
                                .formatted(
                                        point.getValue(),
                                        SHORT.format(Instant.ofEpochSecond(point.getKey()))));
            }
        }
        int count = alarm ? breaching : newest.size() - breaching;
        int minimum = alarm ? watched.needed() : watched.evaluationPeriods() - watched.needed() + 1;
        return "Threshold Crossed: %d out of the last %d datapoints %s %s %s%s the threshold (%s) (minimum %d datapoint%s for %s transition)."
                .formatted(
                        count,
                        watched.evaluationPeriods(),
                        shown,
                        count == 1 ? "was" : "were",
                        alarm ? "" : "not ",
                        watched.comparison().words(),
                        watched.threshold(),
                        minimum,
                        minimum == 1 ? "" : "s",
                        alarm ? "OK -> ALARM" : "ALARM -> OK");
    }

    private static String data(
            Alarm.Metrics watched, List<Map.Entry<Long, Double>> newest, Window window) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("version", "1.0");
            json.writeStringField("queryDate", MOMENT.format(window.now()));
            if (!newest.isEmpty()) {
                json.writeStringField("startDate", moment(newest.getFirst().getKey()));
            }
            if (watched.watched().source() instanceof MetricQuery.Values values) {
                json.writeStringField("statistic", values.statistic().name());
                if (values.unit().isPresent()) {
                    json.writeStringField("unit", values.unit().get());
                }
            }
            json.writeNumberField("period", window.period());
            List<Map.Entry<Long, Double>> told =
                    newest.subList(Math.max(0, newest.size() - TOLD_MAX), newest.size());
            json.writeArrayFieldStart("recentDatapoints");
            for (Map.Entry<Long, Double> point : told) {
                json.writeNumber(point.getValue());
            }
            json.writeEndArray();
            json.writeNumberField("threshold", watched.threshold());
            json.writeArrayFieldStart("evaluatedDatapoints");
            for (Map.Entry<Long, Double> point : told.reversed()) {
                json.writeStartObject();
                json.writeStringField("timestamp", moment(point.getKey()));
                json.writeNumberField("value", point.getValue());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return text.toString();
    }

    private static String moment(long second) {
        return MOMENT.format(Instant.ofEpochSecond(second));
    }
}

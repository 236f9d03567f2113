package dev.cairn.alarm;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Place;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Statistic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How alarms are written: `alarm` under `ACCOUNT/REGION/NAME`.
final class AlarmDocument {
    static final String KIND = "alarm";

    private static final String DESCRIPTION = "description";
    private static final String ENABLED = "actionsEnabled";
    private static final String ACTION = "action.";
    private static final String STATE = "state";
    private static final String REASON = "reason";
    private static final String REASON_DATA = "reasonData";
    private static final String UPDATED = "updated";
    private static final String TRANSITIONED = "transitioned";
    private static final String CONFIGURED = "configured";
    private static final String TAG = "tag.";
    private static final String RULE = "rule";
    private static final String SINGLE = "single";
    private static final String COMPARISON = "comparison";
    private static final String THRESHOLD = "threshold";
    private static final String PERIODS = "evaluationPeriods";
    private static final String NEEDED = "datapointsToAlarm";
    private static final String MISSING = "missing";
    private static final String MISSING_GIVEN = "missingGiven";
    private static final String LOW_SAMPLES = "lowSamples";

    private AlarmDocument() {}

    static String json(Alarm alarm) {
        Fields fields =
                Fields.none()
                        .with(DESCRIPTION, alarm.settings().description())
                        .with(ENABLED, Boolean.toString(alarm.settings().actionsEnabled()))
                        .with(CONFIGURED, alarm.configured().toString())
                        .with(STATE, alarm.state().value().name())
                        .with(REASON, alarm.state().reason())
                        .with(REASON_DATA, alarm.state().reasonData())
                        .with(UPDATED, alarm.state().updated().toString())
                        .with(TRANSITIONED, alarm.state().transitioned().toString());
        for (Map.Entry<AlarmState.Value, List<String>> actions :
                alarm.settings().actions().entrySet()) {
            for (int i = 0; i < actions.getValue().size(); i++) {
                fields =
                        fields.with(ACTION + actions.getKey() + '.' + i, actions.getValue().get(i));
            }
        }
        for (Map.Entry<String, String> tag : alarm.tags().entrySet()) {
            fields = fields.with(TAG + tag.getKey(), tag.getValue());
        }
        return switch (alarm.subject()) {
            case Alarm.Composite(String rule) -> fields.with(RULE, rule).json();
            case Alarm.Metrics metrics -> metrics(fields, metrics).json();
        };
    }

    private static Fields metrics(Fields before, Alarm.Metrics metrics) {
        Fields fields =
                before.with(SINGLE, Boolean.toString(metrics.single()))
                        .with(COMPARISON, metrics.comparison().name())
                        .with(THRESHOLD, Double.toString(metrics.threshold()))
                        .with(PERIODS, Integer.toString(metrics.evaluationPeriods()))
                        .with(MISSING, metrics.missing().name())
                        .with(MISSING_GIVEN, Boolean.toString(metrics.missingGiven()));
        if (metrics.datapointsToAlarm().isPresent()) {
            fields = fields.with(NEEDED, Integer.toString(metrics.datapointsToAlarm().get()));
        }
        if (metrics.lowSamples().isPresent()) {
            fields = fields.with(LOW_SAMPLES, metrics.lowSamples().get());
        }
        for (int i = 0; i < metrics.queries().size(); i++) {
            fields = query(fields, "query.%d.".formatted(i), metrics.queries().get(i));
        }
        return fields;
    }

    private static Fields query(Fields before, String prefix, MetricQuery query) {
        Fields fields =
                before.with(prefix + "id", query.id())
                        .with(prefix + "shown", Boolean.toString(query.shown()));
        if (query.label().isPresent()) {
            fields = fields.with(prefix + "label", query.label().get());
        }
        switch (query.source()) {
            case MetricQuery.Maths(String text, Optional<Duration> period) -> {
                fields = fields.with(prefix + "maths", text);
                if (period.isPresent()) {
                    fields = fields.with(prefix + "period", seconds(period.get()));
                }
            }
            case MetricQuery.Values(
                            Metric metric,
                            Duration period,
                            Statistic statistic,
                            Optional<String> unit) -> {
                fields =
                        fields.with(prefix + "namespace", metric.namespace())
                                .with(prefix + "name", metric.name())
                                .with(prefix + "period", seconds(period))
                                .with(prefix + "statistic", statistic.name());
                if (unit.isPresent()) {
                    fields = fields.with(prefix + "unit", unit.get());
                }
                for (Map.Entry<String, String> one : metric.dimensions().entrySet()) {
                    fields = fields.with(prefix + "dimension." + one.getKey(), one.getValue());
                }
            }
        }
        return fields;
    }

    private static String seconds(Duration period) {
        return Long.toString(period.toSeconds());
    }

    static Alarm read(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        AlarmArn arn = AlarmArn.ofKey(document.key());
        Map<AlarmState.Value, List<String>> actions = new EnumMap<>(AlarmState.Value.class);
        Map<String, String> tags = new TreeMap<>();
        for (String name : fields.names()) {
            if (name.startsWith(TAG)) {
                tags.put(name.substring(TAG.length()), fields.text(name));
            } else if (name.startsWith(ACTION)) {
                String state = name.substring(ACTION.length(), name.lastIndexOf('.'));
                actions.computeIfAbsent(AlarmState.Value.valueOf(state), _ -> new ArrayList<>())
                        .add(fields.text(name));
            }
        }
        return new Alarm(
                arn,
                new Alarm.Settings(
                        fields.text(DESCRIPTION),
                        Boolean.parseBoolean(fields.text(ENABLED)),
                        actions),
                fields.find(RULE).isPresent()
                        ? new Alarm.Composite(fields.text(RULE))
                        : metrics(arn.place(), fields),
                new AlarmState(
                        AlarmState.Value.valueOf(fields.text(STATE)),
                        fields.text(REASON),
                        fields.text(REASON_DATA),
                        Instant.parse(fields.text(UPDATED)),
                        Instant.parse(fields.text(TRANSITIONED))),
                Instant.parse(fields.text(CONFIGURED)),
                tags);
    }

    private static Alarm.Metrics metrics(Place place, Fields fields) throws CatalogException {
        List<MetricQuery> queries = new ArrayList<>();
        for (int i = 0; fields.find("query.%d.id".formatted(i)).isPresent(); i++) {
            queries.add(query(place, fields, "query.%d.".formatted(i)));
        }
        return new Alarm.Metrics(
                queries,
                Boolean.parseBoolean(fields.text(SINGLE)),
                Alarm.Comparison.valueOf(fields.text(COMPARISON)),
                Double.parseDouble(fields.text(THRESHOLD)),
                Integer.parseInt(fields.text(PERIODS)),
                fields.find(NEEDED).map(Integer::valueOf),
                Alarm.Missing.valueOf(fields.text(MISSING)),
                Boolean.parseBoolean(fields.text(MISSING_GIVEN)),
                fields.find(LOW_SAMPLES));
    }

    private static MetricQuery query(Place place, Fields fields, String prefix)
            throws CatalogException {
        Optional<Duration> period =
                fields.find(prefix + "period").map(Long::valueOf).map(Duration::ofSeconds);
        Optional<String> maths = fields.find(prefix + "maths");
        MetricQuery.Source source =
                maths.isPresent()
                        ? new MetricQuery.Maths(maths.get(), period)
                        : new MetricQuery.Values(
                                metric(place, fields, prefix),
                                period.orElseThrow(),
                                Statistic.of(fields.text(prefix + "statistic")).orElseThrow(),
                                fields.find(prefix + "unit"));
        return new MetricQuery(
                fields.text(prefix + "id"),
                source,
                fields.find(prefix + "label"),
                Boolean.parseBoolean(fields.text(prefix + "shown")));
    }

    private static Metric metric(Place place, Fields fields, String prefix)
            throws CatalogException {
        Map<String, String> dimensions = new TreeMap<>();
        String dimension = prefix + "dimension.";
        for (String name : fields.names()) {
            if (name.startsWith(dimension)) {
                dimensions.put(name.substring(dimension.length()), fields.text(name));
            }
        }
        return new Metric(
                place, fields.text(prefix + "namespace"), fields.text(prefix + "name"), dimensions);
    }
}

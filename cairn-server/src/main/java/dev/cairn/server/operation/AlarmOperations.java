package dev.cairn.server.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.alarm.Alarm;
import dev.cairn.alarm.AlarmArn;
import dev.cairn.alarm.AlarmHistory;
import dev.cairn.alarm.AlarmRule;
import dev.cairn.alarm.AlarmState;
import dev.cairn.alarm.Alarms;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.metric.Metric;
import dev.cairn.metric.MetricQuery;
import dev.cairn.metric.Statistic;
import dev.cairn.topic.TopicArn;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// CloudWatch's operations on alarms.
///
/// Source: Amazon CloudWatch API Reference.
final class AlarmOperations {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PAGE = 50;
    private static final Duration SPAN_MAX = Duration.ofDays(1);
    private static final Duration LONG_SPAN_MAX = Duration.ofDays(7);

    /// The most queries of one alarm.
    private static final int QUERIES_MAX = 20;

    private final Alarms alarms;
    private final AlarmHistory history;

    AlarmOperations(Alarms alarms, AlarmHistory history) {
        this.alarms = alarms;
        this.history = history;
    }

    // Putting.

    ObjectNode put(Invocation call, Transaction tx) throws CatalogException {
        var input = call.input();
        alarms.put(
                tx,
                new Alarms.Wanted(
                        arn(call, call.text("AlarmName", "")),
                        settings(call),
                        subject(call, input),
                        tags(input.path("Tags"))),
                call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    private static AlarmArn arn(Invocation call, String name) {
        if (!AlarmArn.isName(name)) {
            throw MetricCall.invalid("The value for parameter AlarmName is invalid.");
        }
        return new AlarmArn(MetricCall.place(call), name);
    }

    private static Alarm.Settings settings(Invocation call) {
        var actions = new EnumMap<AlarmState.Value, List<String>>(AlarmState.Value.class);
        actions.put(AlarmState.Value.OK, actions(call, "OKActions"));
        actions.put(AlarmState.Value.ALARM, actions(call, "AlarmActions"));
        actions.put(AlarmState.Value.INSUFFICIENT_DATA, actions(call, "InsufficientDataActions"));
        return new Alarm.Settings(
                call.text("AlarmDescription", ""),
                call.input().path("ActionsEnabled").asBoolean(true),
                actions);
    }

    private static List<String> actions(Invocation call, String member) {
        var actions = new ArrayList<String>();
        for (var one : call.input().path(member)) {
            var topic = TopicArn.of(one.asText());
            if (topic.isEmpty()) {
                throw one.asText().matches("arn:aws:[a-z0-9-]+:.*")
                        ? MetricCall.notBuilt("The action " + one.asText())
                        : MetricCall.invalid("Invalid arn syntax: " + one.asText());
            }
            if (!topic.get().region().equals(call.region())) {
                throw MetricCall.invalid(
                        "Invalid region %s specified. Only %s is supported."
                                .formatted(topic.get().region(), call.region()));
            }
            actions.add(one.asText());
        }
        return actions;
    }

    private static Alarm.Metrics subject(Invocation call, ObjectNode input) {
        var comparison =
                Alarm.Comparison.ofWire(call.text("ComparisonOperator", ""))
                        .orElseThrow(() ->
                                MetricCall.notBuilt(
                                        "ComparisonOperator %s, which needs an anomaly detection band,"
                                                .formatted(call.text("ComparisonOperator", ""))));
        if (input.has("ThresholdMetricId")) {
            throw MetricCall.notBuilt("ThresholdMetricId, a threshold that is a band,");
        }
        if (!input.has("Threshold")) {
            throw MetricCall.missing("The parameter Threshold is required.");
        }
        var threshold = input.path("Threshold").doubleValue();
        if (!Double.isFinite(threshold)) {
            throw MetricCall.invalid("The value for parameter Threshold is invalid.");
        }
        var periods = call.number("EvaluationPeriods", 1);
        var needed =
                input.has("DatapointsToAlarm")
                        ? Optional.of(call.number("DatapointsToAlarm", 1))
                        : Optional.<Integer>empty();
        if (needed.filter(some -> some > periods).isPresent()) {
            throw MetricCall.invalid(
                    "DatapointsToAlarm must be at most EvaluationPeriods, got %d and %d."
                            .formatted(needed.get(), periods));
        }
        var missing =
                Alarm.Missing.ofWire(call.text("TreatMissingData", "missing"))
                        .orElseThrow(() ->
                                MetricCall.invalid(
                                        "Invalid option for TreatMissingData: expected breaching, notBreaching, ignore or missing."));
        var lowSamples =
                Optional.ofNullable(input.path("EvaluateLowSampleCountPercentile").textValue());
        if (lowSamples.filter(text -> !text.equals("evaluate")).isPresent()) {
            throw lowSamples.get().equals("ignore")
                    ? MetricCall.notBuilt("EvaluateLowSampleCountPercentile ignore")
                    : MetricCall.invalid(
                            "EvaluateLowSampleCountPercentile must be evaluate or ignore.");
        }
        var single = !input.has("Metrics");
        var queries = single ? List.of(named(call)) : queries(call);
        checkSpan(queries, periods);
        return new Alarm.Metrics(
                queries,
                single,
                comparison,
                threshold,
                periods,
                needed,
                missing,
                input.has("TreatMissingData"),
                lowSamples);
    }

    private static MetricQuery named(Invocation call) {
        var input = call.input();
        for (var member : new String[] {"MetricName", "Namespace", "Period"}) {
            if (!input.has(member)) {
                throw MetricCall.missing("The parameter %s is required.".formatted(member));
            }
        }
        if (input.has("Statistic") == input.has("ExtendedStatistic")) {
            throw MetricCall.mismatch(
                    "Exactly one of Statistic and ExtendedStatistic must be specified.");
        }
        var period = call.number("Period", 60);
        if (period == 1 || period == 5) {
            throw MetricCall.invalid("Valid values for Period are 10, 20, 30 and multiples of 60.");
        }
        return new MetricQuery(
                "m1",
                new MetricQuery.Values(
                        MetricCall.metric(MetricCall.place(call), input, ""),
                        MetricCall.period(period),
                        MetricCall.statistic(
                                call.text("Statistic", call.text("ExtendedStatistic", ""))),
                        Optional.ofNullable(input.path("Unit").textValue())),
                Optional.empty(),
                true);
    }

    private static List<MetricQuery> queries(Invocation call) {
        for (var member :
                new String[] {
                    "MetricName",
                    "Namespace",
                    "Period",
                    "Statistic",
                    "ExtendedStatistic",
                    "Dimensions",
                    "Unit"
                }) {
            if (call.input().has(member)) {
                throw MetricCall.mismatch(
                        "%s must not be specified together with Metrics.".formatted(member));
            }
        }
        var asked = call.input().path("Metrics");
        if (asked.toString().contains("ANOMALY_DETECTION_BAND")) {
            throw MetricCall.notBuilt("ANOMALY_DETECTION_BAND");
        }
        var queries = MetricCall.queries(MetricCall.place(call), asked).all();
        if (queries.size() > QUERIES_MAX) {
            throw MetricCall.invalid("An alarm has at most %d queries.".formatted(QUERIES_MAX));
        }
        if (queries.stream().filter(MetricQuery::shown).count() != 1) {
            throw MetricCall.invalid("Exactly one element of the metrics list should return data.");
        }
        return queries;
    }

    private static void checkSpan(List<MetricQuery> queries, int periods) {
        var period =
                queries.stream()
                        .map(query ->
                                switch (query.source()) {
                                    case MetricQuery.Values values -> values.period();
                                    case MetricQuery.Maths maths ->
                                            maths.period().orElse(Duration.ZERO);
                                })
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO);
        var max = period.compareTo(Duration.ofHours(1)) >= 0 ? LONG_SPAN_MAX : SPAN_MAX;
        if (period.multipliedBy(periods).compareTo(max) > 0) {
            throw MetricCall.invalid(
                    "Metrics cannot be checked across more than %s (EvaluationPeriods * Period must be <= %d)."
                            .formatted(max.equals(SPAN_MAX) ? "a day" : "a week", max.toSeconds()));
        }
    }

    ObjectNode putComposite(Invocation call, Transaction tx) throws CatalogException {
        for (var member :
                new String[] {
                    "ActionsSuppressor",
                    "ActionsSuppressorWaitPeriod",
                    "ActionsSuppressorExtensionPeriod"
                }) {
            if (call.input().has(member)) {
                throw MetricCall.notBuilt(member);
            }
        }
        var arn = arn(call, call.text("AlarmName", ""));
        var text = call.text("AlarmRule", "");
        AlarmRule rule;
        try {
            rule = AlarmRule.of(text);
        } catch (AlarmRule.InvalidException wrong) {
            throw new Failure(ErrorCode.VALIDATION, "AlarmRule is not valid: " + wrong.message());
        }
        for (var name : rule.alarms()) {
            var child = AlarmArn.of(name).orElseGet(() -> new AlarmArn(arn.place(), name));
            if (!AlarmArn.isName(child.name())
                    || !child.place().equals(arn.place())
                    || alarms.find(child).isEmpty()) {
                throw new Failure(
                        ErrorCode.VALIDATION,
                        "Could not save the composite alarm as alarms [%s] in the alarm rule do not exist"
                                .formatted(name));
            }
        }
        alarms.put(
                tx,
                new Alarms.Wanted(
                        arn,
                        settings(call),
                        new Alarm.Composite(text),
                        tags(call.input().path("Tags"))),
                call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    private static Map<String, String> tags(JsonNode listed) {
        var tags = new TreeMap<String, String>();
        listed.forEach(tag -> tags.put(tag.path("Key").asText(), tag.path("Value").asText()));
        return tags;
    }

    // Changing.

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        alarms.delete(tx, MetricCall.place(call), names(call), call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode enable(Invocation call, Transaction tx) throws CatalogException {
        alarms.enableActions(tx, MetricCall.place(call), names(call), true, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode disable(Invocation call, Transaction tx) throws CatalogException {
        alarms.enableActions(tx, MetricCall.place(call), names(call), false, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    private static Set<String> names(Invocation call) {
        var names = new TreeSet<String>();
        call.input().path("AlarmNames").forEach(name -> names.add(name.asText()));
        return names;
    }

    /// SetAlarmState, which may tell topics.
    Operation.Change setState() {
        return new Operation.Change() {
            @Override
            public void prepare(Invocation call) throws CatalogException {
                alarms.prepare(call.now());
            }

            @Override
            public ObjectNode run(Invocation call, Transaction tx) throws CatalogException {
                var data = call.text("StateReasonData", "");
                if (!data.isEmpty() && !isJson(data)) {
                    throw new Failure(ErrorCode.INVALID_FORMAT, "StateReasonData is not JSON.");
                }
                alarms.move(
                        tx,
                        arn(call, call.text("AlarmName", "")),
                        AlarmState.Value.valueOf(call.text("StateValue", "")),
                        call.text("StateReason", ""),
                        data,
                        call.now());
                return JsonNodeFactory.instance.objectNode();
            }
        };
    }

    private static boolean isJson(String text) {
        try {
            JSON.readTree(text);
            return true;
        } catch (JsonProcessingException _) {
            return false;
        }
    }

    ObjectNode tag(Invocation call, Transaction tx) throws CatalogException {
        alarms.tag(tx, resource(call), tags(call.input().path("Tags")));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode untag(Invocation call, Transaction tx) throws CatalogException {
        var keys = new TreeSet<String>();
        call.input().path("TagKeys").forEach(key -> keys.add(key.asText()));
        alarms.untag(tx, resource(call), keys);
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode tags(Invocation call) throws CatalogException {
        var alarm = alarms.find(resource(call)).orElseThrow(Alarms::missing);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Tags");
        alarm.tags().forEach((key, value) -> list.addObject().put("Key", key).put("Value", value));
        return output;
    }

    private static AlarmArn resource(Invocation call) {
        return AlarmArn.of(call.text("ResourceARN", ""))
                .filter(arn -> arn.place().equals(MetricCall.place(call)))
                .orElseThrow(Alarms::missing);
    }

    // Looking.

    ObjectNode describe(Invocation call) throws CatalogException {
        for (var member : new String[] {"ChildrenOfAlarmName", "ParentsOfAlarmName"}) {
            if (call.input().has(member)) {
                throw MetricCall.notBuilt(member);
            }
        }
        var output = JsonNodeFactory.instance.objectNode();
        var composites = output.putArray("CompositeAlarms");
        var ofMetrics = output.putArray("MetricAlarms");
        if (call.input().has("AlarmNames")) {
            for (var name : names(call)) {
                if (AlarmArn.isName(name)) {
                    var found = alarms.find(arn(call, name));
                    found.filter(one -> fits(call, one))
                            .ifPresent(one -> show(one, composites, ofMetrics));
                }
            }
            return output;
        }
        var max = call.number("MaxRecords", PAGE);
        var after = after(call);
        while (true) {
            var page =
                    alarms.list(
                            MetricCall.place(call),
                            call.text("AlarmNamePrefix", ""),
                            after,
                            Catalog.LIMIT_MAX);
            for (var one : page) {
                if (fits(call, one)) {
                    if (composites.size() + ofMetrics.size() == max) {
                        return output.put("NextToken", NameToken.of(after));
                    }
                    show(one, composites, ofMetrics);
                }
                after = one.arn().name();
            }
            if (page.size() < Catalog.LIMIT_MAX) {
                return output;
            }
        }
    }

    private static String after(Invocation call) {
        return NameToken.read(call.text("NextToken", ""))
                .orElseThrow(() -> new Failure(ErrorCode.INVALID_METRICS_TOKEN));
    }

    private static boolean fits(Invocation call, Alarm alarm) {
        var input = call.input();
        var types = new TreeSet<String>();
        input.path("AlarmTypes").forEach(type -> types.add(type.asText()));
        if (types.isEmpty()) {
            types.add("MetricAlarm");
        }
        var state = call.text("StateValue", "");
        var action = call.text("ActionPrefix", "");
        return types.contains(alarm.type())
                && (state.isEmpty() || alarm.state().value().name().equals(state))
                && (action.isEmpty()
                        || alarm.settings().actions().values().stream()
                                .flatMap(List::stream)
                                .anyMatch(one -> one.startsWith(action)));
    }

    ObjectNode ofMetric(Invocation call) throws CatalogException {
        var asked = MetricCall.metric(MetricCall.place(call), call.input(), "");
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("MetricAlarms");
        var after = "";
        while (true) {
            var page = alarms.list(MetricCall.place(call), "", after, Catalog.LIMIT_MAX);
            for (var one : page) {
                after = one.arn().name();
                if (one.subject() instanceof Alarm.Metrics subject
                        && subject.single()
                        && subject.watched().source() instanceof MetricQuery.Values values
                        && values.metric().equals(asked)
                        && asks(call, values)) {
                    show(one, list, list);
                }
            }
            if (page.size() < Catalog.LIMIT_MAX) {
                return output;
            }
        }
    }

    private static boolean asks(Invocation call, MetricQuery.Values values) {
        var statistic = call.text("Statistic", call.text("ExtendedStatistic", ""));
        return (statistic.isEmpty() || values.statistic().name().equals(statistic))
                && (!call.input().has("Period")
                        || values.period().toSeconds() == call.number("Period", 0))
                && (!call.input().has("Unit")
                        || values.unit().equals(Optional.of(call.text("Unit", ""))));
    }

    private static void show(Alarm alarm, ArrayNode composites, ArrayNode ofMetrics) {
        switch (alarm.subject()) {
            case Alarm.Composite(String rule) ->
                    common(composites.addObject().put("AlarmRule", rule), alarm);
            case Alarm.Metrics subject -> {
                var shown = ofMetrics.addObject();
                common(shown, alarm);
                show(shown, subject);
            }
        }
    }

    private static void common(ObjectNode shown, Alarm alarm) {
        shown.put("AlarmName", alarm.arn().name()).put("AlarmArn", alarm.arn().toString());
        if (!alarm.settings().description().isEmpty()) {
            shown.put("AlarmDescription", alarm.settings().description());
        }
        shown.put("AlarmConfigurationUpdatedTimestamp", seconds(alarm.configured()))
                .put("ActionsEnabled", alarm.settings().actionsEnabled());
        actions(shown.putArray("OKActions"), alarm, AlarmState.Value.OK);
        actions(shown.putArray("AlarmActions"), alarm, AlarmState.Value.ALARM);
        actions(
                shown.putArray("InsufficientDataActions"),
                alarm,
                AlarmState.Value.INSUFFICIENT_DATA);
        shown.put("StateValue", alarm.state().value().name())
                .put("StateReason", alarm.state().reason());
        if (!alarm.state().reasonData().isEmpty()) {
            shown.put("StateReasonData", alarm.state().reasonData());
        }
        shown.put("StateUpdatedTimestamp", seconds(alarm.state().updated()))
                .put("StateTransitionedTimestamp", seconds(alarm.state().transitioned()));
    }

    private static void actions(ArrayNode list, Alarm alarm, AlarmState.Value state) {
        alarm.settings().actions(state).forEach(list::add);
    }

    private static BigDecimal seconds(Instant time) {
        return BigDecimal.valueOf(time.toEpochMilli(), 3);
    }

    private static void show(ObjectNode shown, Alarm.Metrics subject) {
        if (subject.single()
                && subject.watched().source()
                        instanceof
                        MetricQuery.Values(
                                Metric metric,
                                Duration period,
                                Statistic statistic,
                                Optional<String> unit)) {
            MetricOperations.show(shown, metric);
            shown.put("Period", period.toSeconds())
                    .put(
                            statistic.isPercentile() ? "ExtendedStatistic" : "Statistic",
                            statistic.name());
            unit.ifPresent(text -> shown.put("Unit", text));
        } else {
            var list = shown.putArray("Metrics");
            subject.queries().forEach(query -> show(list.addObject(), query));
        }
        shown.put("EvaluationPeriods", subject.evaluationPeriods());
        subject.datapointsToAlarm().ifPresent(some -> shown.put("DatapointsToAlarm", some));
        shown.put("Threshold", subject.threshold())
                .put("ComparisonOperator", subject.comparison().wireName());
        if (subject.missingGiven()) {
            shown.put("TreatMissingData", subject.missing().wireName());
        }
        subject.lowSamples().ifPresent(text -> shown.put("EvaluateLowSampleCountPercentile", text));
    }

    private static void show(ObjectNode shown, MetricQuery query) {
        shown.put("Id", query.id()).put("ReturnData", query.shown());
        query.label().ifPresent(text -> shown.put("Label", text));
        switch (query.source()) {
            case MetricQuery.Maths maths -> {
                shown.put("Expression", maths.text());
                maths.period().ifPresent(period -> shown.put("Period", period.toSeconds()));
            }
            case MetricQuery.Values values -> {
                var stat = shown.putObject("MetricStat");
                MetricOperations.show(stat.putObject("Metric"), values.metric());
                stat.put("Period", values.period().toSeconds())
                        .put("Stat", values.statistic().name());
                values.unit().ifPresent(text -> stat.put("Unit", text));
            }
        }
    }

    ObjectNode history(Invocation call) throws CatalogException {
        var input = call.input();
        var from =
                input.has("StartDate")
                        ? MetricCall.time(input.path("StartDate"))
                        : call.now().minus(AlarmHistory.KEPT);
        var to =
                input.has("EndDate")
                        ? MetricCall.time(input.path("EndDate"))
                        : call.now().plusSeconds(1);
        var name = call.text("AlarmName", "");
        var kind = call.text("HistoryItemType", "");
        var types = new TreeSet<String>();
        input.path("AlarmTypes").forEach(type -> types.add(type.asText()));
        var found =
                history.read(
                        MetricCall.place(call),
                        from,
                        to,
                        entry ->
                                (name.isEmpty() || entry.alarm().name().equals(name))
                                        && (kind.isEmpty() || entry.kind().wireName().equals(kind))
                                        && (types.isEmpty() || types.contains(entry.type())));
        var entries =
                call.text("ScanBy", "").equals("TimestampAscending") ? found : found.reversed();
        var token = after(call);
        if (!token.matches("\\d{0,9}")) {
            throw new Failure(ErrorCode.INVALID_METRICS_TOKEN);
        }
        var skipped = token.isEmpty() ? 0 : Integer.parseInt(token);
        var end = skipped + call.number("MaxRecords", PAGE);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("AlarmHistoryItems");
        entries.stream()
                .skip(skipped)
                .limit(end - skipped)
                .forEach(entry ->
                        list.addObject()
                                .put("AlarmName", entry.alarm().name())
                                .put("AlarmType", entry.type())
                                .put("Timestamp", seconds(entry.time()))
                                .put("HistoryItemType", entry.kind().wireName())
                                .put("HistorySummary", entry.summary())
                                .put("HistoryData", entry.data()));
        return entries.size() > end
                ? output.put("NextToken", NameToken.of(Integer.toString(end)))
                : output;
    }
}

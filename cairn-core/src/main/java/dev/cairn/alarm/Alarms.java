package dev.cairn.alarm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.alarm.AlarmState.Value;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.topic.Message;
import dev.cairn.topic.Topic;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The alarms of all accounts. A change of state, its entry in the history and its messages to own
/// topics are one transaction. Any thread may call any method.
public final class Alarms {
    /// How many alarms an account may have in a region: each is judged every minute.
    public static final int ALARMS_MAX = 5000;

    /// The most tags of an alarm.
    public static final int TAGS_MAX = 50;

    private static final String SERVICE = "cloudwatch.amazonaws.com";
    private static final JsonFactory JSON = new JsonFactory();
    private static final int SUMMARY_CHARS_MAX = 255;
    private static final int REASON_CHARS_MAX = 1023;

    private final Catalog catalog;
    private final Topics topics;
    private final AlarmHistory history;
    private final Runnable changed;

    /// @param changed told when a transaction has ended that may have changed alarms; must not
    ///   throw
    public Alarms(Catalog catalog, Topics topics, AlarmHistory history, Runnable changed) {
        this.catalog = catalog;
        this.topics = topics;
        this.history = history;
        this.changed = changed;
    }

    /// To be called outside a transaction, before one that may change a state.
    public void prepare(Instant now) throws CatalogException {
        topics.prepare(now);
    }

    public Optional<Alarm> find(AlarmArn arn) throws CatalogException {
        return read(catalog.get(AlarmDocument.KIND, arn.key()));
    }

    /// An account's alarms of a region in order of name.
    ///
    /// @param prefix that their names begin with; empty for all
    /// @param after the last name of the page before; empty for the first page
    public List<Alarm> list(Place place, String prefix, String after, int limit)
            throws CatalogException {
        String all = AlarmArn.prefix(place);
        return read(
                catalog.list(
                        AlarmDocument.KIND,
                        all + prefix,
                        after.isEmpty() ? "" : all + after,
                        limit));
    }

    /// All alarms there are, in pages.
    ///
    /// @param after the last one of the page before; empty for the first page
    List<Alarm> listAll(Optional<AlarmArn> after) throws CatalogException {
        return read(
                catalog.list(
                        AlarmDocument.KIND,
                        "",
                        after.map(AlarmArn::key).orElse(""),
                        Catalog.LIMIT_MAX));
    }

    /// What an alarm is to be.
    ///
    /// @param tags of a new one; one that is there keeps its own
    public record Wanted(
            AlarmArn arn,
            Alarm.Settings settings,
            Alarm.Subject subject,
            Map<String, String> tags) {}

    /// Makes an alarm, or gives one that is there other settings; it keeps its state.
    ///
    /// @throws Failure ALARM_LIMIT_EXCEEDED, INVALID_PARAMETER_VALUE
    public void put(Transaction tx, Wanted wanted, Instant at) throws CatalogException {
        Instant now = at.truncatedTo(ChronoUnit.MILLIS);
        Optional<Document> document = tx.get(AlarmDocument.KIND, wanted.arn().key());
        Optional<Alarm> there = read(document);
        if (there.isPresent()) {
            String json =
                    AlarmDocument.json(
                            new Alarm(
                                    wanted.arn(),
                                    wanted.settings(),
                                    wanted.subject(),
                                    there.get().state(),
                                    now,
                                    there.get().tags()));
            tx.replace(document.orElseThrow(), json);
        } else {
            checkCount(tx, wanted.arn().place());
            tx.create(
                    AlarmDocument.KIND,
                    wanted.arn().key(),
                    AlarmDocument.json(
                            new Alarm(
                                    wanted.arn(),
                                    wanted.settings(),
                                    wanted.subject(),
                                    AlarmState.unchecked(now),
                                    now,
                                    checked(wanted.tags()))));
        }
        Alarm alarm = read(tx.get(AlarmDocument.KIND, wanted.arn().key())).orElseThrow();
        configured(tx, alarm, there.isPresent() ? "Update" : "Create", now);
        tx.atEnd(changed);
    }

    private static void checkCount(Transaction tx, Place place) throws CatalogException {
        String prefix = AlarmArn.prefix(place);
        String after = "";
        int count = 0;
        while (true) {
            List<Document> page = tx.list(AlarmDocument.KIND, prefix, after, Catalog.LIMIT_MAX);
            count += page.size();
            if (count >= ALARMS_MAX) {
                throw new Failure(
                        ErrorCode.ALARM_LIMIT_EXCEEDED,
                        "An account may have at most %d alarms in a region.".formatted(ALARMS_MAX));
            }
            if (page.size() < Catalog.LIMIT_MAX) {
                return;
            }
            after = page.getLast().key();
        }
    }

    private void configured(Transaction tx, Alarm alarm, String what, Instant now)
            throws CatalogException {
        String data =
                json(json -> {
                    json.writeStringField("version", "1.0");
                    json.writeStringField("type", what);
                    json.writeStringField("alarmName", alarm.arn().name());
                    json.writeStringField("alarmArn", alarm.arn().toString());
                });
        String summary =
                "Alarm \"%s\" %s"
                        .formatted(
                                alarm.arn().name(),
                                switch (what) {
                                    case "Create" -> "created";
                                    case "Delete" -> "deleted";
                                    default -> "updated";
                                });
        history.add(tx, entry(alarm, now, AlarmHistory.Kind.CONFIGURATION, summary, data));
    }

    private static AlarmHistory.Entry entry(
            Alarm alarm, Instant now, AlarmHistory.Kind kind, String summary, String data) {
        return new AlarmHistory.Entry(
                alarm.arn(),
                alarm.type(),
                now,
                kind,
                summary.length() <= SUMMARY_CHARS_MAX
                        ? summary
                        : summary.substring(0, SUMMARY_CHARS_MAX),
                data);
    }

    /// Deletes alarms; all or none.
    ///
    /// @throws Failure ALARM_NOT_FOUND
    public void delete(Transaction tx, Place place, Collection<String> names, Instant at)
            throws CatalogException {
        for (String name : names) {
            Document document = expect(tx, new AlarmArn(place, name));
            Alarm alarm = AlarmDocument.read(document);
            tx.delete(document);
            configured(tx, alarm, "Delete", at.truncatedTo(ChronoUnit.MILLIS));
        }
        tx.atEnd(changed);
    }

    /// @throws Failure ALARM_NOT_FOUND
    public void enableActions(
            Transaction tx, Place place, Collection<String> names, boolean enabled, Instant at)
            throws CatalogException {
        for (String name : names) {
            Document document = expect(tx, new AlarmArn(place, name));
            Alarm alarm = AlarmDocument.read(document).withActionsEnabled(enabled);
            tx.replace(document, AlarmDocument.json(alarm));
            configured(tx, alarm, "Update", at.truncatedTo(ChronoUnit.MILLIS));
        }
        tx.atEnd(changed);
    }

    /// @throws Failure ALARM_NOT_FOUND, INVALID_PARAMETER_VALUE
    public void tag(Transaction tx, AlarmArn arn, Map<String, String> tags)
            throws CatalogException {
        Document document = expect(tx, arn);
        Alarm alarm = AlarmDocument.read(document);
        Map<String, String> all = new TreeMap<>(alarm.tags());
        all.putAll(tags);
        tx.replace(document, AlarmDocument.json(alarm.withTags(checked(all))));
    }

    /// @throws Failure ALARM_NOT_FOUND
    public void untag(Transaction tx, AlarmArn arn, Collection<String> keys)
            throws CatalogException {
        Document document = expect(tx, arn);
        Alarm alarm = AlarmDocument.read(document);
        Map<String, String> rest = new TreeMap<>(alarm.tags());
        keys.forEach(rest::remove);
        tx.replace(document, AlarmDocument.json(alarm.withTags(rest)));
    }

    private static Map<String, String> checked(Map<String, String> tags) {
        if (tags.size() > TAGS_MAX) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_VALUE,
                    "An alarm has at most %d tags.".formatted(TAGS_MAX));
        }
        return tags;
    }

    /// Brings an alarm into a state, which tells whoever is to be told when it is another one.
    ///
    /// @return the alarm as it is now
    /// @throws Failure ALARM_NOT_FOUND
    public Alarm move(
            Transaction tx, AlarmArn arn, Value value, String reason, String data, Instant at)
            throws CatalogException {
        Document document = expect(tx, arn);
        Alarm before = AlarmDocument.read(document);
        Instant now = at.truncatedTo(ChronoUnit.MILLIS);
        boolean other = before.state().value() != value;
        AlarmState next =
                new AlarmState(
                        value,
                        reason.length() <= REASON_CHARS_MAX
                                ? reason
                                : reason.substring(0, REASON_CHARS_MAX),
                        data,
                        now,
                        other ? now : before.state().transitioned());
        Alarm after = before.with(next);
        tx.replace(document, AlarmDocument.json(after));
        tx.atEnd(changed);
        if (other) {
            history.add(
                    tx,
                    entry(
                            after,
                            now,
                            AlarmHistory.Kind.STATE,
                            "Alarm updated from %s to %s".formatted(before.state().value(), value),
                            AlarmMessage.transition(before.state(), next)));
            act(tx, before.state(), after, now);
        }
        return after;
    }

    /// The same, when it still is as it was seen: what was judged meanwhile may be out of date.
    ///
    /// @return the alarm as it is now; empty when it was changed or deleted
    Optional<Alarm> moveSeen(
            Transaction tx, Alarm seen, Value value, String reason, String data, Instant now)
            throws CatalogException {
        Optional<Alarm> there = read(tx.get(AlarmDocument.KIND, seen.arn().key()));
        return there.filter(one ->
                        one.configured().equals(seen.configured())
                                && one.state().equals(seen.state()))
                        .isEmpty()
                ? Optional.empty()
                : Optional.of(move(tx, seen.arn(), value, reason, data, now));
    }

    private void act(Transaction tx, AlarmState before, Alarm alarm, Instant now)
            throws CatalogException {
        List<String> actions = alarm.settings().actions(alarm.state().value());
        if (!alarm.settings().actionsEnabled() || actions.isEmpty()) {
            return;
        }
        String text = AlarmMessage.text(before, alarm);
        for (String action : actions) {
            Optional<String> refusal = tell(tx, alarm, action, text, now);
            String summary =
                    refusal.isEmpty()
                            ? "Successfully executed action " + action
                            : "Failed to execute action %s. Received error: \"%s\""
                                    .formatted(action, refusal.get());
            String data =
                    json(json -> {
                        json.writeStringField(
                                "actionState", refusal.isEmpty() ? "Succeeded" : "Failed");
                        json.writeStringField("stateUpdateTimestamp", now.toString());
                        json.writeStringField("notificationResource", action);
                        if (refusal.isPresent()) {
                            json.writeStringField("error", refusal.get());
                        }
                    });
            history.add(tx, entry(alarm, now, AlarmHistory.Kind.ACTION, summary, data));
        }
    }

    /// Publishes to a topic.
    ///
    /// @return why it could not be told; empty when it is
    private Optional<String> tell(
            Transaction tx, Alarm alarm, String action, String text, Instant now)
            throws CatalogException {
        TopicArn arn = TopicArn.of(action).orElseThrow();
        Optional<Topic> topic = topics.find(tx, arn);
        if (topic.isEmpty()) {
            return Optional.of("Topic does not exist");
        }
        String account = alarm.arn().place().account();
        if (!arn.account().equals(account)
                && !Topics.lets(topic.get(), SERVICE, alarm.arn().toString(), account)) {
            return Optional.of("Resource policy of the topic does not let CloudWatch publish");
        }
        topics.publish(
                tx,
                new Message(
                        topics.freshId(),
                        arn,
                        AlarmMessage.subject(alarm),
                        text,
                        Map.of(),
                        Map.of(),
                        now));
        return Optional.empty();
    }

    private static Document expect(Transaction tx, AlarmArn arn) throws CatalogException {
        return tx.get(AlarmDocument.KIND, arn.key()).orElseThrow(Alarms::missing);
    }

    /// CloudWatch's words for an alarm that is not there.
    public static Failure missing() {
        return new Failure(ErrorCode.ALARM_NOT_FOUND, "The alarm does not exist.");
    }

    private static Optional<Alarm> read(Optional<Document> document) throws CatalogException {
        return document.isEmpty()
                ? Optional.empty()
                : Optional.of(AlarmDocument.read(document.get()));
    }

    private static List<Alarm> read(List<Document> documents) throws CatalogException {
        List<Alarm> alarms = new ArrayList<>();
        for (Document document : documents) {
            alarms.add(AlarmDocument.read(document));
        }
        return alarms;
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

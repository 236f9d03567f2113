package dev.cairn.notice;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.topic.Message;
import dev.cairn.topic.Topic;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import dev.cairn.trail.Trail;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Tells a trail's topic of each log file: one message for each, as CloudTrail words it. Digests
/// are not told of, as on AWS.
///
/// A notice is a row, made in the transaction that writes down that the file is delivered, and
/// removed in the transaction that publishes it: so each file is told of once, whatever the process
/// dies on. A topic that is gone, or whose policy does not let CloudTrail publish any more, keeps
/// its notices waiting, shown as GetTrailStatus' `LatestNotificationError`; after
/// `reader.pending-max` they are given up, and counted.
///
/// One thread at a time may step; any may do all else.
public final class Notices {
    /// What CloudTrail publishes when a trail gets a topic: plain text, which the CloudTrail
    /// Processing Library knows and passes over.
    private static final String VALIDATION = "CloudTrail validation message.";

    private static final String SERVICE = "cloudtrail.amazonaws.com";
    private static final String WAITING = "notice";
    private static final String STATE = "notice-state";
    private static final int BATCH = 20;
    private static final JsonFactory JSON = new JsonFactory();

    private final Catalog catalog;
    private final Topics topics;
    private final Duration pendingMax;
    private final Runnable wake;

    /// @param pendingMax what cannot be published for so long is given up (`reader.pending-max`)
    /// @param wake run when there is a new notice; quick, and throws nothing
    public Notices(Catalog catalog, Topics topics, Duration pendingMax, Runnable wake) {
        this.catalog = catalog;
        this.topics = topics;
        this.pendingMax = pendingMax;
        this.wake = wake;
    }

    /// What GetTrailStatus tells of notices.
    ///
    /// @param succeeded when one was last published; null for never
    /// @param attempted when publishing was last tried; null for never
    /// @param error SNS's error code at the last try; empty when it went well
    /// @param givenUp how many were never published
    public record Figures(
            @Nullable Instant succeeded, @Nullable Instant attempted, String error, long givenUp) {}

    /// How a trail's notices stand, and where they go.
    ///
    /// @param topic its ARN; null when they go nowhere
    /// @param trail its ARN; empty before the first notice
    /// @param ended whether the trail is deleted
    private record State(
            Figures figures, @Nullable String topic, String trail, String account, boolean ended) {
        private static final State NONE =
                new State(new Figures(null, null, "", 0), null, "", "", false);

        private static State of(Document document) throws CatalogException {
            Fields fields = Fields.of(document);
            return new State(
                    new Figures(
                            fields.find("succeeded").map(Instant::parse).orElse(null),
                            fields.find("attempted").map(Instant::parse).orElse(null),
                            fields.text("error"),
                            Long.parseLong(fields.text("givenUp"))),
                    fields.find("topic").orElse(null),
                    fields.text("trail"),
                    fields.text("account"),
                    fields.find("ended").isPresent());
        }

        private String json() {
            Fields fields =
                    Fields.none()
                            .with("trail", trail)
                            .with("account", account)
                            .with("error", figures.error())
                            .with("givenUp", Long.toString(figures.givenUp()));
            fields = topic == null ? fields : fields.with("topic", topic);
            fields = ended ? fields.with("ended", "") : fields;
            fields =
                    figures.succeeded() == null
                            ? fields
                            : fields.with("succeeded", figures.succeeded().toString());
            return (figures.attempted() == null
                            ? fields
                            : fields.with("attempted", figures.attempted().toString()))
                    .json();
        }

        private State to(@Nullable String otherTopic, Trail of) {
            return new State(figures, otherTopic, of.arn(), of.account(), ended);
        }

        private State end() {
            return new State(figures, topic, trail, account, true);
        }

        private State published(Instant now) {
            return with(new Figures(now, now, "", figures.givenUp()));
        }

        private State refused(String error, Instant now, int lost) {
            return with(new Figures(figures.succeeded(), now, error, figures.givenUp() + lost));
        }

        private State with(Figures other) {
            return new State(other, topic, trail, account, ended);
        }
    }

    // Who delivers.

    /// Has a trail's topic told of a file, if the trail has one.
    ///
    /// @param id of the trail's course
    public void delivered(
            Transaction tx, String id, Trail trail, String bucket, String object, Instant now)
            throws CatalogException {
        if (trail.topic() != null) {
            address(tx, id, trail);
            add(tx, id, object, text(bucket, object), now);
        }
    }

    /// Has a trail's notices go to its topic from now on, those that wait included, and the topic
    /// tried; without a topic those that wait are given up.
    public void changed(Transaction tx, String id, Trail trail, Instant now)
            throws CatalogException {
        State state = state(tx, id);
        String topic = trail.topic();
        if (topic == null) {
            if (state.topic() != null) {
                keep(tx, id, state.to(null, trail));
                tx.atEnd(wake);
            }
        } else if (!topic.equals(state.topic())) {
            address(tx, id, trail);
            add(tx, id, "validation", VALIDATION, now);
        }
    }

    /// Forgets a trail that is deleted, when its last notice is published.
    public void release(Transaction tx, String id) throws CatalogException {
        Optional<Document> document = tx.get(STATE, id);
        if (document.isPresent()) {
            if (tx.list(WAITING, id + '/', "", 1).isEmpty()) {
                tx.delete(document.get());
            } else {
                tx.replace(document.get(), State.of(document.get()).end().json());
            }
        }
    }

    private static void address(Transaction tx, String id, Trail trail) throws CatalogException {
        State state = state(tx, id);
        State addressed = state.to(trail.topic(), trail);
        if (!addressed.equals(state)) {
            keep(tx, id, addressed);
        }
    }

    private void add(Transaction tx, String id, String name, String text, Instant now)
            throws CatalogException {
        String key = "%s/%015d/%s".formatted(id, now.toEpochMilli(), name);
        if (tx.get(WAITING, key).isEmpty()) {
            tx.create(WAITING, key, Fields.none().with("text", text).json());
            tx.atEnd(wake);
        }
    }

    /// Member for member as CloudTrail writes it.
    static String text(String bucket, String object) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("s3Bucket", bucket);
            json.writeArrayFieldStart("s3ObjectKey");
            json.writeString(object);
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no I/O", e);
        }
        return text.toString();
    }

    // Who asks.

    /// How a trail's notices stand.
    public Figures figures(String id) throws CatalogException {
        Optional<Document> document = catalog.get(STATE, id);
        return (document.isEmpty() ? State.NONE : State.of(document.get())).figures();
    }

    /// Why CloudTrail may not publish to a topic for a trail, as SNS's error code; empty when it
    /// may.
    public Optional<String> refusal(String topicArn, String trailArn, String account)
            throws CatalogException {
        Optional<TopicArn> arn = TopicArn.of(topicArn);
        return refusal(
                arn.isEmpty() ? Optional.empty() : topics.find(arn.get()), trailArn, account);
    }

    /// The statement that a topic's policy needs for a trail.
    public static String statement(String topicArn, String trailArn) {
        return """
        {"Sid":"AWSCloudTrailSNSPolicy20131101","Effect":"Allow","Principal":{"Service":"%s"},"Action":"SNS:Publish","Resource":"%s","Condition":{"StringEquals":{"aws:SourceArn":"%s"}}}\
        """
                .formatted(SERVICE, topicArn, trailArn);
    }

    private static Optional<String> refusal(Optional<Topic> topic, String trailArn, String account)
            throws CatalogException {
        if (topic.isEmpty()) {
            return Optional.of("NotFound");
        }
        return Topics.lets(topic.get(), SERVICE, trailArn, account)
                ? Optional.empty()
                : Optional.of("AuthorizationError");
    }

    // Who publishes.

    /// The trails that have notices waiting.
    public List<String> waiting() throws CatalogException {
        List<String> ids = new ArrayList<>();
        String after = "";
        List<Document> next = catalog.list(WAITING, "", after, 1);
        while (!next.isEmpty()) {
            String key = next.getFirst().key();
            String id = key.substring(0, key.indexOf('/'));
            ids.add(id);
            // Behind every key of this trail: '0' follows '/'.
            after = id + '0';
            next = catalog.list(WAITING, "", after, 1);
        }
        return ids;
    }

    /// Publishes a trail's oldest notices, or gives up what is too old.
    ///
    /// @return whether something was done and there may be more; no when its topic does not let
    ///   them be published now: step again, later
    public boolean step(String id, Instant now) throws CatalogException {
        topics.prepare(now);
        return catalog.<Boolean, RuntimeException>write(tx -> {
            List<Document> rows = tx.list(WAITING, id + '/', "", BATCH);
            if (rows.isEmpty()) {
                return false;
            }
            State state = state(tx, id);
            Optional<Topic> topic = topic(tx, state);
            Optional<String> refusal = refusal(topic, state.trail(), state.account());
            int done = 0;
            for (Document row : rows) {
                if (refusal.isEmpty()) {
                    publish(tx, topic.orElseThrow(), Fields.of(row).text("text"), now);
                    state = state.published(now);
                } else if (state.topic() == null || time(row).plus(pendingMax).isBefore(now)) {
                    state = state.refused(refusal.get(), now, 1);
                } else {
                    state = state.refused(refusal.get(), now, 0);
                    break;
                }
                tx.delete(row);
                done++;
            }
            if (state.ended() && done == rows.size() && done < BATCH) {
                tx.delete(tx.get(STATE, id).orElseThrow());
            } else {
                keep(tx, id, state);
            }
            return done == BATCH;
        });
    }

    private void publish(Transaction tx, Topic topic, String text, Instant now)
            throws CatalogException {
        topics.publish(
                tx,
                Message.of(
                        topics.freshId(), topic.arn(), text, now.truncatedTo(ChronoUnit.MILLIS)));
    }

    private Optional<Topic> topic(Transaction tx, State state) throws CatalogException {
        Optional<TopicArn> arn =
                state.topic() == null ? Optional.empty() : TopicArn.of(state.topic());
        return arn.isEmpty() ? Optional.empty() : topics.find(tx, arn.get());
    }

    private static Instant time(Document row) {
        int from = row.key().indexOf('/') + 1;
        return Instant.ofEpochMilli(Long.parseLong(row.key().substring(from, from + 15)));
    }

    private static State state(Transaction tx, String id) throws CatalogException {
        Optional<Document> document = tx.get(STATE, id);
        return document.isEmpty() ? State.NONE : State.of(document.get());
    }

    private static void keep(Transaction tx, String id, State state) throws CatalogException {
        Optional<Document> old = tx.get(STATE, id);
        if (old.isEmpty()) {
            tx.create(STATE, id, state.json());
        } else {
            tx.replace(old.get(), state.json());
        }
    }
}

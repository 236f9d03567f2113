package dev.cairn.watch;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.topic.TopicArn;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How watches are written: `watch` and `watch-state` under `ACCOUNT/NAME`; `watch-due` under the
/// time at which something held is to be told, so that the next one is the first.
final class WatchDocuments {
    static final String WATCH = "watch";
    static final String STATE = "watch-state";
    static final String DUE = "watch-due";

    private WatchDocuments() {}

    static String json(Watch watch, WatchLoad load) {
        Fields fields =
                Fields.none()
                        .with("kind", watch.condition().kind())
                        .with("text", watch.condition().text())
                        .with("topic", watch.topic().toString())
                        .with("messages", Integer.toString(watch.atMost().messages()))
                        .with("seconds", Long.toString(watch.atMost().period().toSeconds()))
                        .with("say", watch.words().say())
                        .with("means", watch.words().means())
                        .with("act", watch.words().act())
                        .with("paused", Boolean.toString(watch.paused()))
                        .with("of", watch.of())
                        .with("created", watch.created().toString())
                        .with("looks", Integer.toString(load.wholeLooks()))
                        .with("steps", Integer.toString(load.steps()))
                        .with("clauses", Integer.toString(load.clauses()));
        if (watch.region().isPresent()) {
            fields = fields.with("region", watch.region().get());
        }
        if (watch.threshold().isPresent()) {
            Threshold threshold = watch.threshold().get();
            fields =
                    fields.with("more", Long.toString(threshold.more()))
                            .with("within", Long.toString(threshold.period().toSeconds()));
            if (threshold.per().isPresent()) {
                fields = fields.with("per", threshold.per().get());
            }
        }
        if (watch.reaction().isPresent()) {
            fields = fields.with("reaction", watch.reaction().get());
        }
        return fields.json();
    }

    static Watch watch(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Watch(
                WatchName.ofKey(document.key()),
                WatchCondition.of(fields.text("kind"), fields.text("text")),
                fields.find("region"),
                TopicArn.of(fields.text("topic")).orElseThrow(),
                new AtMost(
                        Integer.parseInt(fields.text("messages")),
                        Duration.ofSeconds(Long.parseLong(fields.text("seconds")))),
                fields.find("more").isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                new Threshold(
                                        Long.parseLong(fields.text("more")),
                                        Duration.ofSeconds(Long.parseLong(fields.text("within"))),
                                        fields.find("per"))),
                fields.find("reaction"),
                new Watch.Words(fields.text("say"), fields.text("means"), fields.text("act")),
                Boolean.parseBoolean(fields.text("paused")),
                fields.text("of"),
                Instant.parse(fields.text("created")));
    }

    /// What asking a watch costs; of one that was made before this was kept, it is worked out.
    static WatchLoad load(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        if (fields.find("looks").isEmpty()) {
            return WatchLoad.of(watch(document));
        }
        return new WatchLoad(
                1,
                Integer.parseInt(fields.text("looks")),
                Integer.parseInt(fields.text("steps")),
                Integer.parseInt(fields.text("clauses")),
                fields.find("more").isPresent() ? 1 : 0,
                fields.find("reaction").isPresent() ? 1 : 0);
    }

    static String dueKey(Instant due, WatchName name) {
        return "%019d/%s".formatted(Math.max(0, due.toEpochMilli()), name.key());
    }

    static Instant due(Document document) {
        return Instant.ofEpochMilli(Long.parseLong(document.key().substring(0, 19)));
    }

    static WatchName named(Document due) {
        return WatchName.ofKey(due.key().substring(20));
    }
}

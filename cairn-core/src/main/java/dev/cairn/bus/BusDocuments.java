package dev.cairn.bus;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How buses, rules and targets are written: `event-bus` under `ACCOUNT/REGION/BUS`, `event-rule`
/// with `/RULE` behind it, `event-target` with `/ID` behind that.
final class BusDocuments {
    static final String BUS = "event-bus";
    static final String RULE = "event-rule";
    static final String TARGET = "event-target";

    private static final String DESCRIPTION = "description";
    private static final String CREATED = "created";
    private static final String MODIFIED = "modified";
    private static final String TAG = "tag.";
    private static final String PATTERN = "pattern";
    private static final String SCHEDULE = "schedule";
    private static final String STATE = "state";
    private static final String ROLE = "role";
    private static final String ARN = "arn";
    private static final String CONSTANT = "input";
    private static final String PART = "inputPath";
    private static final String TEMPLATE = "inputTemplate";
    private static final String PATH = "inputPath.";
    private static final String HTTP_PATH = "httpPath.";
    private static final String HTTP_HEADER = "httpHeader.";
    private static final String HTTP_QUERY = "httpQuery.";
    private static final String ATTEMPTS = "retryAttempts";
    private static final String AGE = "retryAgeSeconds";
    private static final String DEAD_LETTERS = "deadLetters";

    private BusDocuments() {}

    static String json(EventBus bus) {
        return tagged(
                        Fields.none()
                                .with(DESCRIPTION, bus.description())
                                .with(CREATED, bus.created().toString())
                                .with(MODIFIED, bus.modified().toString()),
                        bus.tags())
                .json();
    }

    static EventBus bus(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new EventBus(
                BusName.ofKey(document.key()),
                fields.text(DESCRIPTION),
                Instant.parse(fields.text(CREATED)),
                Instant.parse(fields.text(MODIFIED)),
                tags(fields));
    }

    static String json(Rule rule) {
        Fields fields =
                Fields.none()
                        .with(STATE, rule.state().name())
                        .with(DESCRIPTION, rule.description())
                        .with(ROLE, rule.role());
        fields = with(fields, PATTERN, rule.pattern());
        fields = with(fields, SCHEDULE, rule.schedule());
        return tagged(fields, rule.tags()).json();
    }

    static Rule rule(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Rule(
                RuleName.ofKey(document.key()),
                fields.find(PATTERN),
                fields.find(SCHEDULE),
                Rule.State.valueOf(fields.text(STATE)),
                fields.text(DESCRIPTION),
                fields.text(ROLE),
                tags(fields));
    }

    static String json(Target target) {
        Fields fields = Fields.none().with(ARN, target.arn()).with(ROLE, target.role());
        fields =
                switch (target.input()) {
                    case TargetInput.Whole() -> fields;
                    case TargetInput.Constant(String json) -> fields.with(CONSTANT, json);
                    case TargetInput.Part(String path) -> fields.with(PART, path);
                    case TargetInput.Template(Map<String, String> paths, String text) ->
                            with(fields.with(TEMPLATE, text), PATH, paths);
                };
        fields = with(fields, target.http());
        fields = with(fields, ATTEMPTS, target.retry().attempts().map(String::valueOf));
        fields = with(fields, AGE, target.retry().age().map(age -> Long.toString(age.toSeconds())));
        return with(fields, DEAD_LETTERS, target.deadLetters()).json();
    }

    static Target target(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Target(
                TargetName.ofKey(document.key()),
                fields.text(ARN),
                fields.text(ROLE),
                input(fields),
                http(fields),
                new Target.Retry(
                        fields.find(ATTEMPTS).map(Integer::valueOf),
                        fields.find(AGE).map(Long::valueOf).map(Duration::ofSeconds)),
                fields.find(DEAD_LETTERS));
    }

    private static Fields with(Fields fields, Target.Http http) {
        Fields all = fields;
        for (int i = 0; i < http.path().size(); i++) {
            all = all.with(HTTP_PATH + i, http.path().get(i));
        }
        return with(with(all, HTTP_HEADER, http.headers()), HTTP_QUERY, http.query());
    }

    private static Target.Http http(Fields fields) throws CatalogException {
        List<String> path = new ArrayList<>();
        for (int i = 0; fields.find(HTTP_PATH + i).isPresent(); i++) {
            path.add(fields.text(HTTP_PATH + i));
        }
        return new Target.Http(path, named(fields, HTTP_HEADER), named(fields, HTTP_QUERY));
    }

    private static TargetInput input(Fields fields) throws CatalogException {
        Optional<String> constant = fields.find(CONSTANT);
        if (constant.isPresent()) {
            return new TargetInput.Constant(constant.get());
        }
        Optional<String> part = fields.find(PART);
        if (part.isPresent()) {
            return new TargetInput.Part(part.get());
        }
        Optional<String> template = fields.find(TEMPLATE);
        if (template.isEmpty()) {
            return new TargetInput.Whole();
        }
        return new TargetInput.Template(named(fields, PATH), template.get());
    }

    private static Fields with(Fields fields, String name, Optional<String> text) {
        return text.isEmpty() ? fields : fields.with(name, text.get());
    }

    private static Fields tagged(Fields fields, Map<String, String> tags) {
        return with(fields, TAG, tags);
    }

    private static Map<String, String> tags(Fields fields) throws CatalogException {
        return named(fields, TAG);
    }

    private static Fields with(Fields fields, String prefix, Map<String, String> named) {
        Fields all = fields;
        for (Map.Entry<String, String> one : named.entrySet()) {
            all = all.with(prefix + one.getKey(), one.getValue());
        }
        return all;
    }

    private static Map<String, String> named(Fields fields, String prefix) throws CatalogException {
        Map<String, String> named = new TreeMap<>();
        for (String name : fields.names()) {
            if (name.startsWith(prefix)) {
                named.put(name.substring(prefix.length()), fields.text(name));
            }
        }
        return named;
    }
}

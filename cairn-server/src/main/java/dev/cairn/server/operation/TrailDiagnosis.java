package dev.cairn.server.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.WriteCheck;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.history.HistoryException;
import dev.cairn.notice.Notices;
import dev.cairn.topic.Outbound;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import dev.cairn.trail.Deliveries;
import dev.cairn.trail.Overlap;
import dev.cairn.trail.Trail;
import dev.cairn.trail.TrailState;
import dev.cairn.trail.Trails;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// DiagnoseTrail: whether a trail delivers, and if not, what mends it.
final class TrailDiagnosis implements Operation.Read {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// So many intervals may pass before a trail counts as behind.
    private static final int INTERVALS = 3;

    private static final int ASIDE_SHOWN = 3;
    private static final int SUBSCRIBERS_SHOWN = 3;

    private final Trails trails;
    private final NamedTrails named;
    private final TrailBuckets buckets;
    private final TrailKeys keys;
    private final BucketPolicies policies;
    private final Deliveries deliveries;
    private final Readers readers;
    private final Duration deliveryInterval;
    private final Topics topics;
    private final Outbound outbound;
    private final Notices notices;

    TrailDiagnosis(Operations.Parts parts) {
        this.trails = parts.trails();
        this.named = new NamedTrails(parts.trails());
        this.buckets = parts.trailBuckets();
        this.policies = parts.bucketPolicies();
        this.deliveries = parts.deliveries();
        this.readers = parts.readers();
        this.keys = parts.trailKeys();
        this.deliveryInterval = parts.deliveryInterval();
        this.topics = parts.topics().topics();
        this.outbound = parts.topics().outbound();
        this.notices = parts.topics().notices();
    }

    /// What is told, in the order it was found.
    private static final class Findings {
        private final ArrayNode array;

        Findings(ArrayNode array) {
            this.array = array;
        }

        void ok(String subject, String message) {
            add("ok", subject, message, "");
        }

        void warn(String subject, String message, String remedy) {
            add("warn", subject, message, remedy);
        }

        void fail(String subject, String message, String remedy) {
            add("fail", subject, message, remedy);
        }

        private void add(String verdict, String subject, String message, String remedy) {
            var item =
                    array.addObject()
                            .put("verdict", verdict)
                            .put("subject", subject)
                            .put("message", message);
            if (!remedy.isEmpty()) {
                item.put("remedy", remedy);
            }
        }
    }

    @Override
    public ObjectNode run(Invocation call) throws CatalogException, HistoryException {
        var state = named.expect(call, call.text("name", ""));
        var output = JsonNodeFactory.instance.objectNode();
        output.put("trailArn", state.trail().arn());
        var findings = new Findings(output.putArray("findings"));
        logging(findings, state);
        var policy = bucket(findings, state.trail());
        if (policy.isPresent()) {
            output.put("policy", policy.get());
        }
        key(findings, state.trail());
        delivery(findings, state, call.now());
        digests(findings, state);
        topic(findings, state);
        for (var overlap : Overlap.of(state, trails.of(state.trail().account()))) {
            findings.warn(subject(overlap), overlap.message(), overlap.remedy());
        }
        return output;
    }

    private static String subject(Overlap overlap) {
        return switch (overlap.kind()) {
            case FEEDS_ITSELF -> "loop";
            case STORED_TWICE -> "duplicates";
        };
    }

    private static void logging(Findings findings, TrailState state) {
        if (state.logging()) {
            findings.ok("logging", "on since " + state.started());
        } else {
            findings.warn(
                    "logging",
                    "It is off: nothing recorded now is delivered.",
                    "cairn trail start " + state.trail().name());
        }
    }

    /// @return the policy that lets the trail in, when one would
    private Optional<String> bucket(Findings findings, Trail trail) throws CatalogException {
        var name = trail.bucket();
        var writer = new Archive.Writer(trail.account(), trail.arn(), trail.kmsKey());
        try {
            var missing = buckets.missingRight(writer, name, prefix(trail));
            if (missing.isEmpty()) {
                findings.ok("bucket", name + " lets the trail in");
                return Optional.empty();
            }
            return policy(findings, trail, missing.get());
        } catch (ArchiveException failure) {
            switch (failure.kind()) {
                case NO_SUCH_BUCKET ->
                        findings.fail(
                                "bucket",
                                "The bucket %s does not exist; what is recorded waits."
                                        .formatted(name),
                                "aws s3 mb s3://%s, then let the trail in: cairn doctor trail %s"
                                        .formatted(name, trail.name()));
                case DENIED -> {
                    return policy(findings, trail, String.valueOf(failure.getMessage()));
                }
                case TIMEOUT, UNAVAILABLE, CORRUPT ->
                        findings.fail(
                                "bucket",
                                "The bucket %s does not answer (%s): %s"
                                        .formatted(name, failure.code(), failure.getMessage()),
                                "Look after the store; deliveries go on by themselves.");
            }
            return Optional.empty();
        }
    }

    private void key(Findings findings, Trail trail) throws CatalogException {
        var key = trail.kmsKey();
        if (key == null) {
            return;
        }
        var refusal = keys.refusal(trail);
        if (refusal.isEmpty()) {
            findings.ok("key", key + " encrypts for the trail");
        } else {
            findings.fail(
                    "key",
                    refusal.get().message(),
                    refusal.get().code() == ErrorCode.KMS
                            ? "aws kms enable-key --key-id %s (after cancel-key-deletion, where that is scheduled); what waits is delivered then."
                                    .formatted(key)
                            : "cairn doctor bucket %s prints a policy that lets the trail encrypt."
                                    .formatted(trail.bucket()));
        }
    }

    private static String prefix(Trail trail) {
        return (trail.prefix().isEmpty() ? "" : trail.prefix() + "/")
                + "AWSLogs/"
                + trail.account()
                + "/";
    }

    private Optional<String> policy(Findings findings, Trail trail, String missing)
            throws CatalogException {
        Optional<String> old;
        try {
            old = policies.policy(trail.bucket());
        } catch (ArchiveException unknown) {
            // One that is put in its place would take away whatever it says.
            findings.fail(
                    "bucket",
                    missing,
                    "See to it that its policy allows this, among the rest: "
                            + WriteCheck.policy(trail.bucket(), prefix(trail), trail.arn()));
            return Optional.empty();
        }
        if (old.isPresent() && letsIn(trail, old.get())) {
            findings.fail(
                    "bucket", missing, "Its policy lets the trail in: something else denies it.");
            return Optional.empty();
        }
        var policy = with(old, WriteCheck.policy(trail.bucket(), prefix(trail), trail.arn()));
        if (policy.isPresent() && letsIn(trail, policy.get())) {
            findings.fail(
                    "bucket",
                    missing,
                    "cairn doctor trail %1$s --policy > policy.json && aws s3api put-bucket-policy --bucket %2$s --policy file://policy.json"
                            .formatted(trail.name(), trail.bucket()));
            return policy;
        }
        findings.fail(
                "bucket",
                missing,
                "The policy of %s denies it, or cannot be read: take out or narrow the statement that denies. What allows: %s"
                        .formatted(
                                trail.bucket(),
                                WriteCheck.policy(trail.bucket(), prefix(trail), trail.arn())));
        return Optional.empty();
    }

    private static boolean letsIn(Trail trail, String policy) {
        var bucket =
                new Bucket(
                        trail.bucket(),
                        trail.account(),
                        trail.homeRegion(),
                        Instant.EPOCH,
                        policy,
                        "");
        return new WriteCheck(false)
                .missing(
                        bucket,
                        new Archive.Writer(trail.account(), trail.arn()),
                        prefix(trail) + "CloudTrail/x",
                        prefix(trail) + "*")
                .isEmpty();
    }

    /// A policy with the statements of another one added; empty when it is none to add to.
    static Optional<String> with(Optional<String> old, String added) {
        try {
            var addition = JSON.readTree(added);
            if (old.isEmpty()) {
                return Optional.of(addition.toString());
            }
            if (!(JSON.readTree(old.get()) instanceof ObjectNode policy)) {
                return Optional.empty();
            }
            var statements = JSON.createArrayNode();
            var had = policy.path("Statement");
            if (had.isArray()) {
                had.forEach(statements::add);
            } else {
                statements.add(had);
            }
            var names = new HashSet<String>();
            statements.forEach(statement -> names.add(statement.path("Sid").asText()));
            for (var statement : addition.path("Statement")) {
                statements.add(named(statement, names));
            }
            policy.set("Statement", statements);
            return Optional.of(policy.toString());
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }

    /// Names of statements are unique within a policy.
    private static JsonNode named(JsonNode statement, Set<String> names) {
        var name = statement.path("Sid").asText();
        var free = name;
        for (var number = 2; !names.add(free); number++) {
            free = name + "x" + number;
        }
        return ((ObjectNode) statement.deepCopy()).put("Sid", free);
    }

    private void delivery(Findings findings, TrailState state, Instant now)
            throws CatalogException, HistoryException {
        var trail = state.trail();
        var figures = deliveries.figures(state.id(), trail.homeRegion());
        if (!figures.error().isEmpty()) {
            findings.fail(
                    "delivery",
                    "The last try, at %s, ended with %s; what is recorded waits and is tried again."
                            .formatted(figures.attempted(), figures.error()),
                    "See what is said of the bucket.");
        } else if (figures.delivered() != null) {
            findings.ok("delivery", "the last log file came at " + figures.delivered());
        } else {
            findings.ok("delivery", "no log file yet: none is made before an event is recorded");
        }
        for (var reader : readers.now()) {
            if (reader.name().equals(trail.arn())) {
                sum(findings, reader, now);
            }
        }
    }

    private void sum(Findings findings, ReaderView reader, Instant now)
            throws CatalogException, HistoryException {
        var snapshot = reader.snapshot();
        if (!snapshot.balanced()) {
            findings.fail(
                    "sum",
                    "%d events were dealt with, and %d delivered + %d filtered + %d set aside are not as many."
                            .formatted(
                                    snapshot.taken(),
                                    snapshot.delivered(),
                                    snapshot.filtered(),
                                    snapshot.setAside()),
                    "This is a fault of Cairn: report it with the output of cairn status --json.");
        }
        var oldest = snapshot.oldestPending();
        if (oldest != null && oldest.plus(deliveryInterval.multipliedBy(INTERVALS)).isBefore(now)) {
            findings.warn(
                    "behind",
                    "The oldest event not delivered yet was recorded at %s.".formatted(oldest),
                    "It catches up in order by itself once nothing is in the way; cairn status shows how far it is.");
        }
        if (snapshot.setAside() > 0) {
            var reasons = new HashSet<String>();
            for (var aside : reader.setAside(ASIDE_SHOWN)) {
                reasons.add(aside.position() + ": " + aside.reason());
            }
            findings.warn(
                    "set aside",
                    "%d events could go into no log file. %s"
                            .formatted(
                                    snapshot.setAside(), String.join("; ", List.copyOf(reasons))),
                    "They stay in event history; cairn status lists them.");
        }
    }

    private void digests(Findings findings, TrailState state) throws CatalogException {
        var trail = state.trail();
        if (!trail.validation()) {
            findings.warn(
                    "digests",
                    "Log file validation is off: nothing proves that files are what was delivered.",
                    "aws cloudtrail update-trail --region %s --name %s --enable-log-file-validation"
                            .formatted(trail.homeRegion(), trail.name()));
            return;
        }
        var figures = deliveries.figures(state.id(), trail.homeRegion());
        if (!figures.digestError().isEmpty()) {
            findings.fail(
                    "digests",
                    "The last digest could not be put: " + figures.digestError(),
                    "See what is said of the bucket.");
        } else if (figures.digestDelivered() != null) {
            findings.ok("digests", "the last one came at " + figures.digestDelivered());
        } else {
            findings.ok("digests", "none is due yet");
        }
    }

    private void topic(Findings findings, TrailState state) throws CatalogException {
        var trail = state.trail();
        var topic = trail.topic();
        if (topic == null) {
            return;
        }
        var refusal = notices.refusal(topic, trail.arn(), trail.account());
        if (refusal.isEmpty()) {
            findings.ok("topic", topic + " lets the trail publish");
            subscribers(findings, trail, topic);
        } else if (refusal.get().equals("NotFound")) {
            findings.fail(
                    "topic",
                    "The topic %s does not exist; notices wait.".formatted(topic),
                    "aws sns create-topic --name %s, then let the trail in: cairn doctor trail %s"
                            .formatted(topic.substring(topic.lastIndexOf(':') + 1), trail.name()));
        } else {
            findings.fail(
                    "topic",
                    "The policy of %s does not let CloudTrail publish for the trail; notices wait."
                            .formatted(topic),
                    "Add this statement to it, and see that none denies it: "
                            + Notices.statement(topic, trail.arn()));
        }
        var givenUp = notices.figures(state.id()).givenUp();
        if (givenUp > 0) {
            findings.warn(
                    "notices",
                    "%d were given up, since the topic did not take them in time."
                            .formatted(givenUp),
                    "Whoever waits for notices looks into the bucket for what is missing.");
        }
    }

    /// Who does not get what the topic is told. Another account's subscribers are not ours to name.
    private void subscribers(Findings findings, Trail trail, String topic) throws CatalogException {
        var arn = TopicArn.of(topic).filter(found -> found.account().equals(trail.account()));
        if (arn.isEmpty()) {
            return;
        }
        var failing = new ArrayList<String>();
        for (var to : topics.subscriptions(arn.get(), "", Topics.SUBSCRIPTIONS_MAX)) {
            var standing = outbound.standing(to);
            if (standing.failing()) {
                failing.add(
                        "%s (%d on their way, tried %d times at most; %d dead letters)"
                                .formatted(
                                        to.endpoint(),
                                        standing.waiting(),
                                        standing.attempts(),
                                        standing.dead()));
            }
        }
        if (!failing.isEmpty()) {
            var shown = failing.subList(0, Math.min(SUBSCRIBERS_SHOWN, failing.size()));
            findings.warn(
                    "subscribers",
                    "%d of %s did not take what it was told: %s%s"
                            .formatted(
                                    failing.size(),
                                    topic,
                                    String.join("; ", shown),
                                    shown.size() < failing.size() ? "; ..." : ""),
                    "cairn dead-letters list tells why; once mended, cairn dead-letters retry sends them again. What is on its way is tried again by itself.");
        }
    }
}

package dev.cairn.server.bucket;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Lifecycle;
import dev.cairn.archive.Lifecycle.Expiration;
import dev.cairn.archive.Lifecycle.Filter;
import dev.cairn.archive.Lifecycle.Noncurrent;
import dev.cairn.archive.Lifecycle.NoncurrentTransition;
import dev.cairn.archive.Lifecycle.Rule;
import dev.cairn.archive.Lifecycle.Transition;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The lifecycle rules of buckets: kept as they were put, so that they are told again as they were.
final class LifecycleWork {
    private static final int RULES_MAX = 1000;
    private static final int ID_MAX = 255;
    private static final int NEWER_MAX = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Whether small objects move, too, as AWS calls it
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html).
    private static final String MINIMUM = "TransitionDefaultMinimumObjectSize";

    private static final String ALL_LARGE = "all_storage_classes_128K";
    private static final String VARIES = "varies_by_storage_class";

    private final BucketRegister buckets;
    private final boolean cold;

    /// @param cold whether there is a colder place
    LifecycleWork(BucketRegister buckets, boolean cold) {
        this.buckets = buckets;
        this.cold = cold;
    }

    ObjectNode put(S3Call call, Bucket bucket, Transaction tx) throws CatalogException {
        JsonNode rules = call.input().path("LifecycleConfiguration").path("Rules");
        if (rules.isEmpty() || rules.size() > RULES_MAX) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        var kept = JSON.createArrayNode();
        var ids = new HashSet<String>();
        int number = 0;
        for (JsonNode rule : rules) {
            ObjectNode copy = rule.deepCopy();
            number++;
            if (copy.path("ID").asText("").isEmpty()) {
                copy.put("ID", "rule-" + number);
            }
            if (copy.path("ID").asText().length() > ID_MAX) {
                throw new S3Failure(
                        S3Code.INVALID_ARGUMENT,
                        "ID length should not exceed allowed limit of 255");
            }
            if (!ids.add(copy.path("ID").asText())) {
                throw new S3Failure(
                        S3Code.INVALID_ARGUMENT,
                        "Rule ID must be unique. Found same ID for more than one rule");
            }
            kept.add(copy);
        }
        String minimum = call.has(MINIMUM) ? call.text(MINIMUM) : ALL_LARGE;
        if (!List.of(ALL_LARGE, VARIES).contains(minimum)) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "x-amz-transition-default-minimum-object-size: expected %s or %s"
                            .formatted(ALL_LARGE, VARIES));
        }
        boolean moves =
                read(kept, false).rules().stream()
                        .anyMatch(rule ->
                                !rule.transitions().isEmpty()
                                        || !rule.noncurrentTransitions().isEmpty());
        if (moves && !cold) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "This server has no colder place that objects could move to: the setting archive.cold names one");
        }
        String text =
                minimum.equals(VARIES)
                        ? JSON.createObjectNode().<ObjectNode>set("rules", kept).toString()
                        : kept.toString();
        buckets.replace(tx, bucket.with(bucket.keeping().withLifecycle(text)));
        return BucketWork.nothing().put(MINIMUM, minimum);
    }

    ObjectNode delete(Bucket bucket, Transaction tx) throws CatalogException {
        Keeping keeping = bucket.keeping();
        buckets.replace(tx, bucket.with(keeping.withLifecycle("")));
        return BucketWork.nothing();
    }

    static ObjectNode get(Bucket bucket) {
        if (bucket.keeping().lifecycle().isEmpty()) {
            throw new S3Failure(S3Code.NO_SUCH_LIFECYCLE);
        }
        ObjectNode answer = BucketWork.nothing();
        JsonNode kept = parsed(bucket);
        answer.set("Rules", kept.isObject() ? kept.path("rules") : kept);
        answer.put(MINIMUM, kept.isObject() ? VARIES : ALL_LARGE);
        return answer;
    }

    /// The rules of a bucket; empty when it has none.
    static Optional<Lifecycle> of(Bucket bucket) {
        return bucket.keeping().lifecycle().isEmpty()
                ? Optional.empty()
                : Optional.of(ofKept(parsed(bucket)));
    }

    private static Lifecycle ofKept(JsonNode kept) {
        return kept.isObject() ? read(kept.path("rules"), true) : read(kept, false);
    }

    /// The rules; as `rules` in a document where small objects move, too.
    private static JsonNode parsed(Bucket bucket) {
        try {
            return JSON.readTree(bucket.keeping().lifecycle());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "the lifecycle rules of %s were read when they were put, and cannot be now"
                            .formatted(bucket.name()),
                    e);
        }
    }

    private static Lifecycle read(JsonNode rules, boolean small) {
        var read = new ArrayList<Rule>();
        rules.forEach(rule -> read.add(rule(rule)));
        return new Lifecycle(read, small);
    }

    private static Rule rule(JsonNode rule) {
        String status = rule.path("Status").asText();
        if (!List.of("Enabled", "Disabled").contains(status)) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        Filter filter = filter(rule);
        boolean plain = filter.tags().isEmpty() && filter.above() < 0 && isUnbounded(filter);
        Optional<Expiration> expiration = expiration(rule.path("Expiration"));
        if (!filter.tags().isEmpty()
                && expiration.filter(it -> it instanceof Expiration.LoneMarkers).isPresent()) {
            throw new S3Failure(
                    S3Code.INVALID_REQUEST,
                    "ExpiredObjectDeleteMarker cannot be specified with Tags.");
        }
        Optional<Noncurrent> noncurrent = noncurrent(rule.path("NoncurrentVersionExpiration"));
        JsonNode abort = rule.path("AbortIncompleteMultipartUpload");
        Optional<Integer> days =
                isThere(abort) ? Optional.of(days(abort, "DaysAfterInitiation")) : Optional.empty();
        if (days.isPresent() && !plain) {
            throw new S3Failure(
                    S3Code.INVALID_REQUEST,
                    "AbortIncompleteMultipartUpload cannot be specified with Tags or sizes.");
        }
        List<Transition> transitions = TransitionRules.of(rule.path("Transitions"), expiration);
        List<NoncurrentTransition> noncurrentTransitions =
                TransitionRules.ofNoncurrent(rule.path("NoncurrentVersionTransitions"), noncurrent);
        if (expiration.isEmpty()
                && noncurrent.isEmpty()
                && days.isEmpty()
                && transitions.isEmpty()
                && noncurrentTransitions.isEmpty()) {
            throw new S3Failure(
                    S3Code.INVALID_REQUEST, "At least one action needs to be specified in a rule");
        }
        return new Rule(
                rule.path("ID").asText(),
                status.equals("Enabled"),
                filter,
                expiration,
                noncurrent,
                days,
                transitions,
                noncurrentTransitions);
    }

    private static boolean isUnbounded(Filter filter) {
        return filter.below() == Long.MAX_VALUE;
    }

    private static boolean isThere(JsonNode node) {
        return !node.isMissingNode() && !node.isNull();
    }

    /// As it was until 2016 a prefix beside the rule, since then a filter.
    private static Filter filter(JsonNode rule) {
        boolean filtered = isThere(rule.path("Filter"));
        if (filtered == rule.hasNonNull("Prefix")) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        JsonNode filter = filtered ? rule.path("Filter") : rule;
        if (filtered && filter.size() > 1) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        JsonNode all = isThere(filter.path("And")) ? filter.path("And") : filter;
        Map<String, String> tags = new HashMap<>();
        if (filtered) {
            tag(tags, all.path("Tag"));
            for (JsonNode tag : all.path("Tags")) {
                tag(tags, tag);
            }
        }
        return new Filter(
                all.path("Prefix").asText(""),
                tags,
                filtered ? all.path("ObjectSizeGreaterThan").asLong(-1) : -1,
                filtered ? all.path("ObjectSizeLessThan").asLong(Long.MAX_VALUE) : Long.MAX_VALUE);
    }

    private static void tag(Map<String, String> tags, JsonNode tag) {
        if (isThere(tag)
                && tags.put(tag.path("Key").asText(), tag.path("Value").asText()) != null) {
            throw new S3Failure(S3Code.INVALID_REQUEST, "Duplicate Tag Keys are not allowed.");
        }
    }

    private static Optional<Expiration> expiration(JsonNode expiration) {
        if (!isThere(expiration)) {
            return Optional.empty();
        }
        if (expiration.size() != 1) {
            throw new S3Failure(S3Code.MALFORMED_XML);
        }
        if (expiration.has("Days")) {
            return Optional.of(new Expiration.After(days(expiration, "Days")));
        }
        if (expiration.has("Date")) {
            return Optional.of(new Expiration.From(day(expiration)));
        }
        return expiration.path("ExpiredObjectDeleteMarker").asBoolean()
                ? Optional.of(new Expiration.LoneMarkers())
                : Optional.empty();
    }

    /// The day of an action.
    static Instant day(JsonNode action) {
        Instant day = Instant.ofEpochSecond(action.path("Date").asLong());
        if (!day.truncatedTo(ChronoUnit.DAYS).equals(day)) {
            throw new S3Failure(S3Code.INVALID_ARGUMENT, "'Date' must be at midnight GMT");
        }
        return day;
    }

    private static Optional<Noncurrent> noncurrent(JsonNode noncurrent) {
        return isThere(noncurrent)
                ? Optional.of(new Noncurrent(days(noncurrent, "NoncurrentDays"), newer(noncurrent)))
                : Optional.empty();
    }

    /// How many older versions an action leaves alone.
    static int newer(JsonNode action) {
        int newer = action.path("NewerNoncurrentVersions").asInt(0);
        if (action.has("NewerNoncurrentVersions") && (newer < 1 || newer > NEWER_MAX)) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "'NewerNoncurrentVersions' must be a positive integer up to 100");
        }
        return newer;
    }

    private static int days(JsonNode action, String member) {
        int days = action.path(member).asInt(0);
        if (days < 1) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT, "'%s' must be a positive integer".formatted(member));
        }
        return days;
    }
}

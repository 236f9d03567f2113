package dev.cairn.server.bucket;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.Keeping;
import dev.cairn.archive.Lifecycle;
import dev.cairn.archive.Lifecycle.Expiration;
import dev.cairn.archive.Lifecycle.Filter;
import dev.cairn.archive.Lifecycle.Noncurrent;
import dev.cairn.archive.Lifecycle.Rule;
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

    private final BucketRegister buckets;

    LifecycleWork(BucketRegister buckets) {
        this.buckets = buckets;
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
        read(kept);
        buckets.replace(tx, bucket.with(bucket.keeping().withLifecycle(kept.toString())));
        return BucketWork.nothing();
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
        answer.set("Rules", parsed(bucket));
        return answer;
    }

    /// The rules of a bucket; empty when it has none.
    static Optional<Lifecycle> of(Bucket bucket) {
        return bucket.keeping().lifecycle().isEmpty()
                ? Optional.empty()
                : Optional.of(read(parsed(bucket)));
    }

    private static ArrayNode parsed(Bucket bucket) {
        try {
            return (ArrayNode) JSON.readTree(bucket.keeping().lifecycle());
        } catch (JsonProcessingException | ClassCastException e) {
            throw new IllegalStateException(
                    "the lifecycle rules of %s were read when they were put, and cannot be now"
                            .formatted(bucket.name()),
                    e);
        }
    }

    private static Lifecycle read(ArrayNode rules) {
        var read = new ArrayList<Rule>();
        rules.forEach(rule -> read.add(rule(rule)));
        return new Lifecycle(read);
    }

    private static Rule rule(JsonNode rule) {
        if (!rule.path("Transitions").isEmpty()
                || !rule.path("NoncurrentVersionTransitions").isEmpty()) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "Cairn has no colder class that objects could move to yet; rules may expire them, or give uploads up");
        }
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
        if (expiration.isEmpty() && noncurrent.isEmpty() && days.isEmpty()) {
            throw new S3Failure(
                    S3Code.INVALID_REQUEST, "At least one action needs to be specified in a rule");
        }
        return new Rule(
                rule.path("ID").asText(),
                status.equals("Enabled"),
                filter,
                expiration,
                noncurrent,
                days);
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
            Instant day = Instant.ofEpochSecond(expiration.path("Date").asLong());
            if (!day.truncatedTo(ChronoUnit.DAYS).equals(day)) {
                throw new S3Failure(S3Code.INVALID_ARGUMENT, "'Date' must be at midnight GMT");
            }
            return Optional.of(new Expiration.From(day));
        }
        return expiration.path("ExpiredObjectDeleteMarker").asBoolean()
                ? Optional.of(new Expiration.LoneMarkers())
                : Optional.empty();
    }

    private static Optional<Noncurrent> noncurrent(JsonNode noncurrent) {
        if (!isThere(noncurrent)) {
            return Optional.empty();
        }
        int newer = noncurrent.path("NewerNoncurrentVersions").asInt(0);
        if (noncurrent.has("NewerNoncurrentVersions") && (newer < 1 || newer > NEWER_MAX)) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "'NewerNoncurrentVersions' must be a positive integer up to 100");
        }
        return Optional.of(new Noncurrent(days(noncurrent, "NoncurrentDays"), newer));
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

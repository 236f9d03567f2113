package dev.cairn.recorder.sdk;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkPojo;

/// The members of the SDK's requests and answers as CloudTrail shows them: names with a small first
/// letter, moments as Java prints them, no bytes, nothing that is not set.
///
/// What is secret the SDK knows from the service's model, and says so only by what it prints: its
/// `toString` has [#REDACTED] in the place of such a member. What a call only carries (messages,
/// items, lines of logs) is shown as hidden.
final class Members {
    private static final String HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";
    private static final String REDACTED = "*** Sensitive Data Redacted ***";
    private static final int DEPTH_MAX = 40;

    /// By service, members at any depth that hold what a call only carries.
    private static final Map<String, Set<String>> CONTENTS =
            Map.ofEntries(
                    Map.entry(
                            "dynamodb",
                            Set.of(
                                    "item",
                                    "items",
                                    "attributes",
                                    "attributeUpdates",
                                    "expected",
                                    "expressionAttributeValues",
                                    "keyConditions",
                                    "parameters",
                                    "queryFilter",
                                    "scanFilter",
                                    "responses",
                                    "statement",
                                    "unprocessedItems")),
                    Map.entry("cloudtrail-data", Set.of("auditEvents")),
                    Map.entry("events", Set.of("detail")),
                    Map.entry("logs", Set.of("logEvents")),
                    Map.entry("rdsdata", Set.of("parameters", "parameterSets", "records", "sql")),
                    Map.entry("rds-data", Set.of("parameters", "parameterSets", "records", "sql")),
                    Map.entry("ses", Set.of("content", "message", "rawMessage", "template")),
                    Map.entry("sns", Set.of("message", "messageAttributes", "subject")),
                    Map.entry(
                            "sqs", Set.of("body", "messageAttributes", "messageBody", "messages")),
                    Map.entry("states", Set.of("input", "output")),
                    Map.entry(
                            "bedrock", Set.of("messages", "output", "promptVariables", "system")));

    /// Members that CloudTrail calls otherwise.
    private static final Map<String, Map<String, String>> NAMES =
            Map.of("s3", Map.of("bucket", "bucketName"));

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("MMM d, uuuu, h:mm:ss a", Locale.US)
                    .withZone(ZoneOffset.UTC);

    private final Set<String> contents;
    private final Map<String, String> names;

    private Members(String source) {
        this.contents = CONTENTS.getOrDefault(source, Set.of());
        this.names = NAMES.getOrDefault(source, Map.of());
    }

    /// @param source the first label of the event source
    static Map<String, @Nullable Object> of(String source, SdkPojo pojo) {
        return new Members(source).members(pojo, 0);
    }

    private Map<String, @Nullable Object> members(SdkPojo pojo, int depth) {
        var printed = pojo.toString();
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        for (var field : pojo.sdkFields()) {
            var value = field.getValueOrDefault(pojo);
            if (value == null) {
                continue;
            }
            var name = name(field.memberName());
            if (contents.contains(name) || printed.contains(field.memberName() + "=" + REDACTED)) {
                if (!empty(value)) {
                    members.put(name, HIDDEN);
                }
                continue;
            }
            var shown = shown(value, depth + 1);
            if (shown != null) {
                members.put(name, shown);
            }
        }
        return members;
    }

    private String name(String memberName) {
        var lower =
                memberName.isEmpty()
                        ? memberName
                        : Character.toLowerCase(memberName.charAt(0)) + memberName.substring(1);
        return names.getOrDefault(lower, lower);
    }

    private static boolean empty(Object value) {
        return (value instanceof List<?> items && items.isEmpty())
                || (value instanceof Map<?, ?> map && map.isEmpty());
    }

    /// @return null for what is not shown
    private @Nullable Object shown(@Nullable Object value, int depth) {
        if (value == null || depth > DEPTH_MAX) {
            return null;
        }
        if (value instanceof SdkPojo pojo) {
            return members(pojo, depth);
        }
        if (value instanceof Instant time) {
            return DATE.format(time);
        }
        if (value instanceof String
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Short
                || value instanceof Byte
                || value instanceof Double
                || value instanceof Float
                || value instanceof BigDecimal
                || value instanceof BigInteger) {
            return value;
        }
        // The SDK gives lists and maps that are not set as empty ones.
        if (value instanceof List<?> items && !items.isEmpty()) {
            List<Object> list = new ArrayList<>(items.size());
            for (var item : items) {
                var shown = shown(item, depth + 1);
                if (shown != null) {
                    list.add(shown);
                }
            }
            return list;
        }
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            map.forEach((name, item) -> {
                var shown = shown(item, depth + 1);
                if (shown != null) {
                    members.put(String.valueOf(name), shown);
                }
            });
            return members;
        }
        // Bytes, documents, streams.
        return null;
    }
}

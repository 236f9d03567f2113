package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.log.LogGroup;
import dev.cairn.log.LogGroupName;
import dev.cairn.log.LogGroups;
import dev.cairn.log.LogStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// CloudWatch Logs' operations on log groups, their retention and their tags.
///
/// Source: Amazon CloudWatch Logs API Reference.
final class LogGroupOperations {
    static final String GROUP = "logGroupName";
    private static final String PREFIX = "logGroupNamePrefix";
    private static final String PATTERN = "logGroupNamePattern";
    private static final String CLASS = "logGroupClass";
    private static final String STANDARD = "STANDARD";
    private static final String TAGS = "tags";
    private static final int PAGE = 50;

    /// The bytes of so many streams are summed up.
    private static final int STREAMS_MAX = 1_000;

    /// How many groups are read at once where a pattern picks some.
    private static final int READ = 500;

    private final LogGroups groups;

    LogGroupOperations(LogGroups groups) {
        this.groups = groups;
    }

    ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        LogService.only(call, "kmsKeyId", "");
        LogService.only(call, "deletionProtectionEnabled", "false");
        LogService.only(call, CLASS, STANDARD);
        groups.create(tx, group(call), pairs(call.input().path(TAGS)), call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        groups.delete(tx, group(call));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode putRetention(Invocation call, Transaction tx) throws CatalogException {
        groups.setRetention(tx, group(call), Optional.of(call.number("retentionInDays", 0)));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode deleteRetention(Invocation call, Transaction tx) throws CatalogException {
        groups.setRetention(tx, group(call), Optional.empty());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode describe(Invocation call) throws CatalogException {
        if (call.input().hasNonNull(PREFIX) && call.input().hasNonNull(PATTERN)) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
        }
        LogService.only(call, "includeLinkedAccounts", "false");
        LogService.only(call, "logGroupIdentifiers", "[]");
        var limit = call.number("limit", PAGE);
        var found = found(call, limit);
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("logGroups");
        for (var group : found.subList(0, Math.min(limit, found.size()))) {
            items.add(shown(group));
        }
        if (found.size() > limit) {
            output.put("nextToken", NameToken.of(found.get(limit - 1).name().name()));
        }
        return output;
    }

    /// One more than the limit when there are more.
    private List<LogGroup> found(Invocation call, int limit) throws CatalogException {
        var pattern = call.text(PATTERN, "").toLowerCase(Locale.ROOT);
        var found = new ArrayList<LogGroup>();
        if (!call.text(CLASS, STANDARD).equals(STANDARD)) {
            return found;
        }
        var after = after(call);
        while (found.size() <= limit) {
            var page =
                    groups.list(
                            call.caller().account(),
                            call.region(),
                            call.text(PREFIX, ""),
                            after,
                            READ);
            for (var group : page) {
                if (group.name().name().toLowerCase(Locale.ROOT).contains(pattern)) {
                    found.add(group);
                }
            }
            if (page.size() < READ) {
                break;
            }
            after = page.getLast().name().name();
        }
        return found;
    }

    private ObjectNode shown(LogGroup group) throws CatalogException {
        var shown = JsonNodeFactory.instance.objectNode();
        shown.put(GROUP, group.name().name()).put("creationTime", group.created().toEpochMilli());
        group.retentionDays().ifPresent(days -> shown.put("retentionInDays", days));
        var stored =
                groups.streams().list(group.name(), "", "", STREAMS_MAX).stream()
                        .mapToLong(LogStream::bytes)
                        .sum();
        return shown.put("metricFilterCount", groups.filters().of(group.name()).size())
                .put("arn", group.name().arn() + ":*")
                .put("storedBytes", stored)
                .put(CLASS, STANDARD)
                .put("logGroupArn", group.name().arn());
    }

    // Tags: by the group's name as of old, or by its ARN.

    ObjectNode tagGroup(Invocation call, Transaction tx) throws CatalogException {
        groups.tag(tx, group(call), pairs(call.input().path(TAGS)));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode untagGroup(Invocation call, Transaction tx) throws CatalogException {
        groups.untag(tx, group(call), texts(call.input().path(TAGS)));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode tagsOfGroup(Invocation call) throws CatalogException {
        return shownTags(groups.expect(group(call)));
    }

    ObjectNode tag(Invocation call, Transaction tx) throws CatalogException {
        groups.tag(tx, resource(call), pairs(call.input().path(TAGS)));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode untag(Invocation call, Transaction tx) throws CatalogException {
        groups.untag(tx, resource(call), texts(call.input().path("tagKeys")));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode tags(Invocation call) throws CatalogException {
        return shownTags(groups.expect(resource(call)));
    }

    private static ObjectNode shownTags(LogGroup group) {
        var output = JsonNodeFactory.instance.objectNode();
        var shown = output.putObject(TAGS);
        group.tags().forEach(shown::put);
        return output;
    }

    /// The caller's own group of the region that an ARN names. That of others is not there for
    /// them.
    ///
    /// @throws Failure INVALID_PARAMETER, RESOURCE_NOT_FOUND
    private static LogGroupName resource(Invocation call) {
        return named(call, call.text("resourceArn", ""));
    }

    private static LogGroupName named(Invocation call, String arn) {
        var name =
                LogGroupName.ofArn(arn)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.INVALID_PARAMETER,
                                        "Expected the ARN of a log group, got " + arn));
        if (!name.account().equals(call.caller().account())
                || !name.region().equals(call.region())) {
            throw new Failure(
                    ErrorCode.RESOURCE_NOT_FOUND, "The specified log group does not exist.");
        }
        return name;
    }

    // Members.

    static LogGroupName group(Invocation call) {
        return new LogGroupName(call.region(), call.caller().account(), call.text(GROUP, ""));
    }

    /// The group that is asked for by its name, or by its name or ARN as identifier.
    ///
    /// @throws Failure INVALID_PARAMETER, RESOURCE_NOT_FOUND
    static LogGroupName named(Invocation call) {
        var identifier = call.text("logGroupIdentifier", "");
        if (identifier.isEmpty() == call.text(GROUP, "").isEmpty()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected a logGroupName or a logGroupIdentifier, got %s"
                            .formatted(identifier.isEmpty() ? "none" : "both"));
        }
        if (identifier.isEmpty()) {
            return group(call);
        }
        return identified(call, identifier);
    }

    /// A group by its name or ARN.
    ///
    /// @throws Failure INVALID_PARAMETER, RESOURCE_NOT_FOUND
    static LogGroupName identified(Invocation call, String identifier) {
        return identifier.startsWith("arn:")
                ? named(call, identifier)
                : new LogGroupName(call.region(), call.caller().account(), identifier);
    }

    /// The last name of the page before; empty for the first page.
    ///
    /// @throws Failure INVALID_PARAMETER
    static String after(Invocation call) {
        return NameToken.read(call.text("nextToken", ""))
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.INVALID_PARAMETER,
                                "The specified nextToken is invalid."));
    }

    static Map<String, String> pairs(JsonNode map) {
        var pairs = new LinkedHashMap<String, String>();
        map.properties().forEach(pair -> pairs.put(pair.getKey(), pair.getValue().asText()));
        return pairs;
    }

    private static List<String> texts(JsonNode list) {
        var texts = new ArrayList<String>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}

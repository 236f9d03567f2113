package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.inquiry.Answering;
import dev.cairn.inquiry.Inquiry;
import dev.cairn.inquiry.InquiryException;
import dev.cairn.log.GroupEvents;
import dev.cairn.log.LogGroup;
import dev.cairn.log.LogGroupName;
import dev.cairn.log.LogGroups;
import dev.cairn.secret.Secrets;
import dev.cairn.server.operation.LogQueries.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// CloudWatch Logs' operations on questions about messages (Logs Insights).
///
/// Source: Amazon CloudWatch Logs API Reference.
final class LogQueryOperations {
    private static final String ID = "queryId";
    private static final int GROUPS_MAX = 50;

    /// A time beyond it is in thousandths of a second.
    private static final long SECONDS_MAX = 100_000_000_000L;

    private static final int PAGE = 1_000;

    private final LogGroups groups;
    private final GroupEvents events;
    private final LogQueries queries;
    private final Secrets secrets;

    LogQueryOperations(LogGroups groups, GroupEvents events, LogQueries queries, Secrets secrets) {
        this.groups = groups;
        this.events = events;
        this.queries = queries;
        this.secrets = secrets;
    }

    ObjectNode start(Invocation call) throws CatalogException {
        LogService.only(call, "queryLanguage", "CWLI");
        var text = call.text("queryString", "");
        Inquiry inquiry;
        try {
            inquiry = Inquiry.of(text);
        } catch (InquiryException wrong) {
            throw new Failure(ErrorCode.MALFORMED_QUERY, wrong.message());
        }
        if (call.input().hasNonNull("limit")) {
            inquiry = inquiry.limited(call.number("limit", Inquiry.ROWS_MAX));
        }
        var from = time(call, "startTime");
        var to = time(call, "endTime");
        if (from.isAfter(to)) {
            throw invalid("endTime must not be before startTime.");
        }
        var asked = asked(call);
        var query =
                new Query(
                        secrets.uuid(),
                        place(call),
                        asked.stream().map(group -> group.name().name()).toList(),
                        text,
                        call.now(),
                        new Answering(inquiry, events, asked, from, to.plusMillis(1)));
        if (!queries.start(query)) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "An account may have at most %d queries under way."
                            .formatted(LogQueries.OPEN_MAX));
        }
        return JsonNodeFactory.instance.objectNode().put(ID, query.id);
    }

    private static Place place(Invocation call) {
        return new Place(call.caller().account(), call.region());
    }

    private static Instant time(Invocation call, String member) {
        var time = call.input().path(member).asLong();
        return time > SECONDS_MAX ? Instant.ofEpochMilli(time) : Instant.ofEpochSecond(time);
    }

    private List<LogGroup> asked(Invocation call) throws CatalogException {
        var names = new ArrayList<String>();
        if (!call.text(LogGroupOperations.GROUP, "").isEmpty()) {
            names.add(call.text(LogGroupOperations.GROUP, ""));
        }
        call.input().path("logGroupNames").forEach(name -> names.add(name.asText()));
        call.input().path("logGroupIdentifiers").forEach(name -> names.add(name.asText()));
        if (names.isEmpty() || names.size() > GROUPS_MAX) {
            throw invalid(
                    "Expected 1 to %d log groups, got %d".formatted(GROUPS_MAX, names.size()));
        }
        // Whoever names one twice means it once.
        var asked = new LinkedHashMap<LogGroupName, LogGroup>();
        for (var name : names) {
            var group = groups.expect(LogGroupOperations.identified(call, name));
            asked.put(group.name(), group);
        }
        return List.copyOf(asked.values());
    }

    ObjectNode results(Invocation call) {
        var query = expect(call);
        // Before the answer: one that is complete has its rows.
        var status = query.status();
        var answer = query.answer();
        var output = JsonNodeFactory.instance.objectNode();
        var rows = output.putArray("results");
        for (var row : answer.rows()) {
            var shown = rows.addArray();
            row.forEach(cell ->
                    shown.addObject().put("field", cell.column()).put("value", cell.value()));
        }
        output.putObject("statistics")
                .put("recordsMatched", (double) answer.matched())
                .put("recordsScanned", (double) answer.scanned())
                .put("bytesScanned", (double) answer.bytes());
        return output.put("status", status.wireName);
    }

    ObjectNode stop(Invocation call) {
        if (!queries.stop(expect(call))) {
            throw invalid("The query is over already.");
        }
        return JsonNodeFactory.instance.objectNode().put("success", true);
    }

    ObjectNode describe(Invocation call) {
        var group = call.text(LogGroupOperations.GROUP, "");
        var status = call.text("status", "");
        var after = LogGroupOperations.after(call);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("queries");
        var found =
                queries.list(place(call)).stream()
                        .filter(one -> group.isEmpty() || one.groups.contains(group))
                        .filter(one -> status.isEmpty() || one.status().wireName.equals(status))
                        .toList();
        var from = after.isEmpty() ? 0 : -1;
        for (var i = 0; i < found.size() && from < 0; i++) {
            from = found.get(i).id.equals(after) ? i + 1 : -1;
        }
        if (from < 0) {
            throw invalid("The specified nextToken is invalid.");
        }
        var to = Math.min(found.size(), from + call.number("maxResults", PAGE));
        for (var one : found.subList(from, to)) {
            list.addObject()
                    .put(ID, one.id)
                    .put("queryString", one.text)
                    .put("status", one.status().wireName)
                    .put("createTime", one.created.toEpochMilli())
                    .put(LogGroupOperations.GROUP, one.groups.getFirst());
        }
        if (to < found.size()) {
            output.put("nextToken", NameToken.of(found.get(to - 1).id));
        }
        return output;
    }

    private Query expect(Invocation call) {
        return queries.find(place(call), call.text(ID, ""))
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "The specified query does not exist."));
    }

    private static Failure invalid(String words) {
        return new Failure(ErrorCode.INVALID_PARAMETER, words);
    }
}

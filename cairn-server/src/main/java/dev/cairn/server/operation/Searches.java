package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Action;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Target;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.history.SearchText;
import dev.cairn.history.SearchTextException;
import dev.cairn.server.http.Reply;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Cairn's own searches over event history: any field, across accounts and regions for whoever may.
///
/// A caller who may not search all accounts sees their own; naming another is refused. While
/// history is behind, answers say since when events may be missing from them.
public final class Searches {
    private static final int PAGE = 50;

    /// Asking who touched a thing does not touch it.
    private static final Condition ASKING =
            new Condition.And(
                    List.of(
                            new Condition.Is("eventSource", "cairn.amazonaws.com"),
                            new Condition.Is("eventName", "WhoTouched")));

    /// Later than this an event is late.
    private static final Duration SOON = Duration.ofSeconds(1);

    private static final String BEHIND_HEADER = "x-cairn-behind-since";

    private final History history;
    private final Progress progress;
    private final Access access;

    /// How far history has come.
    @FunctionalInterface
    public interface Progress {
        /// When the oldest event that history has not taken yet was recorded; null when it has
        /// taken all.
        @Nullable Instant oldestPending();
    }

    public Searches(History history, Progress progress, Access access) {
        this.history = history;
        this.progress = progress;
        this.access = access;
    }

    ObjectNode search(Invocation call) throws HistoryException {
        return page(call, "SearchEvents", condition(call));
    }

    ObjectNode who(Invocation call) throws HistoryException {
        return page(
                call,
                "WhoTouched",
                new Condition.And(
                        List.of(
                                new Condition.Touched(call.text("resource", "")),
                                new Condition.Not(ASKING))));
    }

    /// The whole answer, as it is found. The first page is found before anything is sent, so that a
    /// question that cannot be answered is refused; later trouble cuts the connection.
    Reply download(Invocation call) throws HistoryException {
        var format = DownloadFormat.named(call.text("format", ""));
        var where = condition(call);
        var limit = call.number("limit", Integer.MAX_VALUE);
        var behind = behindSince(call);
        var first = history.search(query(call, where, null, Math.min(limit, Query.LIMIT_MAX)));
        if (first.cut() != null) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "query: expected one that can be answered whole, got one that cannot: "
                            + first.cut());
        }
        var answer =
                Reply.streamed(
                        200,
                        format.contentType(),
                        out -> {
                            try (var rows = format.writer(out)) {
                                write(call, where, first, limit, rows);
                                rows.end();
                            } catch (HistoryException failure) {
                                throw new IOException("the search broke off", failure);
                            }
                        });
        return behind == null ? answer : answer.with(BEHIND_HEADER, behind.toString());
    }

    /// Since when events may be missing from an answer, because history is behind; null when what
    /// was recorded a second ago is found. To be asked before the search.
    @Nullable Instant behindSince(Invocation call) {
        var oldest = progress.oldestPending();
        return oldest != null && oldest.isBefore(call.now().minus(SOON)) ? oldest : null;
    }

    private void write(
            Invocation call, Condition where, Page first, int limit, DownloadFormat.Rows rows)
            throws HistoryException, IOException {
        var page = first;
        var left = limit;
        while (true) {
            for (var hit : page.hits()) {
                rows.write(hit);
            }
            if (page.cut() != null) {
                throw new IOException("the search broke off: " + page.cut());
            }
            left -= page.hits().size();
            if (page.next() == null || left <= 0) {
                return;
            }
            page = history.search(query(call, where, page.next(), Math.min(left, Query.LIMIT_MAX)));
        }
    }

    private ObjectNode page(Invocation call, String operation, Condition where)
            throws HistoryException {
        var question = question(call, operation);
        var token = call.text("nextToken", "");
        var behind = behindSince(call);
        var page =
                history.search(
                        query(
                                call,
                                where,
                                token.isEmpty() ? null : PageToken.read(token, question),
                                call.number("limit", PAGE)));
        var output = JsonNodeFactory.instance.objectNode();
        var events = output.putArray("events");
        for (var hit : page.hits()) {
            events.add(FoundEvent.json(hit.position(), hit.origin(), hit.event()));
        }
        if (page.next() != null) {
            output.put("nextToken", PageToken.write(page.next(), question));
        }
        if (page.cut() != null) {
            output.put("cut", page.cut());
        }
        if (behind != null) {
            output.put("behindSince", behind.getEpochSecond());
        }
        return output;
    }

    private Query query(Invocation call, Condition where, Query.@Nullable Cursor after, int limit) {
        var time = time(call);
        return new Query(
                withRegions(call, where),
                null,
                accounts(call),
                time.from(),
                time.to(),
                after,
                limit);
    }

    /// The time that a call is about.
    record Time(Instant from, Instant to) {}

    /// @throws Failure InvalidTimeRange when it ends before it begins
    static Time time(Invocation call) {
        var from = time(call, "from", Query.EARLIEST);
        var to = time(call, "to", Query.LATEST);
        if (from.isAfter(to)) {
            throw new Failure(
                    ErrorCode.INVALID_TIME_RANGE,
                    "expected 'from' to be at or before 'to', got %s after %s".formatted(from, to));
        }
        return new Time(from, to);
    }

    /// The accounts to look in; null for all of them.
    ///
    /// @throws Failure AccessDenied when the call names an account the caller may not look in
    @Nullable Set<String> accounts(Invocation call) {
        var named = texts(call, "accounts");
        var own = call.caller().account();
        if (named.equals(Set.of(own))) {
            return named;
        }
        var decision =
                access.decide(
                        call.caller(),
                        Action.SEARCH_ALL_ACCOUNTS,
                        Target.account(own),
                        new Context(call.now(), call.region(), null, false));
        if (decision instanceof Decision.Allowed) {
            return named.isEmpty() ? null : named;
        }
        if (!named.isEmpty()) {
            decision.orFail();
        }
        return Set.of(own);
    }

    static Condition withRegions(Invocation call, Condition where) {
        var regions = texts(call, "regions");
        if (regions.isEmpty()) {
            return where;
        }
        var any = new ArrayList<Condition>();
        regions.forEach(region -> any.add(new Condition.Is("region", region)));
        return new Condition.And(List.of(where, new Condition.Or(any)));
    }

    /// What the call's search text asks.
    ///
    /// @throws Failure ValidationException naming the column
    static Condition condition(Invocation call) {
        try {
            return SearchText.parse(call.text("query", ""));
        } catch (SearchTextException malformed) {
            throw new Failure(ErrorCode.VALIDATION, "query: " + malformed.getMessage());
        }
    }

    private static Instant time(Invocation call, String member, Instant fallback) {
        var value = call.input().path(member);
        if (value.isMissingNode()) {
            return fallback;
        }
        try {
            var time =
                    value.isNumber()
                            ? Instant.ofEpochMilli((long) (value.asDouble() * 1000))
                            : Instant.parse(value.asText());
            return time.isBefore(Query.EARLIEST)
                    ? Query.EARLIEST
                    : time.isAfter(Query.LATEST) ? Query.LATEST : time;
        } catch (DateTimeException _) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    member + ": expected a time such as 2026-11-21T08:00:00Z, got " + value);
        }
    }

    private static Set<String> texts(Invocation call, String member) {
        var texts = new HashSet<String>();
        call.input().path(member).forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static String question(Invocation call, String operation) {
        var same = call.input().deepCopy();
        same.remove(List.of("nextToken", "limit"));
        return operation + " " + call.caller().account() + " " + same;
    }
}

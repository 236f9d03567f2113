package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.store.StoreState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Queries that go on until they are told how they ended.
final class PlainQueries implements Queries {
    final Map<String, Query> queries = new LinkedHashMap<>();
    private List<List<String>> rows = List.of();
    private Runnable beforeStart = () -> {};

    /// What is to happen before each query is started.
    void refuse(Runnable before) {
        beforeStart = before;
    }

    @Override
    public Query start(
            String account,
            String region,
            String asker,
            String statement,
            List<StoreState> stores,
            @Nullable Delivery delivery,
            @Nullable Template template,
            Instant now) {
        beforeStart.run();
        var query =
                new Query(
                        "00000000-0000-4000-8000-%012d".formatted(queries.size()),
                        account,
                        region,
                        asker,
                        statement,
                        stores.stream().map(state -> state.store().id()).toList(),
                        Status.RUNNING,
                        now.plusSeconds(queries.size()),
                        7,
                        700,
                        0,
                        0,
                        null,
                        delivery,
                        template);
        queries.put(query.id(), query);
        return query;
    }

    /// Ends one.
    void end(String id, Status status, List<List<String>> result) {
        rows = result;
        queries.computeIfPresent(
                id,
                (_, query) ->
                        query.ended(
                                        status,
                                        result.size(),
                                        status == Status.FAILED ? "it failed" : null)
                                .timed(12));
    }

    @Override
    public Optional<Query> find(String account, String region, String id) {
        return Optional.ofNullable(queries.get(id))
                .filter(query -> query.account().equals(account) && query.region().equals(region));
    }

    @Override
    public List<Query> of(String account, String region) {
        return queries.values().stream()
                .filter(query -> query.account().equals(account) && query.region().equals(region))
                .toList()
                .reversed();
    }

    @Override
    public int percent(Query query) {
        return query.status().ended() ? 100 : 40;
    }

    @Override
    public void cancel(Query query) {
        if (query.status().ended()) {
            throw new Failure(ErrorCode.INACTIVE_QUERY);
        }
        end(query.id(), Status.CANCELLED, List.of());
    }

    @Override
    public Page page(Query query, long from, int rowsMax) {
        if (from > rows.size()) {
            throw new IllegalArgumentException("expected a row at " + from);
        }
        var end = Math.min(rows.size(), (int) from + rowsMax);
        var page = new ArrayList<JsonNode>();
        for (var row : rows.subList((int) from, end)) {
            var cells = JsonNodeFactory.instance.arrayNode();
            row.forEach(cells::add);
            page.add(cells);
        }
        return new Page(
                List.of("eventName", "n"),
                List.of("VARCHAR", "BIGINT"),
                page,
                end < rows.size() ? end : -1);
    }
}

package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/// A query over an event data store of a running server: started by CloudTrail's StartQuery,
/// followed by Cairn's own FollowQuery, which gives values with their types, and ended by
/// CancelQuery when the command is ended.
final class StoreQuery {
    private static final long PAUSE_MILLIS = 100;
    private static final String REFUSED = "InvalidQueryStatementException: ";

    /// A store's id, or its ARN.
    private static final Pattern ID =
            Pattern.compile("(?:arn:.*/)?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private final Connection connection;
    private final TrailCalls calls;
    private final String region;

    StoreQuery(Connection connection, String region) {
        this.connection = connection;
        this.calls = new TrailCalls(connection);
        this.region = region;
    }

    /// Asks, and gives the rows to an answer.
    ///
    /// @param named the store's name, id or ARN
    /// @param sql over the table `logs`, which is the store
    /// @throws CommandException USAGE when the query is refused
    void ask(String named, String sql, QueryAnswer answer)
            throws CommandException, IOException, InterruptedException {
        var statement = StoreStatement.of(sql, store(named));
        var query = start(statement);
        var running = new AtomicReference<>(query);
        var atExit = new Thread(() -> cancel(running.get()), "query-end");
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            follow(query, answer);
        } finally {
            running.set("");
            Runtime.getRuntime().removeShutdownHook(atExit);
        }
    }

    private String store(String named) throws CommandException, InterruptedException {
        if (ID.matcher(named).matches()) {
            return named.substring(named.lastIndexOf('/') + 1);
        }
        var input = TrailCalls.input();
        while (true) {
            var page = calls.cloudTrail(region, "ListEventDataStores", input);
            for (var store : page.path("EventDataStores")) {
                if (store.path("Name").asText().equals(named)) {
                    var arn = store.path("EventDataStoreArn").asText();
                    return arn.substring(arn.lastIndexOf('/') + 1);
                }
            }
            var next = page.path("NextToken").asText("");
            if (next.isEmpty()) {
                throw new CommandException(
                        "there is no event data store %s in %s; 'aws cloudtrail list-event-data-stores' shows those there are"
                                .formatted(named, region),
                        CommandException.USAGE);
            }
            input.put("NextToken", next);
        }
    }

    private String start(StoreStatement statement) throws CommandException, InterruptedException {
        try {
            return calls.cloudTrail(
                            region,
                            "StartQuery",
                            TrailCalls.input().put("QueryStatement", statement.text()))
                    .path("QueryId")
                    .asText();
        } catch (CommandException refused) {
            var message = String.valueOf(refused.getMessage());
            if (message.startsWith(REFUSED)) {
                throw new CommandException(
                        Table.clean(statement.asWritten(message.substring(REFUSED.length()))),
                        CommandException.USAGE);
            }
            throw refused;
        }
    }

    private void follow(String query, QueryAnswer answer)
            throws CommandException, IOException, InterruptedException {
        JsonNode page;
        try (var bar = Progress.percent("query")) {
            page = page(query, Optional.empty());
            while (page.path("status").asText().matches("QUEUED|RUNNING")) {
                bar.at(page.path("percent").asLong());
                Thread.sleep(PAUSE_MILLIS);
                page = page(query, Optional.empty());
            }
        }
        if (!page.path("status").asText().equals("FINISHED")) {
            throw new CommandException(
                    "the query failed: "
                            + Table.clean(page.path("error").asText(page.path("status").asText())));
        }
        answer.begin(
                QueryAnswer.texts(page.path("columns")), QueryAnswer.texts(page.path("types")));
        while (true) {
            for (var row : page.path("rows")) {
                answer.row(row);
            }
            var next = page.path("nextToken").asText("");
            if (next.isEmpty()) {
                answer.end();
                return;
            }
            page = page(query, Optional.of(next));
        }
    }

    private JsonNode page(String query, Optional<String> token)
            throws CommandException, InterruptedException {
        return connection.get(
                "/cairn/v1/query",
                token.isEmpty()
                        ? Map.of("queryId", List.of(query))
                        : Map.of("queryId", List.of(query), "nextToken", List.of(token.get())));
    }

    private void cancel(String query) {
        if (query.isEmpty()) {
            return;
        }
        try {
            calls.cloudTrail(region, "CancelQuery", TrailCalls.input().put("QueryId", query));
        } catch (CommandException _) {
            // It has just ended by itself, or its server has.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

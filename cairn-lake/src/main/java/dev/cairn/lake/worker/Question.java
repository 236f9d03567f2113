package dev.cairn.lake.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.lake.column.StoreColumns;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a worker is asked.
///
/// ```
/// {"sql":"SELECT …","logs":["/logs/AWSLogs"],"cache":"/home/me/.cache/cairn/logs","cacheBytesMax":10737418240,
///  "scratch":"/tmp/cairn-query1","memoryBytes":2147483648,"spillBytes":21474836480,"threads":2,
///  "milliseconds":3600000,"parquet":"/home/me/top.parquet.part"}
/// ```
///
/// Over event data stores there are, instead of `logs`, `cache` and `cacheBytesMax`:
///
/// ```
/// "stores":[{"id":"1a2b…","columns":"events","metadata":"/data/lake/tables/1a2b…/metadata/v3.metadata.json","tail":"/data/lake/scratch/…/1a2b….tail"}],
/// "more":true
/// ```
///
/// Or there are, instead of all of these, rows that a worker sent, of which a Parquet file is to be
/// made:
///
/// ```
/// "rows":{"file":"/tmp/cairn-query1/rows","columns":["eventName","n"],"types":["VARCHAR","BIGINT"]}
/// ```
///
/// @param sql in Trino's dialect, over the table `logs`, or the stores by their ids
/// @param logs files and folders
/// @param stores the tables there are, instead of log files; empty: log files it is
/// @param rows of an answer; empty: something is asked
/// @param cache where events are kept for the next query; empty: nowhere
/// @param scratch a folder that its owner removes afterwards
/// @param time how long the query may run, the reading of log files aside
/// @param parquet the file that takes the answer; empty: the answer comes in rows
/// @param more whether the worker waits for another question when this one is answered or refused;
///   it ends when one fails
record Question(
        String sql,
        List<Path> logs,
        List<Store> stores,
        Optional<Rows> rows,
        Optional<Path> cache,
        long cacheBytesMax,
        Path scratch,
        long memoryBytes,
        long spillBytes,
        int threads,
        Duration time,
        Optional<Path> parquet,
        boolean more) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// An event data store.
    ///
    /// @param columns which its table has
    /// @param metadata the version of its table; empty when it has none yet
    /// @param tail the events that are not in that version yet: each a length (4 bytes) and a
    ///   record; empty when there are none
    record Store(String id, StoreColumns columns, Optional<Path> metadata, Optional<Path> tail) {}

    /// Rows of an answer.
    ///
    /// @param file an array of JSON a line
    /// @param columns their names
    /// @param types what DuckDB calls their types
    record Rows(Path file, List<String> columns, List<String> types) {
        private static Rows of(JsonNode json) {
            return new Rows(
                    Path.of(json.path("file").asText()),
                    texts(json.path("columns")),
                    texts(json.path("types")));
        }

        private static List<String> texts(JsonNode array) {
            var texts = new ArrayList<String>();
            array.forEach(text -> texts.add(text.asText()));
            return List.copyOf(texts);
        }
    }

    static Question of(String line) throws IOException {
        var json = JSON.readTree(line);
        var logs = new ArrayList<Path>();
        json.path("logs").forEach(log -> logs.add(Path.of(log.asText())));
        var stores = new ArrayList<Store>();
        for (var store : json.path("stores")) {
            stores.add(
                    new Store(
                            store.path("id").asText(),
                            StoreColumns.of(store.path("columns").asText()),
                            path(store.path("metadata")),
                            path(store.path("tail"))));
        }
        return new Question(
                json.path("sql").asText(),
                logs,
                stores,
                json.has("rows") ? Optional.of(Rows.of(json.path("rows"))) : Optional.empty(),
                path(json.path("cache")),
                json.path("cacheBytesMax").asLong(),
                Path.of(json.path("scratch").asText()),
                json.path("memoryBytes").asLong(),
                json.path("spillBytes").asLong(),
                json.path("threads").asInt(),
                Duration.ofMillis(json.path("milliseconds").asLong()),
                path(json.path("parquet")),
                json.path("more").asBoolean());
    }

    private static Optional<Path> path(JsonNode node) {
        return node.isTextual() ? Optional.of(Path.of(node.asText())) : Optional.empty();
    }
}

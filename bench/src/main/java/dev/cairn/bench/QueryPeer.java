package dev.cairn.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.stream.Collectors;

/// DuckDB over packed log files, and over one ideal Parquet file that it makes of them: all events
/// with CloudTrail Lake's columns, sorted by account and time, packed with zstd.
final class QueryPeer implements AutoCloseable {
    static final String IDEAL = "DuckDB 2.0.0.1 on one ideal Parquet file";
    static final String RAW = "DuckDB 2.0.0.1 on the packed files";

    /// What DuckDB is told to look for in a record: what CloudTrail Lake documents.
    private static final String SHAPE =
            """
            {"eventVersion":"VARCHAR","userIdentity":{"type":"VARCHAR","principalId":"VARCHAR","arn":"VARCHAR",
            "accountId":"VARCHAR","accessKeyId":"VARCHAR","userName":"VARCHAR","sessionContext":{
            "attributes":{"creationDate":"TIMESTAMP","mfaAuthenticated":"VARCHAR"},
            "sessionIssuer":{"type":"VARCHAR","principalId":"VARCHAR","arn":"VARCHAR","accountId":"VARCHAR","userName":"VARCHAR"},
            "webIdFederationData":{"federatedProvider":"VARCHAR","attributes":"MAP(VARCHAR, VARCHAR)"},
            "sourceIdentity":"VARCHAR","ec2RoleDelivery":"VARCHAR","ec2IssuedInVpc":"VARCHAR"},
            "invokedBy":"VARCHAR","identityProvider":"VARCHAR"},"eventTime":"TIMESTAMP","eventSource":"VARCHAR",
            "eventName":"VARCHAR","awsRegion":"VARCHAR","sourceIPAddress":"VARCHAR","userAgent":"VARCHAR",
            "errorCode":"VARCHAR","errorMessage":"VARCHAR","requestParameters":"MAP(VARCHAR, VARCHAR)",
            "responseElements":"MAP(VARCHAR, VARCHAR)","additionalEventData":"MAP(VARCHAR, VARCHAR)","requestID":"VARCHAR",
            "eventID":"VARCHAR","readOnly":"BOOLEAN","resources":[{"accountId":"VARCHAR","type":"VARCHAR","ARN":"VARCHAR",
            "ARNPrefix":"VARCHAR"}],"eventType":"VARCHAR","apiVersion":"VARCHAR","managementEvent":"BOOLEAN",
            "recipientAccountId":"VARCHAR","sharedEventID":"VARCHAR","vpcEndpointId":"VARCHAR",
            "serviceEventDetails":"MAP(VARCHAR, VARCHAR)","eventCategory":"VARCHAR","tlsDetails":{"tlsVersion":"VARCHAR",
            "cipherSuite":"VARCHAR","clientProvidedHostHeader":"VARCHAR"},"sessionCredentialFromConsole":"VARCHAR"}
            """
                    .replace("\n", "");

    private final Connection duck;
    private final Path folder;
    private final String files;
    private final double idealSeconds;

    /// @param folder for what it writes
    QueryPeer(Path files, Path folder) throws SQLException, BenchException {
        this.folder = folder;
        this.files = "'" + files.resolve("*.ndjson.gz") + "'";
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new BenchException("cannot make " + folder, e);
        }
        this.duck = DriverManager.getConnection("jdbc:duckdb:");
        run("SET memory_limit='4GB'");
        run("SET temp_directory='" + folder.resolve("spill") + "'");
        run("SET TimeZone='UTC'");
        run(
                "CREATE VIEW raw AS SELECT * FROM read_json(%s, format = 'newline_delimited', columns = %s)"
                        .formatted(this.files, columns()));
        Path ideal = folder.resolve("ideal.parquet");
        this.idealSeconds =
                seconds(
                        "COPY (SELECT e.*, json AS eventJson FROM (SELECT json, from_json(json, '%s') AS e FROM read_json_objects(%s, format = 'newline_delimited')) ORDER BY e.recipientAccountId, e.eventTime) TO '%s' (FORMAT parquet, COMPRESSION zstd)"
                                .formatted(SHAPE, this.files, ideal));
        run("CREATE VIEW ideal AS SELECT * FROM read_parquet('%s')".formatted(ideal));
    }

    private static String columns() throws BenchException {
        try {
            return new ObjectMapper()
                    .readTree(SHAPE).properties().stream()
                            .map(column ->
                                    "'%s': '%s'"
                                            .formatted(column.getKey(), type(column.getValue())))
                            .collect(Collectors.joining(", ", "{", "}"));
        } catch (JsonProcessingException e) {
            throw new BenchException("cannot read the columns", e);
        }
    }

    private static String type(JsonNode shape) {
        if (shape.isArray()) {
            return type(shape.path(0)) + "[]";
        }
        return shape.isTextual()
                ? shape.asText()
                : shape.properties().stream()
                        .map(member ->
                                "\"%s\" %s".formatted(member.getKey(), type(member.getValue())))
                        .collect(Collectors.joining(", ", "STRUCT(", ")"));
    }

    /// Turns the packed files into Parquet, in whatever order they come, and nothing else.
    ///
    /// @return how many seconds that took
    double convert() throws SQLException {
        return seconds(
                "COPY (SELECT * FROM raw) TO '%s' (FORMAT parquet, COMPRESSION zstd)"
                        .formatted(folder.resolve("bare.parquet")));
    }

    /// How long it took to make the ideal file.
    double idealSeconds() {
        return idealSeconds;
    }

    /// What was answered.
    ///
    /// @param millis the median, the reading of the rows included
    record Asked(int rows, double millis) {}

    /// @param sql over the table `$T`
    /// @param packed whether the packed files are asked, else the ideal one
    /// @param rounds measured, behind one that is not when there are several
    Asked ask(String sql, boolean packed, int rounds) throws SQLException {
        String own = sql.replace("$T", packed ? "raw" : "ideal");
        Sample millis = new Sample();
        int rows = rounds > 1 ? rows(own) : 0;
        for (int round = 0; round < rounds; round++) {
            long began = System.nanoTime();
            rows = rows(own);
            millis.add((System.nanoTime() - began) / 1e6);
        }
        return new Asked(rows, millis.median());
    }

    /// As many of them as a page of GetQueryResults has.
    private int rows(String sql) throws SQLException {
        try (var statement = duck.createStatement();
                var rows = statement.executeQuery(sql)) {
            int count = 0;
            int columns = rows.getMetaData().getColumnCount();
            while (count < 1000 && rows.next()) {
                for (int at = 1; at <= columns; at++) {
                    var _ = rows.getString(at);
                }
                count++;
            }
            return count;
        }
    }

    private double seconds(String sql) throws SQLException {
        long began = System.nanoTime();
        run(sql);
        return (System.nanoTime() - began) / 1e9;
    }

    private void run(String sql) throws SQLException {
        try (var statement = duck.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        duck.close();
    }
}

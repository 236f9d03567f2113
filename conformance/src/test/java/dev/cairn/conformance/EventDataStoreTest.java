package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.rest.RESTCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.DashboardType;
import software.amazon.awssdk.services.cloudtrail.model.DeliveryStatus;
import software.amazon.awssdk.services.cloudtrail.model.EventDataStoreTerminationProtectedException;
import software.amazon.awssdk.services.cloudtrail.model.GetImportResponse;
import software.amazon.awssdk.services.cloudtrail.model.GetQueryResultsResponse;
import software.amazon.awssdk.services.cloudtrail.model.ImportStatus;
import software.amazon.awssdk.services.cloudtrail.model.InsufficientS3BucketPolicyException;
import software.amazon.awssdk.services.cloudtrail.model.InvalidQueryStatementException;
import software.amazon.awssdk.services.cloudtrail.model.MaxConcurrentQueriesException;
import software.amazon.awssdk.services.cloudtrail.model.QueryStatus;
import software.amazon.awssdk.services.cloudtrail.model.RequestWidget;
import software.amazon.awssdk.services.cloudtrail.model.ResourceNotFoundException;

/// Event data stores and their queries by AWS SDK for Java 2, on the real process.
final class EventDataStoreTest {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final Duration STARTED_MAX = Duration.ofMinutes(3);
    private static final Duration COMMIT_MAX = Duration.ofSeconds(60);
    private static final int BATCH = 20;
    private static final int FILES = 10;

    /// AWS's quota of queries at once.
    private static final int CONCURRENT_MAX = 10;

    /// As AWS's guide has it for results of queries.
    private static final String POLICY =
            """
            {"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["s3:PutObject*","s3:Abort*"],
             "Resource":["arn:aws:s3:::answers","arn:aws:s3:::answers/*"],
             "Condition":{"StringLike":{"aws:sourceAccount":"123456789012","aws:sourceArn":"arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/*"}}},
            {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::answers",
             "Condition":{"StringLike":{"aws:sourceAccount":"123456789012","aws:sourceArn":"arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/*"}}}]}
            """;

    private final Set<String> recorded = new HashSet<>();
    private int number;
    private LiveServer server;
    private CloudTrailClient client;

    @BeforeEach
    void start() throws Exception {
        server = LiveServer.start("lake.commit-interval=1s");
        connect();
    }

    private void connect() {
        client = client(server);
    }

    /// As root of the server's own account.
    static CloudTrailClient client(LiveServer server) {
        return JavaSdk.root(server.endpoint(), CloudTrailClient.builder()).build();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
    }

    /// Killed between batches, while tables are committed: each event is in an answer once, and
    /// stays there.
    @Tag("long")
    @Test
    void each_event_is_in_the_store_once_whatever_kills_the_server() throws Exception {
        var before = record();
        var arn = client.createEventDataStore(store -> store.name("all")).eventDataStoreArn();
        assertThat(ids(arn)).as("what was recorded before is not in it").isEmpty();
        recorded.removeAll(before);
        for (var kill = 0; kill < 2; kill++) {
            record();
            assertThat(ids(arn)).as("at once, after %d kills", kill).isEqualTo(recorded);
            if (kill == 1) {
                awaitCommit();
            }
            record();
            server.kill();
            server.restart();
            client.close();
            connect();
        }
        assertThat(ids(arn)).isEqualTo(recorded);
        awaitCommit();
        assertThat(ids(arn)).isEqualTo(recorded);
        assertThat(server.cairn("status", "--verify").exited(0).out()).doesNotContain("NOT EVEN");
    }

    /// Killed while it imports: each event of the files is in the store once, however often they
    /// are imported, and whatever is recorded of them besides.
    @Test
    void each_event_of_old_files_is_imported_once_whatever_kills_the_server() throws Exception {
        var arn = client.createEventDataStore(store -> store.name("all")).eventDataStoreArn();
        var live = record();
        try (var s3 = JavaSdkS3Test.client(server.endpoint()).build()) {
            s3.createBucket(ask -> ask.bucket("old-logs"));
            for (var file = 0; file < FILES; file++) {
                var key =
                        "AWSLogs/%1$s/CloudTrail/us-east-1/2026/11/21/%1$s_CloudTrail_us-east-1_20261121T%2$04dZ_0123456789abcdef.json"
                                .formatted(LiveServer.ACCOUNT, file);
                var records = Wire.JSON.createObjectNode();
                for (var i = 0; i < BATCH; i++) {
                    var sample = Sample.now(LiveServer.ACCOUNT, ++number);
                    records.withArray("Records").add(sample.record());
                    recorded.add(sample.id());
                }
                s3.putObject(
                        ask -> ask.bucket("old-logs").key(key),
                        RequestBody.fromString(records.toString()));
            }
        }

        var first = startImport(arn);
        server.kill();
        server.restart();
        client.close();
        connect();
        assertThat(imported(first)).isEqualTo(recorded.size() - live.size());
        assertThat(ids(arn)).isEqualTo(recorded);
        assertThat(imported(startImport(arn))).as("of the same files again").isZero();
        assertThat(ids(arn)).isEqualTo(recorded);
    }

    private String startImport(String arn) {
        return client.startImport(ask ->
                        ask.destinations(arn)
                                .importSource(source ->
                                        source.s3(from ->
                                                from.s3LocationUri("s3://old-logs/AWSLogs/")
                                                        .s3BucketRegion("us-east-1")
                                                        .s3BucketAccessRoleArn(
                                                                "arn:aws:iam::123456789012:role/import"))))
                .importId();
    }

    private GetImportResponse ended(String id) throws Exception {
        return Await.value(
                Await.Bound.of("the end of import " + id, ANSWER_MAX),
                () -> client.getImport(ask -> ask.importId(id)),
                state ->
                        state.importStatus() == ImportStatus.COMPLETED
                                || state.importStatus() == ImportStatus.FAILED);
    }

    /// Waits for an import's end.
    ///
    /// @return how many events it put into the store
    private long imported(String id) throws Exception {
        var done = ended(id);
        assertThat(done.importStatus()).isEqualTo(ImportStatus.COMPLETED);
        assertThat(done.importStatistics().filesCompleted()).isEqualTo(FILES);
        return done.importStatistics().eventsCompleted();
    }

    @Tag("long")
    @Test
    void a_bomb_and_half_a_file_are_named_and_the_rest_is_imported() throws Exception {
        var arn = client.createEventDataStore(store -> store.name("all")).eventDataStoreArn();
        record();
        try (var s3 = JavaSdkS3Test.client(server.endpoint()).build()) {
            s3.createBucket(ask -> ask.bucket("old-logs"));
            var sample = Sample.now(LiveServer.ACCOUNT, ++number);
            var file = BadInputTest.gzip(Sample.batch(List.of(sample)));
            var files =
                    Map.of(
                            "AWSLogs/bomb.json.gz", BadInputTest.bomb(BadInputTest::gzip),
                            "AWSLogs/half.json.gz", Arrays.copyOf(file, file.length / 2),
                            "AWSLogs/whole.json.gz", file);
            files.forEach((key, bytes) ->
                    s3.putObject(
                            ask -> ask.bucket("old-logs").key(key), RequestBody.fromBytes(bytes)));
            recorded.add(sample.id());
        }

        var id = startImport(arn);

        assertThat(ended(id).importStatus()).isEqualTo(ImportStatus.FAILED);
        var failures = new TreeMap<String, String>();
        client.listImportFailures(ask -> ask.importId(id))
                .failures()
                .forEach(failure -> failures.put(failure.location(), failure.errorMessage()));
        assertThat(failures)
                .containsOnlyKeys(
                        "s3://old-logs/AWSLogs/bomb.json.gz", "s3://old-logs/AWSLogs/half.json.gz");
        assertThat(failures.firstEntry().getValue()).contains("unpack");
        assertThat(failures.lastEntry().getValue()).contains("breaks off");
        assertThat(ids(arn)).isEqualTo(recorded);
    }

    @Test
    void refusals_are_exceptions_of_their_own() throws Exception {
        var arn = client.createEventDataStore(store -> store.name("all")).eventDataStoreArn();
        assertThatExceptionOfType(EventDataStoreTerminationProtectedException.class)
                .isThrownBy(() -> client.deleteEventDataStore(ask -> ask.eventDataStore(arn)));
        assertThatExceptionOfType(InvalidQueryStatementException.class)
                .isThrownBy(() ->
                        client.startQuery(ask -> ask.queryStatement("SELECT eventNme FROM " + arn)))
                .withMessageContaining(
                        "line 1:8: column 'eventNme' is not there; did you mean 'eventname'?");
        assertThatExceptionOfType(InvalidQueryStatementException.class)
                .isThrownBy(() ->
                        client.startQuery(ask ->
                                ask.queryStatement(
                                        "SELECT a.eventName FROM %s a, %s b WHERE c = 1"
                                                .formatted(arn, arn))))
                .withMessageContaining("line 1:%d:".formatted(2 * arn.length() + 38));
    }

    /// Whoever asks for many at once is refused before there is a process for each.
    @Tag("long")
    @Test
    void queries_beyond_the_bound_start_nothing() throws Exception {
        var arn = client.createEventDataStore(store -> store.name("all")).eventDataStoreArn();
        var endless =
                "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n > 0) SELECT count(*) FROM t, "
                        + arn;
        var processes = ProcessHandle.of(server.pid()).orElseThrow();
        var before = processes.children().count();
        var started = new ArrayList<Future<String>>();
        long most = 0;
        // One that tried again would count twice, and ten processes may take their time to start.
        try (var patient =
                        JavaSdk.root(server.endpoint(), CloudTrailClient.builder())
                                .overrideConfiguration(
                                        it -> it.retryStrategy(AwsRetryStrategy.doNotRetry()))
                                .httpClientBuilder(
                                        Apache5HttpClient.builder().socketTimeout(STARTED_MAX))
                                .build();
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var i = 0; i < 4 * CONCURRENT_MAX; i++) {
                started.add(
                        callers.submit(() ->
                                patient.startQuery(ask -> ask.queryStatement(endless)).queryId()));
            }
            while (!started.stream().allMatch(Future::isDone)) {
                most = Math.max(most, processes.children().count());
            }
        }
        var refused = 0;
        for (var one : started) {
            switch (one.state()) {
                case SUCCESS -> client.cancelQuery(ask -> ask.queryId(one.resultNow()));
                default -> {
                    assertThat(one.exceptionNow())
                            .isInstanceOf(MaxConcurrentQueriesException.class);
                    refused++;
                }
            }
        }
        assertThat(refused).isEqualTo(3 * CONCURRENT_MAX);
        // One more is kept ready.
        assertThat(most).isBetween(2L, before + CONCURRENT_MAX + 1);
    }

    @Test
    void a_dashboard_asks_the_store_what_its_widgets_say() throws Exception {
        var arn = client.createEventDataStore(store -> store.name("all")).eventDataStoreArn();
        var id = arn.substring(arn.indexOf('/') + 1);
        record();
        var asked =
                RequestWidget.builder()
                        .queryStatement(
                                "SELECT eventName, count(*) AS n FROM %s WHERE eventTime > '?' AND eventSource = 'sample.amazonaws.com' GROUP BY 1"
                                        .formatted(id))
                        .queryParameters("$StartTime$")
                        .viewProperties(Map.of("View", "Table"))
                        .build();
        var widget =
                client.createDashboard(ask -> ask.name("ours").widgets(asked)).widgets().getFirst();
        var refresh = client.startDashboardRefresh(ask -> ask.dashboardId("ours")).refreshId();
        var query =
                Await.value(
                        Await.Bound.of("the widget's answer", ANSWER_MAX),
                        () ->
                                client.describeQuery(ask ->
                                        ask.queryAlias(widget.queryAlias()).refreshId(refresh)),
                        described -> described.queryStatus() == QueryStatus.FINISHED);
        assertThat(client.getQueryResults(ask -> ask.queryId(query.queryId())).queryResultRows())
                .containsExactly(
                        List.of(
                                Map.of("eventName", "SampleEvent"),
                                Map.of("n", Integer.toString(BATCH))));
        assertThat(client.getDashboard(ask -> ask.dashboardId("ours")).lastRefreshId())
                .isEqualTo(refresh);
        var later = Instant.now().plus(Duration.ofDays(1)).toString();
        assertThat(
                        answer(
                                        client.startQuery(ask ->
                                                        ask.queryAlias(widget.queryAlias())
                                                                .queryParameters(later))
                                                .queryId())
                                .queryResultRows())
                .isEmpty();
        assertThat(client.listDashboards(ask -> ask.type(DashboardType.MANAGED)).dashboards())
                .extracting(dashboard -> dashboard.dashboardArn().replaceFirst(".*/", ""))
                .containsExactly("Cairn-Activity", "Cairn-Errors", "Cairn-Security");
        client.deleteDashboard(ask -> ask.dashboardId("ours"));
        assertThatExceptionOfType(ResourceNotFoundException.class)
                .isThrownBy(() -> client.getDashboard(ask -> ask.dashboardId("ours")));
    }

    /// As AWS's guide tells a reader to check it: with openssl, and keys from ListPublicKeys.
    @Test
    void a_result_in_a_bucket_is_proved_by_openssl() throws Exception {
        var arn = client.createEventDataStore(store -> store.name("all")).eventDataStoreArn();
        record();
        var sql = "SELECT eventName, eventID FROM %s WHERE eventSource = 'sample.amazonaws.com'";
        try (var s3 = JavaSdkS3Test.client(server.endpoint()).build()) {
            s3.createBucket(ask -> ask.bucket("answers"));
            assertThatExceptionOfType(InsufficientS3BucketPolicyException.class)
                    .isThrownBy(() ->
                            client.startQuery(ask ->
                                    ask.queryStatement(sql.formatted(arn))
                                            .deliveryS3Uri("s3://answers/a")));
            s3.putBucketPolicy(ask -> ask.bucket("answers").policy(POLICY));
            var id =
                    client.startQuery(ask ->
                                    ask.queryStatement(sql.formatted(arn))
                                            .deliveryS3Uri("s3://answers/a"))
                            .queryId();
            Await.value(
                    Await.Bound.of("the delivery of " + id, ANSWER_MAX),
                    () -> client.describeQuery(ask -> ask.queryId(id)).deliveryStatus(),
                    DeliveryStatus.SUCCESS::equals);
            var files = new TreeMap<String, byte[]>();
            for (var object : s3.listObjectsV2(ask -> ask.bucket("answers")).contents()) {
                assertThat(object.key())
                        .matches(
                                "a/AWSLogs/123456789012/CloudTrail-Lake/Query/[0-9]{4}/[0-9]{2}/[0-9]{2}/"
                                        + id
                                        + "/result_(1.csv.gz|sign.json)");
                files.put(
                        object.key().replaceFirst(".*/", ""),
                        s3.getObjectAsBytes(ask -> ask.bucket("answers").key(object.key()))
                                .asByteArray());
            }
            assertThat(unpacked(named(files, "result_1.csv.gz")).lines().skip(1))
                    .containsExactlyInAnyOrderElementsOf(
                            recorded.stream().map(event -> "SampleEvent," + event).toList());
            assertThat(proved(files, "")).isTrue();
            assertThat(proved(files, "0")).as("another text").isFalse();
        }
    }

    private static byte[] named(Map<String, byte[]> files, String name) {
        return Objects.requireNonNull(files.get(name), name);
    }

    private static String unpacked(byte[] packed) throws IOException {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// @param more behind the text that was signed
    private boolean proved(Map<String, byte[]> files, String more) throws Exception {
        var sign = Wire.JSON.readTree(named(files, "result_sign.json"));
        var file = sign.path("files").path(0);
        var hash = Wire.sha256(named(files, file.path("fileName").asText()));
        assertThat(file.path("fileHashValue").asText()).isEqualTo(hash);
        var completed = Instant.parse(sign.path("queryCompleteTime").asText());
        var key =
                client
                        .listPublicKeys(ask ->
                                ask.startTime(completed)
                                        .endTime(completed.plus(Duration.ofDays(20))))
                        .publicKeyList()
                        .stream()
                        .filter(known ->
                                known.fingerprint()
                                        .equals(sign.path("publicKeyFingerprint").asText()))
                        .findFirst()
                        .orElseThrow();
        var home = server.home();
        Files.write(home.resolve("key.der"), key.value().asByteArray());
        Files.write(
                home.resolve("signature"),
                HexFormat.of().parseHex(sign.path("hashSignature").asText()));
        Files.writeString(home.resolve("signed"), hash + more);
        Command.run(
                        home,
                        Map.of(),
                        List.of(
                                "openssl",
                                "rsa",
                                "-RSAPublicKey_in",
                                "-inform",
                                "DER",
                                "-in",
                                "key.der",
                                "-pubout",
                                "-out",
                                "key.pem"))
                .exited(0);
        return Command.run(
                                home,
                                Map.of(),
                                List.of(
                                        "openssl",
                                        "dgst",
                                        "-sha256",
                                        "-verify",
                                        "key.pem",
                                        "-signature",
                                        "signature",
                                        "signed"))
                        .exit()
                == 0;
    }

    @Tag("long")
    @Test
    void the_command_asks_a_store_by_its_name_and_cancels_when_it_is_ended() throws Exception {
        var arn = client.createEventDataStore(store -> store.name("all")).eventDataStoreArn();
        record();
        var counts =
                "SELECT eventName, count(*) AS n FROM logs WHERE eventSource = 'sample.amazonaws.com' GROUP BY 1";
        assertThat(
                        server.cairn("query", counts, "--eds", "all", "--format", "ndjson")
                                .exited(0)
                                .out())
                .isEqualTo("{\"eventName\":\"SampleEvent\",\"n\":%d}\n".formatted(BATCH));
        assertThat(server.cairn("query", "SELECT eventNme FROM logs", "--eds", arn).exited(2).err())
                .isEqualTo(
                        "cairn: line 1:8: column 'eventNme' is not there; did you mean 'eventname'?\n");
        var endless =
                server.watch(
                        "query",
                        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n > 0) SELECT count(*) FROM t, logs",
                        "--eds",
                        "all");
        awaitQuery(arn, QueryStatus.RUNNING);
        endless.destroy();
        awaitQuery(arn, QueryStatus.CANCELLED);
        assertThat(endless.waitFor(ANSWER_MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @Tag("long")
    void the_command_makes_a_parquet_file_and_draws_and_asks_buckets() throws Exception {
        var _ = client.createEventDataStore(store -> store.name("all"));
        record();
        var counts =
                "SELECT eventName, count(*) AS n FROM logs WHERE eventSource = 'sample.amazonaws.com' GROUP BY 1";
        var parquet = server.home().resolve("top.parquet");
        server.cairn("query", counts, "--eds", "all", "--out", parquet.toString()).exited(0);
        assertThat(new String(Files.readAllBytes(parquet), 0, 4, StandardCharsets.US_ASCII))
                .isEqualTo("PAR1");
        assertThat(server.cairn("query", counts, "--eds", "all", "--chart", "bar").exited(0).out())
                .isEqualTo("SampleEvent  %s  %d\n".formatted("█".repeat(50), BATCH));
        try (var s3 = JavaSdkS3Test.client(server.endpoint()).build()) {
            s3.createBucket(ask -> ask.bucket("old-logs"));
            var record = Sample.now(LiveServer.ACCOUNT, ++number).record();
            s3.putObject(
                    ask -> ask.bucket("old-logs").key("AWSLogs/a.json"),
                    RequestBody.fromString("{\"Records\":[" + record + "]}"));
        }
        assertThat(
                        server.cairn(
                                        "query",
                                        counts,
                                        "--logs",
                                        "s3://old-logs/AWSLogs/",
                                        "--no-cache",
                                        "--format",
                                        "csv")
                                .exited(0)
                                .out())
                .isEqualTo("eventName,n\nSampleEvent,1\n");
        assertThat(server.cairn("query", counts, "--logs", "s3://no-such-logs/").exited(1).err())
                .contains("NoSuchBucket");
    }

    /// By Iceberg's own client of REST catalogs, which signs as AWS's clients do.
    @Test
    void icebergs_own_client_reads_the_table_of_a_store_that_is_open_to_it() throws Exception {
        var arn = client.createEventDataStore(store -> store.name("all")).eventDataStoreArn();
        record();
        awaitCommit();
        var name = TableIdentifier.of("aws:cloudtrail", arn.substring(arn.indexOf('/') + 1));
        try (var catalog = catalog(LiveServer.ROOT.secretAccessKey())) {
            assertThat(catalog.listNamespaces()).containsExactly(name.namespace());
            assertThat(catalog.listTables(name.namespace())).isEmpty();
            assertThatExceptionOfType(NoSuchTableException.class)
                    .isThrownBy(() -> catalog.loadTable(name));

            client.enableFederation(ask ->
                    ask.eventDataStore(arn)
                            .federationRoleArn("arn:aws:iam::123456789012:role/lake"));
            assertThat(catalog.listTables(name.namespace())).containsExactly(name);
            var table = catalog.loadTable(name);
            assertThat(table.schema().findField("useridentity.arn")).isNotNull();
            long events = 0;
            try (var tasks = table.newScan().planFiles()) {
                for (var task : tasks) {
                    events += task.file().recordCount();
                    assertThat(Path.of(task.file().location())).isRegularFile();
                }
            }
            assertThat(events).isGreaterThanOrEqualTo(BATCH);
            assertThatExceptionOfType(NoSuchNamespaceException.class)
                    .isThrownBy(() -> catalog.listTables(Namespace.of("other")));
            assertThat(catalog.tableExists(TableIdentifier.of("aws:cloudtrail", "other")))
                    .isFalse();
        }
        assertThatExceptionOfType(ForbiddenException.class)
                .isThrownBy(() -> catalog("wrong").close());
    }

    private RESTCatalog catalog(String secret) {
        var catalog = new RESTCatalog();
        catalog.initialize(
                "cairn",
                Map.of(
                        "uri",
                        server.endpoint() + "/cairn/iceberg",
                        "rest.sigv4-enabled",
                        "true",
                        "rest.signing-name",
                        "cairn",
                        "rest.signing-region",
                        "us-east-1",
                        "rest.access-key-id",
                        LiveServer.ROOT.accessKeyId(),
                        "rest.secret-access-key",
                        secret,
                        "io-impl",
                        LocalFiles.class.getName()));
        return catalog;
    }

    /// The files of this machine, by their paths.
    public static final class LocalFiles implements FileIO {
        private static final long serialVersionUID = 1L;

        @Override
        public InputFile newInputFile(String path) {
            return org.apache.iceberg.Files.localInput(path);
        }

        @Override
        public OutputFile newOutputFile(String path) {
            throw new UnsupportedOperationException("only reads");
        }

        @Override
        public void deleteFile(String path) {
            throw new UnsupportedOperationException("only reads");
        }
    }

    /// Until there is a query in that state.
    private void awaitQuery(String arn, QueryStatus status) throws Exception {
        Await.until(
                Await.Bound.of("a query that is " + status, ANSWER_MAX),
                () ->
                        client.listQueries(ask -> ask.eventDataStore(arn).queryStatus(status))
                                        .queries()
                                        .size()
                                == 1);
    }

    /// Records a batch, and returns when it is acknowledged.
    private Set<String> record() throws Exception {
        var batch = new ArrayList<Sample>();
        for (var i = 0; i < BATCH; i++) {
            batch.add(Sample.now(LiveServer.ACCOUNT, ++number));
        }
        try (var wire = new Wire(server.endpoint())) {
            wire.intake(LiveServer.ROOT, Sample.batch(batch)).expect(200);
        }
        var ids = batch.stream().map(Sample::id).collect(Collectors.toSet());
        recorded.addAll(ids);
        return ids;
    }

    private Set<String> ids(String arn) throws Exception {
        var sql =
                "SELECT eventID FROM %s WHERE eventSource = 'sample.amazonaws.com'"
                        .formatted(arn.substring(arn.indexOf('/') + 1));
        var result = answer(client.startQuery(ask -> ask.queryStatement(sql)).queryId());
        assertThat(result.queryStatus()).as(result.errorMessage()).isEqualTo(QueryStatus.FINISHED);
        var ids = new HashSet<String>();
        for (List<Map<String, String>> row : result.queryResultRows()) {
            assertThat(ids.add(row.getFirst().get("eventID"))).as("twice: %s", row).isTrue();
        }
        return ids;
    }

    private GetQueryResultsResponse answer(String id) throws Exception {
        return Await.value(
                Await.Bound.of("the answer of " + id, ANSWER_MAX),
                () -> client.getQueryResults(ask -> ask.queryId(id)),
                result ->
                        result.queryStatus() != QueryStatus.QUEUED
                                && result.queryStatus() != QueryStatus.RUNNING);
    }

    /// Until nothing that was recorded so far waits for a commit.
    private void awaitCommit() throws Exception {
        Await.until(
                Await.Bound.of("a commit of " + recorded.size() + " events", COMMIT_MAX),
                () -> {
                    for (var reader :
                            Wire.JSON
                                    .readTree(server.cairn("status", "--json").out())
                                    .path("readers")) {
                        if (reader.path("name").asText().contains(":eventdatastore/")) {
                            return reader.path("delivered").asLong() >= recorded.size();
                        }
                    }
                    return false;
                });
    }
}

package dev.cairn.server.operation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.account.Caller;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.testkit.proof.MapBuckets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Imports into event data stores as CloudTrail's API has them. They are done when the call that
/// starts them returns.
class ImportOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HOME = "us-east-1";
    private static final String DAY = "AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/";

    @TempDir private Path folder;
    private TestParts parts;
    private String store;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        parts.catalog.<Boolean, Exception>write(tx -> {
            new BucketRegister(parts.catalog)
                    .create(
                            tx,
                            new Bucket("logs", TestParts.ACCOUNT, HOME, TestParts.NOW, null, ""));
            return true;
        });
        store = ask("CreateEventDataStore", "{'Name':'all'}").path("EventDataStoreArn").asText();
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    private static String event(String id) {
        return "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-11-05T10:00:00Z\",\"eventSource\":\"ec2.amazonaws.com\",\"eventName\":\"StopInstances\",\"awsRegion\":\"us-east-1\",\"eventID\":\"%s\",\"recipientAccountId\":\"123456789012\",\"userIdentity\":{\"type\":\"Root\"}}"
                .formatted(id);
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] file(String... ids) throws IOException {
        return gzip(
                "{\"Records\":["
                        + String.join(
                                ",", Arrays.stream(ids).map(ImportOperationsTest::event).toList())
                        + "]}");
    }

    private void put(String key, byte[] bytes) {
        parts.logs.items().put(key, new MapBuckets.Item(bytes, Map.of()));
    }

    private String start() throws Exception {
        return start("");
    }

    private String start(String more) throws Exception {
        return ask("StartImport", source("s3://logs/" + DAY, more)).path("ImportId").asText();
    }

    private String source(String uri, String more) {
        return "{'Destinations':['%s'],'ImportSource':{'S3':{'S3LocationUri':'%s','S3BucketRegion':'us-east-1','S3BucketAccessRoleArn':'arn:aws:iam::123456789012:role/import'}}%s}"
                .formatted(store, uri, more);
    }

    private JsonNode got(String id) throws Exception {
        return ask("GetImport", "{'ImportId':'" + id + "'}");
    }

    private Set<String> imported() {
        return parts.tables.values().stream().findFirst().map(Map::keySet).orElse(Set.of());
    }

    private static String statistics(JsonNode known) {
        var of = known.path("ImportStatistics");
        return "%s %d/%d %d %d %d"
                .formatted(
                        known.path("ImportStatus").asText(),
                        of.path("PrefixesCompleted").asInt(),
                        of.path("PrefixesFound").asInt(),
                        of.path("FilesCompleted").asInt(),
                        of.path("EventsCompleted").asInt(),
                        of.path("FailedEntries").asInt());
    }

    @Test
    void each_event_of_a_folder_is_in_the_store_once() throws Exception {
        put(DAY + "05/a.json.gz", file("1", "2", "2"));
        put(DAY + "05/b.json.gz", file("2", "3"));
        put(DAY + "06/c.json", event("4").getBytes(UTF_8));
        put(DAY + "06/d.txt", new byte[] {1});
        put(DAY + "06/x_CloudTrail-Digest_y.json.gz", gzip("{}"));
        put("AWSLogs/123456789012/CloudTrail-Insight/us-east-1/2026/11/05/i.json.gz", file("5"));
        put("elsewhere/e.json.gz", file("6"));

        var id = start();

        assertThat(imported()).containsExactlyInAnyOrder("1", "2", "3", "4");
        assertThat(statistics(got(id))).isEqualTo("COMPLETED 2/2 3 4 0");
        assertThat(got(id).path("ImportSource").path("S3").path("S3LocationUri").asText())
                .isEqualTo("s3://logs/" + DAY);
        assertThat(statistics(got(start()))).as("again").isEqualTo("COMPLETED 2/2 3 0 0");
        assertThat(ask("ListImports", "{'ImportStatus':'COMPLETED'}").path("Imports")).hasSize(2);
        assertThat(ask("ListImports", "{'ImportStatus':'FAILED'}").path("Imports")).isEmpty();
        assertThat(ask("ListImports", "{'Destination':'" + store + "'}").path("Imports"))
                .hasSize(2);
        var first = ask("ListImports", "{'MaxResults':1}");
        assertThat(
                        ask(
                                        "ListImports",
                                        "{'MaxResults':1,'NextToken':'"
                                                + first.path("NextToken").asText()
                                                + "'}")
                                .path("Imports"))
                .hasSize(1);
    }

    @Test
    void a_folder_of_other_files_is_read_when_it_is_named() throws Exception {
        put("AWSLogs/123456789012/CloudTrail-Insight/us-east-1/2026/11/05/i.json.gz", file("5"));
        put("AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/05/a.json.gz", file("1"));

        ask("StartImport", source("s3://logs/AWSLogs/123456789012/CloudTrail-Insight/", ""));
        assertThat(imported()).containsExactly("5");
        ask("StartImport", source("s3://logs", ""));
        assertThat(imported()).containsExactlyInAnyOrder("1", "5");
    }

    @Test
    void what_cannot_be_read_is_named_and_tried_again_by_the_imports_id() throws Exception {
        var half = file("1", "2");
        put(DAY + "05/a.json.gz", Arrays.copyOf(half, half.length - 12));
        put(DAY + "05/b.json.gz", file("3"));
        put(DAY + "05/c.json.gz", gzip("{\"Records\":[%s,{\"no\":1}]}".formatted(event("4"))));
        put(DAY + "05/d.json.gz", gzip("{\"something\":\"else\"}"));
        put(DAY + "05/e.json.gz", gzip(" ".repeat(64 << 20) + event("9")));

        var id = start();

        assertThat(statistics(got(id))).isEqualTo("FAILED 1/1 1 %d 4".formatted(imported().size()));
        assertThat(imported()).contains("3", "4").doesNotContain("9");
        var failures = ask("ListImportFailures", "{'ImportId':'" + id + "'}").path("Failures");
        assertThat(failures).hasSize(4);
        assertThat(failures.findValuesAsText("Status")).containsOnly("FAILED");
        assertThat(failure(failures, "a.json.gz")).contains("breaks off");
        assertThat(failure(failures, "c.json.gz"))
                .startsWith("1 of 2 records refused; the first, record 1: ");
        assertThat(failure(failures, "e.json.gz")).contains("unpack");
        var first = ask("ListImportFailures", "{'ImportId':'" + id + "','MaxResults':3}");
        assertThat(
                        ask(
                                        "ListImportFailures",
                                        "{'ImportId':'%s','MaxResults':3,'NextToken':'%s'}"
                                                .formatted(id, first.path("NextToken").asText()))
                                .path("Failures"))
                .hasSize(1);

        put(DAY + "05/a.json.gz", half);
        put(DAY + "05/c.json.gz", file("4", "5"));
        put(DAY + "05/d.json.gz", file("6"));
        put(DAY + "05/e.json.gz", file("7"));
        put(DAY + "05/f.json.gz", file("8"));
        ask("StartImport", "{'ImportId':'" + id + "'}");

        assertThat(imported()).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6", "7", "8");
        assertThat(statistics(got(id))).startsWith("COMPLETED 1/1 ").endsWith(" 8 0");
        assertThat(
                        ask("ListImportFailures", "{'ImportId':'" + id + "'}")
                                .findValuesAsText("Status"))
                .containsOnly("SUCCEEDED");
    }

    private static String failure(JsonNode failures, String name) {
        for (var one : failures) {
            if (one.path("Location").asText().equals("s3://logs/" + DAY + "05/" + name)) {
                return one.path("ErrorMessage").asText();
            }
        }
        throw new AssertionError("expected a failure of %s, got %s".formatted(name, failures));
    }

    @Test
    void failures_are_listed_to_the_last_a_page_at_a_time() throws Exception {
        for (var at = 0; at <= 1000; at++) {
            put(DAY + "05/" + at + ".json", new byte[] {'x'});
        }
        var id = start();

        var first = ask("ListImportFailures", "{'ImportId':'" + id + "','MaxResults':1000}");
        var token = first.path("NextToken").asText();
        assertThat(first.path("Failures")).hasSize(1000);
        assertThat(token).isNotEmpty();
        var second =
                ask(
                        "ListImportFailures",
                        "{'ImportId':'%s','MaxResults':1000,'NextToken':'%s'}"
                                .formatted(id, token));
        assertThat(second.path("Failures")).hasSize(1);
        assertThat(second.has("NextToken")).isFalse();
        fails(
                ErrorCode.INVALID_NEXT_TOKEN,
                "ListImportFailures",
                "{'ImportId':'%s','NextToken':'%s'}".formatted(id, NameToken.of("\u0000")));
    }

    @Test
    void an_object_may_be_called_whatever_a_bucket_takes() throws Exception {
        var control = DAY + "05/\u0001.json";
        put(control, new byte[] {'x'});
        var longest = DAY + "05/" + "x".repeat(1019 - (DAY + "05/").length()) + ".json";
        put(longest, new byte[] {'x'});

        var id = start();

        assertThat(statistics(got(id))).isEqualTo("FAILED 1/1 0 0 2");
        assertThat(
                        ask("ListImportFailures", "{'ImportId':'" + id + "'}")
                                .findValuesAsText("Location"))
                .containsExactlyInAnyOrder("s3://logs/" + control, "s3://logs/" + longest);
        var page = ask("ListImportFailures", "{'ImportId':'" + id + "','MaxResults':1}");
        assertThat(page.path("NextToken").asText()).hasSizeBetween(1, 1000);
    }

    @Test
    void a_file_with_events_that_no_table_takes_is_named() throws Exception {
        put(DAY + "05/a.json.gz", file("1"));
        put(DAY + "05/b.json.gz", gzip(event("2") + event("\\ud83d") + event("4\\ud83d")));
        put(DAY + "05/c.json.gz", file("3"));

        var id = start();

        assertThat(imported()).containsExactlyInAnyOrder("1", "2", "3");
        assertThat(statistics(got(id))).isEqualTo("FAILED 1/1 2 3 1");
        var failures = ask("ListImportFailures", "{'ImportId':'" + id + "'}").path("Failures");
        assertThat(failure(failures, "b.json.gz"))
                .startsWith("2 of its records cannot be in an event data store");

        ask("StartImport", "{'ImportId':'" + id + "'}");
        assertThat(statistics(got(id))).as("tried again").isEqualTo("FAILED 1/1 2 3 1");
        put(DAY + "05/b.json.gz", file("2", "4"));
        ask("StartImport", "{'ImportId':'" + id + "'}");
        assertThat(statistics(got(id))).as("mended").isEqualTo("COMPLETED 1/1 2 4 0");
    }

    @Test
    void a_file_or_its_events_must_be_of_the_time_that_is_meant() throws Exception {
        put(DAY + "04/x_CloudTrail_us-east-1_20261104T2300Z_a.json.gz", file("before"));
        put(DAY + "05/x_CloudTrail_us-east-1_20261105T1000Z_b.json.gz", file("in"));
        put(DAY + "05/x_CloudTrail_us-east-1_20261105T1201Z_c.json.gz", file("behind"));
        put("old/a.json.gz", gzip(event("o1") + event("o2").replace("T10:", "T13:")));
        var range =
                ",'StartEventTime':%d,'EndEventTime':%d"
                        .formatted(
                                java.time.Instant.parse("2026-11-05T00:00:00Z").getEpochSecond(),
                                java.time.Instant.parse("2026-11-05T12:00:00Z").getEpochSecond());

        start(range);
        assertThat(imported()).containsExactly("in");
        ask("StartImport", source("s3://logs/old/", range));
        assertThat(imported()).containsExactlyInAnyOrder("in", "o1");
    }

    @Test
    void an_import_that_is_cut_short_goes_on_where_it_was() throws Exception {
        put(DAY + "05/a.json.gz", file("1"));
        put(DAY + "05/b.json.gz", file("2"));
        parts.loadsFail = 1;

        assertThat(statistics(got(start()))).isEqualTo("COMPLETED 1/1 2 2 0");
        assertThat(imported()).containsExactlyInAnyOrder("1", "2");
    }

    @Test
    void a_bucket_that_is_gone_ends_an_import_that_can_be_tried_again() throws Exception {
        parts.catalog.<Boolean, Exception>write(tx -> {
            new BucketRegister(parts.catalog)
                    .create(
                            tx,
                            new Bucket("gone", TestParts.ACCOUNT, HOME, TestParts.NOW, null, ""));
            return true;
        });
        var id = ask("StartImport", source("s3://gone/x/", "")).path("ImportId").asText();

        assertThat(got(id).path("ImportStatus").asText()).isEqualTo("FAILED");
        assertThat(
                        ask("ListImportFailures", "{'ImportId':'" + id + "'}")
                                .path("Failures")
                                .path(0)
                                .path("Location")
                                .asText())
                .isEqualTo("s3://gone/x/*");
        fails(ErrorCode.INVALID_PARAMETER, "StopImport", "{'ImportId':'" + id + "'}");
    }

    @Test
    void what_is_tried_in_vain_more_than_once_is_one_failure() throws Exception {
        parts.catalog.<Boolean, Exception>write(tx -> {
            new BucketRegister(parts.catalog)
                    .create(
                            tx,
                            new Bucket("gone", TestParts.ACCOUNT, HOME, TestParts.NOW, null, ""));
            return true;
        });
        var id = ask("StartImport", source("s3://gone/x/", "")).path("ImportId").asText();
        ask("StartImport", "{'ImportId':'" + id + "'}");
        ask("StartImport", "{'ImportId':'" + id + "'}");

        assertThat(statistics(got(id))).isEqualTo("FAILED 0/0 0 0 1");
    }

    @Test
    void a_run_that_was_stopped_changes_nothing_of_the_one_that_goes_on() throws Exception {
        put(DAY + "05/a.json.gz", file("1"));
        put(DAY + "05/b.json.gz", file("2"));
        parts.whileLoading =
                () -> {
                    parts.whileLoading = () -> {};
                    try {
                        var id =
                                ask("ListImports", "{}")
                                        .path("Imports")
                                        .path(0)
                                        .path("ImportId")
                                        .asText();
                        ask("StopImport", "{'ImportId':'" + id + "'}");
                        put(DAY + "06/c.json.gz", file("3"));
                        ask("StartImport", "{'ImportId':'" + id + "'}");
                    } catch (Exception failure) {
                        throw new AssertionError(failure);
                    }
                };

        assertThat(statistics(got(start()))).isEqualTo("COMPLETED 2/2 3 3 0");
    }

    /// They are most of some buckets.
    @Test
    void how_far_keys_were_passed_over_is_written_down() throws Exception {
        for (var at = 1000; at <= 2000; at++) {
            put(DAY + "05/" + at + ".txt", new byte[] {'x'});
        }
        put(DAY + "05/z.json", new byte[] {'x'});
        parts.logs.away().add(DAY + "05/z.json");

        var id = start();

        assertThat(got(id).path("ImportStatus").asText()).isEqualTo("FAILED");
        assertThat(parts.imports.find(TestParts.ACCOUNT, HOME, id).map(StoreImports.Import::cursor))
                .hasValueSatisfying(cursor -> assertThat(cursor).startsWith(DAY + "05/"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "INVALID_IMPORT_SOURCE | {'Destinations':['STORE'],'ImportSource':{'S3':{'S3LocationUri':'ftp://logs','S3BucketRegion':'r','S3BucketAccessRoleArn':'a'}}}",
                "INVALID_IMPORT_SOURCE | {'Destinations':['STORE'],'ImportSource':{'S3':{'S3LocationUri':'s3://nobody/','S3BucketRegion':'r','S3BucketAccessRoleArn':'a'}}}",
                "INVALID_IMPORT_SOURCE | {'Destinations':['STORE']}",
                "INVALID_PARAMETER | {'Destinations':['STORE'],'StartEventTime':2,'EndEventTime':1,'ImportSource':{'S3':{'S3LocationUri':'s3://logs/','S3BucketRegion':'r','S3BucketAccessRoleArn':'a'}}}",
                "INVALID_PARAMETER | {}",
                "INVALID_PARAMETER | {'ImportId':'00000000-0000-4000-8000-000000000000','StartEventTime':1}",
                "IMPORT_NOT_FOUND | {'ImportId':'00000000-0000-4000-8000-000000000000'}",
                "EVENT_DATA_STORE_ARN_INVALID | {'Destinations':['all']}",
                "EVENT_DATA_STORE_NOT_FOUND | {'Destinations':['00000000-0000-4000-8000-000000000000']}"
            })
    void what_is_no_import_is_refused(ErrorCode code, String input) {
        fails(code, "StartImport", input.replace("STORE", store));
    }

    @Test
    void only_stores_of_cloudtrail_events_take_imports() throws Exception {
        store =
                ask(
                                "CreateEventDataStore",
                                "{'Name':'activity','AdvancedEventSelectors':[{'FieldSelectors':[{'Field':'eventCategory','Equals':['ActivityAuditLog']}]}]}")
                        .path("EventDataStoreArn")
                        .asText();

        fails(ErrorCode.INVALID_EVENT_DATA_STORE_CATEGORY, "StartImport", source("s3://logs/", ""));
    }

    /// Another account's bucket is read by who its policy lets in.
    @Test
    void reading_the_objects_is_a_right_of_its_own() throws Exception {
        var rights =
                built("StartImport")
                        .rights(call((ObjectNode) tree(source("s3://logs/" + DAY, ""))));

        assertThat(rights).hasSize(2);
        assertThat(rights.get(1).action().name()).isEqualTo("s3:GetObject");
        assertThat(rights.get(1).target().account()).isEqualTo(TestParts.ACCOUNT);
        assertThat(rights.get(1).target().arn()).isEqualTo("arn:aws:s3:::logs/" + DAY + "*");
    }

    @Test
    void who_goes_on_with_an_import_must_still_be_allowed_to_read() throws Exception {
        put(DAY + "05/a.json.gz", file("1"));
        var id = start();

        var rights =
                built("StartImport").rights(call((ObjectNode) tree("{'ImportId':'" + id + "'}")));

        assertThat(rights).hasSize(2);
        assertThat(rights.get(1).target().arn()).isEqualTo("arn:aws:s3:::logs/" + DAY + "*");
        assertThat(built("StartImport").rights(call((ObjectNode) tree("{'ImportId':'\\u0000'}"))))
                .as("what is no id is for the model to refuse")
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"open/, true", "secret/, false", "secret/a/, false", "'', false"})
    void a_denial_of_some_of_a_folder_is_one_of_the_folder(String prefix, boolean allowed)
            throws Exception {
        parts.catalog.<Boolean, Exception>write(tx -> {
            new BucketRegister(parts.catalog)
                    .create(
                            tx,
                            new Bucket(
                                    "guarded",
                                    TestParts.ACCOUNT,
                                    HOME,
                                    TestParts.NOW,
                                    "{'Version':'2012-10-17','Statement':[{'Effect':'Deny','Principal':'*','Action':'s3:GetObject','Resource':'arn:aws:s3:::guarded/secret/*'}]}"
                                            .replace('\'', '"'),
                                    ""));
            return true;
        });
        var call = call((ObjectNode) tree(source("s3://guarded/" + prefix, "")));
        var right = built("StartImport").rights(call).get(1);

        var decision =
                new Access(TestParts.ACCOUNT)
                        .decide(
                                call.caller(),
                                right.action(),
                                right.target(),
                                new Context(call.now(), call.region(), null, true),
                                right.policy(),
                                right.keys());

        assertThat(decision instanceof Decision.Allowed).isEqualTo(allowed);
    }

    // Asking.

    private BuiltOperation built(String operation) {
        return parts.operations
                .signedAs("cloudtrail")
                .orElseThrow()
                .operation(operation)
                .orElseThrow();
    }

    private Invocation call(ObjectNode input) {
        return new Invocation(
                Caller.root(TestParts.ACCOUNT, "AKIA0"),
                HOME,
                input,
                SpooledBody.of(new byte[0]),
                TestParts.NOW);
    }

    private ObjectNode ask(String operation, String input) throws Exception {
        var call = call((ObjectNode) tree(input));
        return parts.run(built(operation).operation(), call);
    }

    private static JsonNode tree(String json) throws Exception {
        return JSON.readTree(json.replace('\'', '"'));
    }

    private void fails(ErrorCode code, String operation, String input) {
        assertThatThrownBy(() -> ask(operation, input))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }
}

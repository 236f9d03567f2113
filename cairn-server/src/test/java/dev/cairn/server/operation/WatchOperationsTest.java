package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.LogMessage;
import dev.cairn.history.Filter;
import dev.cairn.history.SearchText;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.own.OwnRecord;
import dev.cairn.testkit.RealData;
import dev.cairn.topic.TopicArn;
import dev.cairn.watch.AtMost;
import dev.cairn.watch.Watch;
import dev.cairn.watch.WatchCondition;
import dev.cairn.watch.WatchSet;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TopicArn TOPIC = new TopicArn("us-east-1", TestParts.ACCOUNT, "security");

    @TempDir private Path folder;
    private TestParts parts;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
    }

    private ObjectNode call(String operation, String input) throws Exception {
        var built =
                parts.operations.signedAs("cairn").orElseThrow().operation(operation).orElseThrow();
        return parts.run(
                built.operation(),
                new Invocation(
                        Caller.root(TestParts.ACCOUNT, "AKIA0"),
                        "us-east-1",
                        (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW));
    }

    private void refused(ErrorCode code, String words, String operation, String input) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> call(operation, input))
                .satisfies(failure -> {
                    assertThat(failure.code()).isEqualTo(code);
                    assertThat(failure.message()).contains(words);
                });
    }

    @Test
    void a_watch_is_made_shown_paused_and_removed() throws Exception {
        var asked = "{'name':'root','kind':'search','text':'a = b','topic':'security'%s}";
        refused(
                ErrorCode.RESOURCE_NOT_FOUND,
                "There is no topic " + TOPIC,
                "CreateWatch",
                asked.formatted(""));
        var more = ",'makeTopic':true,'sentence':'So.','atMost':{'messages':1,'seconds':600}";
        var made = call("CreateWatch", asked.formatted(more)).path("watch");
        assertThat(made.path("topicArn").asText()).isEqualTo(TOPIC.toString());
        assertThat(parts.topics.topics().find(TOPIC)).isPresent();
        refused(ErrorCode.RESOURCE_ALREADY_EXISTS, "'root'", "CreateWatch", asked.formatted(more));
        assertThat(call("ListWatches", "{}").path("watches")).containsExactly(made);
        assertThat(call("PauseWatch", "{'name':'root'}").at("/watch/paused").asBoolean()).isTrue();
        assertThat(call("ResumeWatch", "{'name':'root'}").at("/watch/paused").asBoolean())
                .isFalse();
        assertThat(call("GetWatch", "{'name':'root'}").path("watch")).isEqualTo(made);
        call("DeleteWatch", "{'name':'root'}");
        refused(ErrorCode.RESOURCE_NOT_FOUND, "'root'", "GetWatch", "{'name':'root'}");
        refused(ErrorCode.RESOURCE_NOT_FOUND, "'root'", "DeleteWatch", "{'name':'root'}");
        refused(ErrorCode.RESOURCE_NOT_FOUND, "'root'", "PauseWatch", "{'name':'root'}");
    }

    @Test
    void what_cannot_be_is_refused_by_name() {
        for (Map.Entry<String, String> wrong :
                Map.of(
                                "'name':'a/b','kind':'search','text':'a:b','topic':'t'", "name:",
                                "'name':'a','kind':'search','text':'a:','topic':'t'", "column 3",
                                "'name':'a','kind':'filter','text':'x','topic':'t'", "in braces",
                                "'name':'a','kind':'search','text':'a:b','topic':'a b'", "topic:",
                                "'name':'a','kind':'search','text':'a:b','topic':'arn:aws:sns:us-east-1:999999999999:t'",
                                        "expected one of the account",
                                "'name':'a','kind':'search','text':'a:b','topic':'t','atMost':{'messages':9,'seconds':1}",
                                        "atMost:")
                        .entrySet()) {
            refused(
                    ErrorCode.VALIDATION,
                    wrong.getValue(),
                    "CreateWatch",
                    "{" + wrong.getKey() + ",'makeTopic':true}");
        }
        refused(
                ErrorCode.UNSUPPORTED_OPERATION,
                "SQL",
                "CreateWatch",
                "{'name':'a','kind':'sql','text':'SELECT 1','topic':'t'}");
        refused(ErrorCode.VALIDATION, "expected the name", "TestWatch", "{}");
        refused(
                ErrorCode.RESOURCE_NOT_FOUND,
                "there are cis, trail-attacks, object-reads-burst, public-bucket",
                "EnableWatchSet",
                "{'set':'no','topic':'t'}");
        refused(
                ErrorCode.VALIDATION,
                "knows none",
                "EnableWatchSet",
                "{'set':'cis','topic':'t','exceptions':['arn:aws:iam::1:user/a']}");
    }

    @Test
    void an_address_is_subscribed_to_a_topic_of_the_watch_and_must_confirm() throws Exception {
        var asked = "{'name':'keys','kind':'search','text':'a = b','address':'%s'}";
        for (var wrong :
                List.of(
                        "mailto:nobody",
                        "mailto:a@b.c,d@e.f",
                        "http://x.example",
                        "https://private.example",
                        "x@y.z")) {
            refused(ErrorCode.VALIDATION, "address: ", "CreateWatch", asked.formatted(wrong));
        }
        refused(
                ErrorCode.VALIDATION,
                "expected a topic, or an address",
                "CreateWatch",
                "{'name':'keys','kind':'search','text':'a = b'}");
        refused(
                ErrorCode.VALIDATION,
                "without a dot",
                "CreateWatch",
                asked.formatted("mailto:a@b.example").replace("'keys'", "'k.eys'"));
        var made = call("CreateWatch", asked.formatted("mailto:a@b.example")).path("watch");
        var topic = new TopicArn("us-east-1", TestParts.ACCOUNT, "cairn-watch-keys");
        assertThat(made.path("topicArn").asText()).isEqualTo(topic.toString());
        call("EnableWatchSet", "{'set':'cis','address':'https://chat.example/hook'}");
        call("EnableWatchSet", "{'set':'cis','address':'https://chat.example/hook'}");
        var topics = parts.topics.topics();
        assertThat(topics.subscriptions(topic, "", 10))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.endpoint()).isEqualTo("a@b.example");
                    assertThat(one.confirmed()).isFalse();
                });
        assertThat(
                        topics.subscriptions(
                                new TopicArn("us-east-1", TestParts.ACCOUNT, "cairn-watch-cis"),
                                "",
                                10))
                .hasSize(1);
    }

    @Test
    void a_set_that_counts_is_made_with_its_threshold_or_another() throws Exception {
        refused(
                ErrorCode.VALIDATION,
                "counts nothing",
                "EnableWatchSet",
                "{'set':'cis','topic':'t','makeTopic':true,'moreThan':{'events':5,'seconds':60}}");
        var asked =
                "{'set':'object-reads-burst','topic':'t','makeTopic':true,'moreThan':{'events':5,'seconds':60}}";
        call("EnableWatchSet", asked);
        assertThat(call("EnableWatchSet", asked).path("differing")).isEmpty();
        var made = call("GetWatch", "{'name':'object-reads-burst'}").path("watch");
        assertThat(made.path("moreThan").toString())
                .isEqualTo("{\"events\":5,\"seconds\":60,\"per\":\"userIdentity.accessKeyId\"}");
        assertThat(made.at("/atMost/seconds").asInt()).isEqualTo(3_600);
        assertThat(
                        call("EnableWatchSet", "{'set':'object-reads-burst','topic':'t'}")
                                .at("/differing/0/how")
                                .asText())
                .isEqualTo("tells of more than 5/1m per userIdentity.accessKeyId");
        var burst = WatchSet.of(watches("object-reads-burst", List.of()));
        assertThat(
                        taking(
                                burst,
                                "{\"eventTime\":\"2026-11-20T09:00:00Z\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\"}"))
                .containsExactly("object-reads-burst");
    }

    @Test
    void a_set_is_made_once() throws Exception {
        var asked = "{'set':'cis','topic':'security','makeTopic':true}";
        call(
                "CreateWatch",
                "{'name':'cis-root-use','kind':'search','text':'a:b','topic':'security','makeTopic':true}");
        var first = call("EnableWatchSet", asked);
        assertThat(first.path("made")).hasSize(13);
        assertThat(first.path("kept")).hasSize(1);
        assertThat(first.path("differing"))
                .singleElement()
                .satisfies(other -> {
                    assertThat(other.path("name").asText()).isEqualTo("cis-root-use");
                    assertThat(other.path("how").asText()).isEqualTo("waits for something else");
                });
        call("PauseWatch", "{'name':'cis-vpc-changed'}");
        var second = call("EnableWatchSet", asked);
        assertThat(second.path("kept")).hasSize(14);
        assertThat(second.path("differing"))
                .extracting(other -> other.path("how").asText())
                .containsExactly("waits for something else", "is paused");
        var elsewhere =
                "{'set':'cis','topic':'other','makeTopic':true,'atMost':{'messages':1,'seconds':60}}";
        assertThat(call("EnableWatchSet", elsewhere).path("differing"))
                .hasSize(14)
                .allSatisfy(other ->
                        assertThat(other.path("how").asText())
                                .contains("tells " + TOPIC, "tells at most 10/1m"));
        assertThat(call("GetWatch", "{'name':'cis-root-use'}").at("/watch/kind").asText())
                .isEqualTo("search");
        assertThat(call("ListWatches", "{}").path("watches")).hasSize(14);
    }

    @Test
    void whoever_is_expected_is_not_told_of_and_who_has_no_name_is() throws Exception {
        var set = new WatchSets().named("trail-attacks").orElseThrow();
        var auditor = "arn:aws:iam::123456789012:user/auditor";
        var read =
                "{\"eventTime\":\"2026-11-20T09:00:00Z\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"requestParameters\":{\"key\":\"x/AWSLogs/1/a.gz\"},\"userIdentity\":{%s}}";
        var watches = watches("trail-attacks", List.of(auditor, auditor + "2"));
        assertThat(set.items()).hasSameSizeAs(watches);
        var all = WatchSet.of(watches);
        assertThat(taking(all, read.formatted("\"arn\":\"" + auditor + "\""))).isEmpty();
        assertThat(taking(all, read.formatted("\"arn\":\"" + auditor + "2\""))).isEmpty();
        assertThat(taking(all, read.formatted("\"arn\":\"" + auditor + "3\"")))
                .containsExactly("log-files-read");
        assertThat(taking(all, read.formatted("\"type\":\"Unknown\"")))
                .containsExactly("log-files-read");
        assertThat(taking(all, read.formatted("\"invokedBy\":\"cloudtrail.amazonaws.com\"")))
                .isEmpty();
        assertThat(
                        taking(
                                all,
                                "{\"eventTime\":\"2026-11-20T09:00:00Z\",\"eventSource\":\"cairn.amazonaws.com\",\"eventName\":\"PauseWatch\"}"))
                .containsExactly("alerting-switched-off");
    }

    /// As Cairn records its own calls; what is done to buckets is in WatchedFilesTest.
    @ParameterizedTest
    @CsvSource({
        "cloudtrail,StopLogging,trail-stopped",
        "cloudtrail,DeleteTrail,trail-stopped",
        "cloudtrail,StopEventDataStoreIngestion,trail-stopped",
        "cloudtrail,DeleteEventDataStore,trail-stopped",
        "cloudtrail,DeleteChannel,trail-stopped",
        "cloudtrail,UpdateTrail,trail-narrowed",
        "cloudtrail,PutEventSelectors,trail-narrowed",
        "cloudtrail,PutEventConfiguration,trail-narrowed",
        "cloudtrail,UpdateEventDataStore,trail-narrowed",
        "cloudtrail,UpdateChannel,trail-narrowed",
        "kms,DisableKey,log-key-disabled",
        "kms,ScheduleKeyDeletion,log-key-disabled",
        "kms,PutKeyPolicy,log-key-disabled",
        "cloudtrail,StartLogging,",
        "cloudtrail,GetTrailStatus,",
        "kms,EnableKey,"
    })
    void each_attack_on_a_trail_is_taken(String service, String operation, @Nullable String watch) {
        var served = parts.operations.signedAs(service).orElseThrow();
        assertThat(served.operation(operation)).as("it is built").isPresent();
        var record =
                new OwnRecord(
                        "id",
                        TestParts.NOW,
                        Caller.root(TestParts.ACCOUNT, "AKIA0"),
                        "us-east-1",
                        OwnRecord.Asked.management(
                                served.eventSource(), operation, "", false, null),
                        new Exchange(
                                new Request("POST", "/", "", Headers.of("Host", "cairn.example")),
                                InputStream.nullInputStream(),
                                0,
                                "203.0.113.9",
                                null),
                        "request-1",
                        OwnRecord.Outcome.SUCCESS);
        var taking = taking(WatchSet.of(watches("trail-attacks", List.of())), record.json());
        if (watch == null) {
            assertThat(taking).isEmpty();
        } else {
            assertThat(taking).containsExactly(watch);
        }
    }

    private static List<Watch> watches(String set, List<String> exceptions) {
        var named = new WatchSets().named(set).orElseThrow();
        var watches =
                named.items().stream()
                        .map(item ->
                                item.watch(
                                        named,
                                        TestParts.ACCOUNT,
                                        TOPIC,
                                        AtMost.DEFAULT,
                                        java.util.Optional.empty(),
                                        exceptions,
                                        TestParts.NOW))
                        .toList();
        watches.forEach(watch -> watch.condition().check());
        watches.forEach(watch -> {
            assertThat(watch.words().say()).isNotEmpty();
            assertThat(watch.words().means()).isNotEmpty();
            assertThat(watch.words().act()).isNotEmpty();
        });
        return watches;
    }

    private static List<String> taking(WatchSet set, String json) {
        return taking(set, json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static List<String> taking(WatchSet set, byte[] json) {
        return set
                .judge(
                        new Entry(
                                new Place(TestParts.ACCOUNT, "us-east-1"),
                                "id",
                                Origin.INTAKE,
                                json))
                .taking()
                .stream()
                .map(watch -> watch.name().name())
                .toList();
    }

    /// The same events as the benchmark's own patterns take, over real records.
    @Test
    void the_cis_set_takes_what_the_benchmark_says() throws Exception {
        var data = RealData.assume();
        var known =
                JSON.readTree(
                        data.folder()
                                .resolve(
                                        "metric-filters/cis-expected-on-developers-permissive.json")
                                .toFile());
        var benchmark = new ArrayList<Watch>();
        for (var one : known) {
            var like = watches("cis", List.of()).getFirst();
            benchmark.add(
                    new Watch(
                            new dev.cairn.watch.WatchName(
                                    TestParts.ACCOUNT, one.path("name").asText()),
                            new WatchCondition.Filter(one.path("pattern").asText()),
                            like.region(),
                            TOPIC,
                            like.atMost(),
                            like.threshold(),
                            like.reaction(),
                            like.words(),
                            false,
                            "",
                            TestParts.NOW));
        }
        var ours = taken(data, WatchSet.of(watches("cis", List.of())));
        var theirs = taken(data, WatchSet.of(benchmark));
        var names = watches("cis", List.of()).stream().map(watch -> watch.name().name()).toList();
        assertThat(names).hasSize(14).hasSameSizeAs(known);
        for (var i = 0; i < names.size(); i++) {
            JsonNode expected = known.get(i);
            var ids = ours.getOrDefault(names.get(i), List.of());
            assertThat(ids)
                    .as(names.get(i))
                    .hasSize(expected.path("matches_missing_is_false").asInt())
                    .isEqualTo(theirs.getOrDefault(expected.path("name").asText(), List.of()));
            expected.path("sample_eventIDs").forEach(id -> assertThat(ids).contains(id.asText()));
        }
    }

    /// What an index is asked first must find whatever a pattern takes.
    @Test
    void a_test_by_filter_pattern_looks_at_all_that_the_pattern_takes() throws Exception {
        var patterns = new ArrayList<>(watches("cis", List.of()));
        patterns.addAll(watches("trail-attacks", List.of()));
        var conditions = new ArrayList<WatchCondition>();
        patterns.forEach(watch -> conditions.add(watch.condition()));
        for (var text :
                List.of(
                        "{ $.requestParameters.* = a* }",
                        "{ $.resources[0].ARN = \"arn:aws:s3*\" }",
                        "{ $.responseElements.* NOT EXISTS || $.eventName = Get* }",
                        "{ $.requestParameters.maxResults = 100 }",
                        "{ $.readOnly IS TRUE && $.eventVersion >= 1 }",
                        "{ $.userAgent = %[Bb]oto% }")) {
            conditions.add(new WatchCondition.Filter(text));
        }
        var taken = 0;
        for (var condition : conditions) {
            var pattern = FilterPattern.of(condition.text());
            var narrowed = Filter.of(WatchTests.narrowing(condition));
            for (var record : RealData.assume().developersPermissive()) {
                if (pattern.takes(LogMessage.of(record))) {
                    taken++;
                    assertThat(narrowed.test(read(record))).as(condition.text()).isTrue();
                }
            }
        }
        assertThat(taken).isGreaterThan(1_000);
        assertThat(SearchText.of(WatchTests.narrowing(conditions.get(1))).split(" OR ", -1))
                .containsExactlyInAnyOrder("errorCode:*", "errorCode:AccessDenied*");
    }

    private static Event read(byte[] json) {
        return switch (EventReader.lenient().read(json, TestParts.NOW)) {
            case Parsed.Read(Event event) -> event;
            case Parsed.Refused refused -> throw new AssertionError(refused.message());
        };
    }

    private static Map<String, List<String>> taken(RealData data, WatchSet set) throws Exception {
        var taken = new TreeMap<String, List<String>>();
        for (var record : data.developersPermissive()) {
            for (var name : taking(set, record)) {
                taken.computeIfAbsent(name, _ -> new ArrayList<>())
                        .add(JSON.readTree(record).path("eventID").asText());
            }
        }
        return taken;
    }
}

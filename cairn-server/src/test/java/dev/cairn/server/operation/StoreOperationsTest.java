package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.archive.ArchiveException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.Queries.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Event data stores and their queries, as CloudTrail's API has them.
class StoreOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HOME = "us-east-1";

    @TempDir private Path folder;
    private TestParts parts;
    private final Instant now = TestParts.NOW;

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    // Stores.

    @Test
    void a_store_is_made_with_awss_defaults() throws Exception {
        var made =
                ask("CreateEventDataStore", "{'Name':'all','TagsList':[{'Key':'a','Value':'b'}]}");
        var arn = made.path("EventDataStoreArn").asText();

        assertThat(arn)
                .matches("arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/[0-9a-f-]{36}");
        assertThat(
                        made.without(
                                        List.of(
                                                "EventDataStoreArn",
                                                "CreatedTimestamp",
                                                "UpdatedTimestamp"))
                                .toString())
                .isEqualTo(
                        "{'Name':'all','Status':'ENABLED','AdvancedEventSelectors':[{'Name':'Default management events','FieldSelectors':[{'Field':'eventCategory','Equals':['Management']}]}],'MultiRegionEnabled':true,'OrganizationEnabled':false,'RetentionPeriod':366,'TerminationProtectionEnabled':true,'BillingMode':'EXTENDABLE_RETENTION_PRICING','TagsList':[{'Key':'a','Value':'b'}]}"
                                .replace('\'', '"'));
        assertThat(on("GetEventDataStore", arn).path("FederationStatus").asText())
                .isEqualTo("DISABLED");
        assertThat(
                        on("GetEventDataStore", arn.substring(arn.indexOf('/') + 1))
                                .path("Name")
                                .asText())
                .isEqualTo("all");
        assertThat(ask("ListEventDataStores", "{}").path("EventDataStores").toString())
                .isEqualTo("[{\"EventDataStoreArn\":\"" + arn + "\",\"Name\":\"all\"}]");
    }

    @Test
    void a_store_changes_as_it_is_told() throws Exception {
        var arn = made("all");
        var updated =
                ask(
                        "UpdateEventDataStore",
                        "{'EventDataStore':'"
                                + arn
                                + "','Name':'more','RetentionPeriod':7,'AdvancedEventSelectors':[{'FieldSelectors':[{'Field':'eventCategory','Equals':['Management']},{'Field':'eventName','StartsWith':['Put']}]}]}");

        assertThat(updated.path("Name").asText()).isEqualTo("more");
        assertThat(updated.path("RetentionPeriod").asInt()).isEqualTo(7);
        assertThat(updated.path("AdvancedEventSelectors").toString()).contains("StartsWith");
        assertThat(updated.path("MultiRegionEnabled").asBoolean()).isTrue();
        on("StopEventDataStoreIngestion", arn);
        assertThat(on("GetEventDataStore", arn).path("Status").asText())
                .isEqualTo("STOPPED_INGESTION");
        fails(
                ErrorCode.INVALID_EVENT_DATA_STORE_STATUS,
                "StopEventDataStoreIngestion",
                "{'EventDataStore':'" + arn + "'}");
        on("StartEventDataStoreIngestion", arn);
        assertThat(on("GetEventDataStore", arn).path("Status").asText()).isEqualTo("ENABLED");
    }

    @Test
    void a_store_that_other_engines_read_is_not_deleted() throws Exception {
        var arn = made("all");
        fails(
                ErrorCode.INVALID_PARAMETER,
                "EnableFederation",
                "{'EventDataStore':'%s','FederationRoleArn':'lake'}".formatted(arn));
        var enable =
                "{'EventDataStore':'%s','FederationRoleArn':'arn:aws:iam::123456789012:role/lake'}"
                        .formatted(arn);

        assertThat(ask("EnableFederation", enable).toString())
                .isEqualTo(
                        "{'EventDataStoreArn':'%s','FederationStatus':'ENABLED','FederationRoleArn':'arn:aws:iam::123456789012:role/lake'}"
                                .formatted(arn)
                                .replace('\'', '"'));
        fails(ErrorCode.EVENT_DATA_STORE_FEDERATION_ENABLED, "EnableFederation", enable);
        ask(
                "UpdateEventDataStore",
                "{'EventDataStore':'%s','TerminationProtectionEnabled':false}".formatted(arn));
        assertThat(on("GetEventDataStore", arn).path("FederationRoleArn").asText())
                .isEqualTo("arn:aws:iam::123456789012:role/lake");
        fails(
                ErrorCode.EVENT_DATA_STORE_FEDERATION_ENABLED,
                "DeleteEventDataStore",
                "{'EventDataStore':'" + arn + "'}");
        assertThat(on("DisableFederation", arn).path("FederationStatus").asText())
                .isEqualTo("DISABLED");
        assertThat(on("GetEventDataStore", arn).path("FederationStatus").asText())
                .isEqualTo("DISABLED");
        on("DeleteEventDataStore", arn);
        fails(ErrorCode.INACTIVE_EVENT_DATA_STORE, "EnableFederation", enable);
    }

    @Test
    void a_deleted_store_waits_seven_days_and_can_be_restored() throws Exception {
        var arn = made("all");
        fails(
                ErrorCode.EVENT_DATA_STORE_TERMINATION_PROTECTED,
                "DeleteEventDataStore",
                "{'EventDataStore':'" + arn + "'}");
        fails(
                ErrorCode.INVALID_EVENT_DATA_STORE_STATUS,
                "RestoreEventDataStore",
                "{'EventDataStore':'" + arn + "'}");
        unprotect(arn);
        on("DeleteEventDataStore", arn);

        assertThat(on("GetEventDataStore", arn).path("Status").asText())
                .isEqualTo("PENDING_DELETION");
        for (var call : List.of("UpdateEventDataStore", "DeleteEventDataStore")) {
            fails(
                    ErrorCode.INACTIVE_EVENT_DATA_STORE,
                    call,
                    "{'EventDataStore':'" + arn + "','Name':'else'}");
        }
        fails(
                ErrorCode.INACTIVE_EVENT_DATA_STORE,
                "ListQueries",
                "{'EventDataStore':'" + arn + "'}");
        var store = parts.stores.all().getFirst().store();
        assertThat(parts.stores.removeDue(store, now.plus(Duration.ofDays(7)).minusMillis(1)))
                .isFalse();
        assertThat(on("RestoreEventDataStore", arn).path("Status").asText()).isEqualTo("ENABLED");
        on("DeleteEventDataStore", arn);
        assertThat(parts.stores.removeDue(store, now.plus(Duration.ofDays(7)))).isTrue();
        fails(
                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                "GetEventDataStore",
                "{'EventDataStore':'" + arn + "'}");
    }

    private void unprotect(String arn) throws Exception {
        ask(
                "UpdateEventDataStore",
                "{'EventDataStore':'" + arn + "','TerminationProtectionEnabled':false}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "UNSUPPORTED_OPERATION | {'Name':'new','KmsKeyId':'alias/a'}",
                "UNSUPPORTED_OPERATION | {'Name':'new','OrganizationEnabled':true}",
                "UNSUPPORTED_OPERATION | {'Name':'new','AdvancedEventSelectors':[{'FieldSelectors':[{'Field':'eventCategory','Equals':['Insight']}]}]}",
                "INVALID_EVENT_SELECTORS | {'Name':'new','AdvancedEventSelectors':[{'FieldSelectors':[{'Field':'eventCategory','Equals':['Nothing']}]}]}",
                "INVALID_EVENT_SELECTORS | {'Name':'new','AdvancedEventSelectors':[]}",
                "INVALID_PARAMETER | {'Name':'new','BillingMode':'FIXED_RETENTION_PRICING','RetentionPeriod':2558}",
                "INVALID_TAG_PARAMETER | {'Name':'new','TagsList':[{'Key':'aws:a','Value':'b'}]}",
                "EVENT_DATA_STORE_ALREADY_EXISTS | {'Name':'all'}"
            })
    void what_a_store_cannot_be_is_refused(ErrorCode code, String input) throws Exception {
        made("all");

        fails(code, "CreateEventDataStore", input);
    }

    @Test
    void a_region_has_ten_stores_at_most_those_pending_deletion_counted() throws Exception {
        for (var number = 0; number < 10; number++) {
            unprotect(made("store-" + number));
        }
        on("DeleteEventDataStore", parts.stores.all().getFirst().store().arn());

        fails(
                ErrorCode.EVENT_DATA_STORE_MAX_LIMIT_EXCEEDED,
                "CreateEventDataStore",
                "{'Name':'one-more'}");
        var first = ask("ListEventDataStores", "{'MaxResults':6}");
        var rest =
                ask(
                        "ListEventDataStores",
                        "{'MaxResults':6,'NextToken':'" + first.path("NextToken").asText() + "'}");
        assertThat(first.path("EventDataStores")).hasSize(6);
        assertThat(rest.path("EventDataStores")).hasSize(4);
        assertThat(rest.has("NextToken")).isFalse();
    }

    @Test
    void another_billing_mode_can_be_chosen_one_way_only() throws Exception {
        var arn =
                ask(
                                "CreateEventDataStore",
                                "{'Name':'all','BillingMode':'FIXED_RETENTION_PRICING'}")
                        .path("EventDataStoreArn")
                        .asText();

        assertThat(on("GetEventDataStore", arn).path("RetentionPeriod").asInt()).isEqualTo(2557);
        ask(
                "UpdateEventDataStore",
                "{'EventDataStore':'" + arn + "','BillingMode':'EXTENDABLE_RETENTION_PRICING'}");
        fails(
                ErrorCode.INVALID_PARAMETER,
                "UpdateEventDataStore",
                "{'EventDataStore':'" + arn + "','BillingMode':'FIXED_RETENTION_PRICING'}");
        fails(
                ErrorCode.INVALID_PARAMETER,
                "UpdateEventDataStore",
                "{'EventDataStore':'" + arn + "'}");
    }

    @Test
    void a_store_is_found_in_its_own_account_and_region_only() throws Exception {
        var arn = made("all");

        fails(
                ErrorCode.EVENT_DATA_STORE_ARN_INVALID,
                "GetEventDataStore",
                "{'EventDataStore':'all'}");
        fails(
                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                "GetEventDataStore",
                "{'EventDataStore':'" + arn.replace("us-east-1", "eu-west-1") + "'}");
        fails(
                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                "GetEventDataStore",
                "{'EventDataStore':'" + arn.replace("123456789012", "210987654321") + "'}");
        var id = arn.substring(arn.indexOf('/') + 1);
        assertThatThrownBy(() ->
                        run(
                                Caller.root("210987654321", "AKIA1"),
                                "GetEventDataStore",
                                "{'EventDataStore':'" + id + "'}"))
                .isInstanceOf(Failure.class);
        assertThatThrownBy(() ->
                        run(
                                Caller.root("210987654321", "AKIA1"),
                                "StartQuery",
                                "{'QueryStatement':'SELECT 1 FROM " + id + "'}"))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure ->
                                assertThat(failure.code())
                                        .isEqualTo(ErrorCode.EVENT_DATA_STORE_NOT_FOUND));
    }

    @Test
    void tags_come_and_go() throws Exception {
        var arn = made("all");
        ask(
                "AddTags",
                "{'ResourceId':'"
                        + arn
                        + "','TagsList':[{'Key':'a','Value':'1'},{'Key':'b','Value':'2'}]}");
        ask("RemoveTags", "{'ResourceId':'" + arn + "','TagsList':[{'Key':'a'}]}");

        assertThat(ask("ListTags", "{'ResourceIdList':['" + arn + "']}").toString())
                .isEqualTo(
                        "{\"ResourceTagList\":[{\"ResourceId\":\""
                                + arn
                                + "\",\"TagsList\":[{\"Key\":\"b\",\"Value\":\"2\"}]}]}");
    }

    // Queries.

    @Test
    void a_query_is_followed_to_its_rows_page_by_page() throws Exception {
        var arn = made("all");
        var id = arn.substring(arn.indexOf('/') + 1);
        var query =
                ask(
                                "StartQuery",
                                "{'QueryStatement':'SELECT eventName, count(*) n FROM "
                                        + id
                                        + " GROUP BY 1'}")
                        .path("QueryId")
                        .asText();
        assertThat(
                        ask("GetQueryResults", "{'QueryId':'" + query + "'}")
                                .path("QueryStatus")
                                .asText())
                .isEqualTo("RUNNING");
        parts.queries.end(
                query,
                Status.FINISHED,
                List.of(List.of("A", "1"), List.of("B", "2"), List.of("C", "3")));

        var first = ask("GetQueryResults", "{'QueryId':'" + query + "','MaxQueryResults':2}");
        assertThat(first.path("QueryResultRows").toString())
                .isEqualTo(
                        "[[{\"eventName\":\"A\"},{\"n\":\"1\"}],[{\"eventName\":\"B\"},{\"n\":\"2\"}]]");
        assertThat(first.path("QueryStatistics").toString())
                .isEqualTo("{\"ResultsCount\":2,\"TotalResultsCount\":3,\"BytesScanned\":700}");
        var rest =
                ask(
                        "GetQueryResults",
                        "{'QueryId':'"
                                + query
                                + "','MaxQueryResults':2,'NextToken':'"
                                + first.path("NextToken").asText()
                                + "'}");
        assertThat(rest.path("QueryResultRows")).hasSize(1);
        assertThat(rest.has("NextToken")).isFalse();
        fails(
                ErrorCode.INVALID_NEXT_TOKEN,
                "GetQueryResults",
                "{'QueryId':'" + query + "','NextToken':'AAAA'}");
        var described = ask("DescribeQuery", "{'QueryId':'" + query + "'}");
        assertThat(described.path("QueryStatus").asText()).isEqualTo("FINISHED");
        assertThat(described.path("QueryStatistics").path("EventsScanned").asInt()).isEqualTo(7);
        fails(ErrorCode.INACTIVE_QUERY, "CancelQuery", "{'QueryId':'" + query + "'}");
    }

    @Test
    void cairns_own_call_follows_a_query_and_keeps_the_types_of_values() throws Exception {
        var arn = made("all");
        var query =
                ask("StartQuery", "{'QueryStatement':'SELECT 1 FROM " + arn + "'}")
                        .path("QueryId")
                        .asText();
        var asked = "{'queryId':'" + query + "'}";
        assertThat(own("FollowQuery", asked).toString())
                .isEqualTo("{\"status\":\"RUNNING\",\"percent\":40}");
        parts.queries.end(query, Status.FINISHED, List.of(List.of("A", "1"), List.of("B", "2")));
        assertThat(own("FollowQuery", asked).toString())
                .isEqualTo(
                        "{\"status\":\"FINISHED\",\"percent\":100,\"columns\":[\"eventName\",\"n\"],\"types\":[\"VARCHAR\",\"BIGINT\"],\"rows\":[[\"A\",\"1\"],[\"B\",\"2\"]]}");
        parts.queries.end(query, Status.FAILED, List.of());
        assertThat(own("FollowQuery", asked).path("error").asText()).isEqualTo("it failed");
        assertThatThrownBy(() ->
                        own("FollowQuery", "{'queryId':'00000000-0000-4000-8000-00000000000f'}"))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure ->
                                assertThat(failure.code()).isEqualTo(ErrorCode.QUERY_ID_NOT_FOUND));
    }

    @Test
    void the_queries_of_a_store_are_listed_newest_first() throws Exception {
        var arn = made("all");
        var other = made("other");
        for (var store : List.of(arn, other, arn, arn)) {
            ask("StartQuery", "{'QueryStatement':'SELECT 1 FROM " + store + "'}");
        }
        parts.queries.end(
                parts.queries.queries.keySet().iterator().next(), Status.FAILED, List.of());

        var first = ask("ListQueries", "{'EventDataStore':'" + arn + "','MaxResults':2}");
        assertThat(first.path("Queries").toString())
                .contains("000000000003", "000000000002")
                .doesNotContain("000000000001");
        var rest =
                ask(
                        "ListQueries",
                        "{'EventDataStore':'"
                                + arn
                                + "','MaxResults':2,'NextToken':'"
                                + first.path("NextToken").asText()
                                + "'}");
        assertThat(rest.path("Queries")).hasSize(1);
        assertThat(
                        ask(
                                        "ListQueries",
                                        "{'EventDataStore':'" + arn + "','QueryStatus':'FAILED'}")
                                .path("Queries"))
                .hasSize(1);
        fails(
                ErrorCode.INVALID_DATE_RANGE,
                "ListQueries",
                "{'EventDataStore':'" + arn + "','StartTime':2,'EndTime':1}");
    }

    @Test
    void what_is_no_query_of_a_store_is_refused() throws Exception {
        var arn = made("all");
        fails(ErrorCode.INVALID_QUERY_STATEMENT, "StartQuery", "{'QueryStatement':'SELECT 1'}");
        fails(
                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                "StartQuery",
                "{'QueryStatement':'SELECT 1 FROM 00000000-0000-4000-8000-000000000000'}");
        fails(
                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                "StartQuery",
                "{'QueryStatement':'SELECT 1 FROM "
                        + arn
                        + "','EventDataStoreOwnerAccountId':'210987654321'}");
        fails(
                ErrorCode.QUERY_ID_NOT_FOUND,
                "DescribeQuery",
                "{'QueryId':'00000000-0000-4000-8000-000000000000'}");
        unprotect(arn);
        on("DeleteEventDataStore", arn);
        fails(
                ErrorCode.INACTIVE_EVENT_DATA_STORE,
                "StartQuery",
                "{'QueryStatement':'SELECT 1 FROM " + arn + "'}");
    }

    @Test
    void a_result_may_go_to_a_bucket_that_lets_it_in() throws Exception {
        var arn = made("all");
        var asked = "{'QueryStatement':'SELECT 1 FROM " + arn + "','DeliveryS3Uri':'%s'}";
        var rights = new ArrayList<String>();
        parts.buckets =
                (as, bucket, prefix) -> {
                    rights.add(as.account() + " " + as.trailArn() + " " + bucket + " " + prefix);
                    return Optional.empty();
                };
        var query = ask("StartQuery", asked.formatted("s3://top/a/b")).path("QueryId").asText();
        assertThat(rights)
                .containsExactly("123456789012 " + arn + " top a/b/AWSLogs/123456789012/");
        var described = ask("DescribeQuery", "{'QueryId':'" + query + "'}");
        assertThat(described.path("DeliveryS3Uri").asText()).isEqualTo("s3://top/a/b");
        assertThat(described.path("DeliveryStatus").asText()).isEqualTo("PENDING");

        fails(ErrorCode.INVALID_S3_BUCKET_NAME, "StartQuery", asked.formatted("s3://Top/a"));
        fails(ErrorCode.INVALID_S3_PREFIX, "StartQuery", asked.formatted("s3://top//a"));
        fails(
                ErrorCode.INVALID_S3_PREFIX,
                "StartQuery",
                asked.formatted("s3://top/" + "a".repeat(201)));
        parts.buckets = (_, _, _) -> Optional.of("It does not let you.");
        fails(ErrorCode.INSUFFICIENT_S3_BUCKET_POLICY, "StartQuery", asked.formatted("s3://top"));
        parts.buckets =
                (_, _, _) -> {
                    throw new ArchiveException(
                            ArchiveException.Kind.NO_SUCH_BUCKET, "NoSuchBucket", "none");
                };
        fails(ErrorCode.S3_BUCKET_DOES_NOT_EXIST, "StartQuery", asked.formatted("s3://top"));
        assertThat(parts.queries.queries).as("queries that were started").hasSize(1);
    }

    @Test
    void no_statement_is_made_of_a_prompt() throws Exception {
        var arn = made("all");
        fails(
                ErrorCode.GENERATE_RESPONSE,
                "GenerateQuery",
                "{'EventDataStores':['" + arn + "'],'Prompt':'Who deleted it?'}");
        fails(
                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                "GenerateQuery",
                "{'EventDataStores':['00000000-0000-4000-8000-000000000000'],'Prompt':'Who?'}");
    }

    // Asking.

    private String made(String name) throws Exception {
        return ask("CreateEventDataStore", "{'Name':'" + name + "'}")
                .path("EventDataStoreArn")
                .asText();
    }

    private ObjectNode on(String operation, String store) throws Exception {
        return ask(operation, "{'EventDataStore':'" + store + "'}");
    }

    private ObjectNode ask(String operation, String input) throws Exception {
        return run(Caller.root(TestParts.ACCOUNT, "AKIA0"), operation, input);
    }

    private ObjectNode own(String operation, String input) throws Exception {
        return run("cairn", Caller.root(TestParts.ACCOUNT, "AKIA0"), operation, input);
    }

    private ObjectNode run(Caller caller, String operation, String input) throws Exception {
        return run("cloudtrail", caller, operation, input);
    }

    private ObjectNode run(String service, Caller caller, String operation, String input)
            throws Exception {
        var call =
                new Invocation(
                        caller, HOME, (ObjectNode) tree(input), SpooledBody.of(new byte[0]), now);
        var built =
                parts.operations.signedAs(service).orElseThrow().operation(operation).orElseThrow();
        return parts.run(built.operation(), call);
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

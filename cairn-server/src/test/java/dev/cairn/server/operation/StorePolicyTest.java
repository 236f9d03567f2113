package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.Queries.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Policies of event data stores and dashboards, and whom they let ask queries.
class StorePolicyTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HOME = "us-east-1";
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIA0");
    private static final Caller USER =
            Caller.user(TestParts.ACCOUNT, "ann", "AIDA2", "AKIA2", Allow.READ);
    private static final String OTHER = "210987654321";
    private static final Caller STRANGER = Caller.root(OTHER, "AKIA1");
    private static final List<String> ON_QUERIES =
            List.of("DescribeQuery", "GetQueryResults", "CancelQuery");

    @TempDir private Path folder;
    private TestParts parts;
    private String arn = "";
    private String id = "";

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        arn = store("all");
        id = arn.substring(arn.indexOf('/') + 1);
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    @Test
    void another_account_asks_what_the_stores_policy_lets_it_ask() throws Exception {
        var ask = start(id);
        assertThat(may(STRANGER, "StartQuery", ask)).isFalse();
        guard(arn, allow(OTHER, arn, "StartQuery", "DescribeQuery", "GetQueryResults"));

        assertThat(may(STRANGER, "StartQuery", ask)).isTrue();
        var started = run(STRANGER, "StartQuery", ask);
        assertThat(started.path("EventDataStoreOwnerAccountId").asText())
                .isEqualTo(TestParts.ACCOUNT);
        var query = of(started.path("QueryId").asText());
        assertThat(may(STRANGER, "DescribeQuery", query)).isTrue();
        assertThat(may(STRANGER, "GetQueryResults", query)).isTrue();
        assertThat(may(STRANGER, "CancelQuery", query)).as("not what nobody allowed").isFalse();
        assertThat(may(STRANGER, "ListQueries", store())).isFalse();
        assertThat(may(STRANGER, "GetEventDataStore", store())).isFalse();
        assertThat(run(STRANGER, "DescribeQuery", query).path("QueryStatus").asText())
                .isEqualTo("RUNNING");
        parts.queries.end(
                query.path("QueryId").asText(), Status.FINISHED, List.of(List.of("a", "1")));
        assertThat(run(STRANGER, "GetQueryResults", query).path("QueryResultRows")).hasSize(1);
        assertThat(run(ROOT, "ListQueries", store()).path("Queries"))
                .as("the owner sees who asks")
                .hasSize(1);
        run(ROOT, "DeleteResourcePolicy", resource(arn));
        for (var operation : ON_QUERIES) {
            assertThat(may(STRANGER, operation, query)).as(operation).isFalse();
        }
    }

    @Test
    void another_account_lists_and_gets_what_it_is_let() throws Exception {
        guard(arn, allow(OTHER, arn, "ListQueries", "GetEventDataStore", "CancelQuery"));
        var query = run(ROOT, "StartQuery", start(id)).path("QueryId").asText();

        assertThat(may(STRANGER, "ListQueries", store())).isTrue();
        assertThat(run(STRANGER, "ListQueries", store()).findValuesAsText("QueryId"))
                .containsExactly(query);
        assertThat(may(STRANGER, "GetEventDataStore", store())).isTrue();
        assertThat(run(STRANGER, "GetEventDataStore", store()).path("Name").asText())
                .isEqualTo("all");
        assertThat(may(STRANGER, "CancelQuery", of(query))).isTrue();
        assertThat(run(STRANGER, "CancelQuery", of(query)).path("QueryStatus").asText())
                .isEqualTo("CANCELLED");
    }

    @Test
    void who_may_not_ask_is_not_told_what_there_is() throws Exception {
        guard(arn, allow(OTHER, arn, "StartQuery", "DescribeQuery"));
        var none = "00000000-0000-4000-8000-0000000000ff";
        assertThat(may(STRANGER, "StartQuery", start(none))).isFalse();
        assertThat(may(STRANGER, "DescribeQuery", of(none))).isFalse();

        var second = store("second");
        var both = start(id);
        both.put(
                "QueryStatement",
                "SELECT 1 FROM %s a, %s b"
                        .formatted(id, second.substring(second.indexOf('/') + 1)));
        assertThat(may(STRANGER, "StartQuery", both)).as("every store must let them").isFalse();
        guard(second, allow(OTHER, second, "StartQuery"));
        assertThat(may(STRANGER, "StartQuery", both)).isTrue();
        var query = of(run(STRANGER, "StartQuery", both).path("QueryId").asText());
        assertThat(may(STRANGER, "DescribeQuery", query)).isFalse();
    }

    @Test
    void what_a_policy_denies_no_key_of_the_account_does_by_other_ways() throws Exception {
        var dashboard = dashboard("ours", "");
        var query = run(ROOT, "StartQuery", start(id)).path("QueryId").asText();
        var managed =
                object(
                        "{'DashboardId':'Cairn-Errors','QueryParameterValues':{'$EventDataStoreId$':'%s'}}"
                                .formatted(id));
        var follow = object("{'queryId':'" + query + "'}");
        assertThat(may(USER, "StartQuery", start(id))).isTrue();
        assertThat(may(USER, "StartDashboardRefresh", managed)).isTrue();
        assertThat(may(USER, "FollowQuery", follow)).isTrue();
        guard(
                arn,
                policy(
                        "Deny",
                        "{'AWS':'" + USER.arn() + "'}",
                        arn,
                        "StartQuery",
                        "GetQueryResults"));

        assertThat(may(USER, "StartQuery", start(id))).isFalse();
        assertThat(may(USER, "StartDashboardRefresh", managed)).isFalse();
        assertThat(may(USER, "StartDashboardRefresh", object("{'DashboardId':'ours'}"))).isFalse();
        assertThat(may(USER, "FollowQuery", follow)).isFalse();
        assertThat(may(USER, "GetQueryResults", of(query))).isFalse();
        assertThat(may(ROOT, "StartQuery", start(id))).isTrue();
        var alias =
                object(
                        "{'QueryAlias':'%s'}"
                                .formatted(dashboard.at("/Widgets/0/QueryAlias").asText()));
        assertThat(may(USER, "StartQuery", alias)).isFalse();
        assertThat(may(ROOT, "StartQuery", alias)).isTrue();
    }

    @Test
    void those_let_in_do_not_use_up_the_owners_queries() throws Exception {
        guard(arn, allow(OTHER, arn, "StartQuery"));
        run(STRANGER, "StartQuery", start(id));

        assertThat(parts.queries.queries.values())
                .singleElement()
                .satisfies(query -> {
                    assertThat(query.account()).isEqualTo(TestParts.ACCOUNT);
                    assertThat(query.asker()).isEqualTo(OTHER);
                });
        fails(
                ErrorCode.UNSUPPORTED_OPERATION,
                STRANGER,
                "StartQuery",
                start(id).put("DeliveryS3Uri", "s3://answers"));
        fails(
                ErrorCode.INVALID_PARAMETER,
                STRANGER,
                "StartQuery",
                object("{'QueryAlias':'a','EventDataStoreOwnerAccountId':'123456789012'}"));
        fails(
                ErrorCode.INVALID_QUERY_STATEMENT,
                ROOT,
                "StartQuery",
                start(id).put("QueryStatement", "x".repeat(10_001)));
    }

    @Test
    void a_policy_is_kept_shown_and_taken_away() throws Exception {
        dashboard("ours", "");
        var dashboard = "arn:aws:cloudtrail:us-east-1:123456789012:dashboard/ours";
        for (var kept :
                Map.of(
                                arn,
                                allow(OTHER, arn, "StartQuery"),
                                dashboard,
                                service("dashboard/*", "StartDashboardRefresh", "ours"))
                        .entrySet()) {
            fails(
                    ErrorCode.RESOURCE_POLICY_NOT_FOUND,
                    ROOT,
                    "GetResourcePolicy",
                    resource(kept.getKey()));
            guard(kept.getKey(), kept.getValue());
            assertThat(
                            run(ROOT, "GetResourcePolicy", resource(kept.getKey()))
                                    .path("ResourcePolicy")
                                    .asText())
                    .isEqualTo(kept.getValue());
        }
        run(ROOT, "UpdateEventDataStore", store().put("Name", "renamed"));
        run(ROOT, "UpdateDashboard", object("{'DashboardId':'ours','Widgets':[]}"));
        for (var kept : List.of(arn, dashboard)) {
            run(ROOT, "GetResourcePolicy", resource(kept));
            run(ROOT, "DeleteResourcePolicy", resource(kept));
            fails(
                    ErrorCode.RESOURCE_POLICY_NOT_FOUND,
                    ROOT,
                    "DeleteResourcePolicy",
                    resource(kept));
        }
    }

    @Test
    void rights_are_asked_for_before_what_is_given_is_checked() throws Exception {
        for (var odd : List.of("a\nb", "x".repeat(2000), "\ud800")) {
            for (var operation : ON_QUERIES) {
                assertThat(may(STRANGER, operation, of(odd))).as(operation).isFalse();
                assertThat(
                                may(
                                        STRANGER,
                                        operation,
                                        of(odd).put("EventDataStoreOwnerAccountId", odd)))
                        .as(operation)
                        .isTrue();
            }
            assertThat(may(STRANGER, "ListQueries", object("{}").put("EventDataStore", odd)))
                    .isTrue();
            assertThat(may(STRANGER, "StartDashboardRefresh", object("{}").put("DashboardId", odd)))
                    .isTrue();
        }
    }

    @Test
    void a_policy_is_about_its_resource_and_what_asks_it() throws Exception {
        for (var refused :
                List.of(
                        "nothing",
                        allow(OTHER, arn.replace(id, "*") + "x", "StartQuery"),
                        allow(OTHER, arn, "DeleteEventDataStore"),
                        allow(OTHER, arn, "*"),
                        allow(OTHER, arn, "StartQuery").replace("Action", "NotAction"),
                        allow(OTHER, arn, "StartQuery").replace("Resource", "NotResource"))) {
            fails(
                    ErrorCode.RESOURCE_POLICY_NOT_VALID,
                    ROOT,
                    "PutResourcePolicy",
                    resource(arn).put("ResourcePolicy", refused));
        }
        fails(
                ErrorCode.RESOURCE_NOT_FOUND,
                STRANGER,
                "PutResourcePolicy",
                resource(arn).put("ResourcePolicy", allow(OTHER, arn, "StartQuery")));
        fails(
                ErrorCode.CONFLICT,
                ROOT,
                "PutResourcePolicy",
                resource("arn:aws:cloudtrail:us-east-1:123456789012:dashboard/Cairn-Errors")
                        .put(
                                "ResourcePolicy",
                                service("dashboard/*", "StartDashboardRefresh", "Cairn-Errors")));
        run(ROOT, "UpdateEventDataStore", store().put("TerminationProtectionEnabled", false));
        run(ROOT, "DeleteEventDataStore", store());
        fails(
                ErrorCode.CONFLICT,
                ROOT,
                "PutResourcePolicy",
                resource(arn).put("ResourcePolicy", allow(OTHER, arn, "StartQuery")));
    }

    // ---- asking ---------------------------------------------------------------------------------

    private String store(String name) throws Exception {
        return run(ROOT, "CreateEventDataStore", object("{'Name':'" + name + "'}"))
                .path("EventDataStoreArn")
                .asText();
    }

    private JsonNode dashboard(String name, String more) throws Exception {
        return run(
                ROOT,
                "CreateDashboard",
                object(
                        "{'Name':'%s','Widgets':[{'QueryStatement':'SELECT count(*) FROM %s','ViewProperties':{}}]%s}"
                                .formatted(name, id, more)));
    }

    private static ObjectNode start(String id) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("QueryStatement", "SELECT count(*) FROM " + id)
                .put("EventDataStoreOwnerAccountId", TestParts.ACCOUNT);
    }

    private static ObjectNode of(String query) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("QueryId", query)
                .put("EventDataStoreOwnerAccountId", TestParts.ACCOUNT);
    }

    private ObjectNode store() {
        return JsonNodeFactory.instance.objectNode().put("EventDataStore", arn);
    }

    private static ObjectNode resource(String arn) {
        return JsonNodeFactory.instance.objectNode().put("ResourceArn", arn);
    }

    private void guard(String arn, String policy) throws Exception {
        run(ROOT, "PutResourcePolicy", resource(arn).put("ResourcePolicy", policy));
    }

    private static String allow(String account, String arn, String... operations) {
        return policy("Allow", "{'AWS':'" + account + "'}", arn, operations);
    }

    private static String policy(
            String effect, String principal, String arn, String... operations) {
        return "{'Version':'2012-10-17','Statement':[{'Effect':'%s','Principal':%s,'Action':['cloudtrail:%s'],'Resource':'%s'}]}"
                .formatted(effect, principal, String.join("','cloudtrail:", operations), arn)
                .replace('\'', '"');
    }

    /// As AWS's guide has it.
    static String service(String resource, String operation, String dashboard) {
        return "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':{'Service':'cloudtrail.amazonaws.com'},'Action':['cloudtrail:%s'],'Resource':'arn:aws:cloudtrail:us-east-1:123456789012:%s','Condition':{'StringEquals':{'AWS:SourceArn':'arn:aws:cloudtrail:us-east-1:123456789012:dashboard/%s','AWS:SourceAccount':'123456789012'}}}]}"
                .formatted(operation, resource, dashboard)
                .replace('\'', '"');
    }

    private static ObjectNode object(String json) throws Exception {
        return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
    }

    private boolean may(Caller caller, String operation, ObjectNode input) throws Exception {
        var access = new Access("000000000000");
        for (var right : built(operation).rights(call(caller, input))) {
            var decision =
                    access.decide(
                            caller,
                            right.action(),
                            right.target(),
                            new Context(TestParts.NOW, HOME, null, false),
                            right.policy(),
                            right.keys());
            if (decision instanceof Decision.Denied) {
                return false;
            }
        }
        return true;
    }

    private BuiltOperation built(String operation) {
        return parts.operations
                .signedAs(operation.equals("FollowQuery") ? "cairn" : "cloudtrail")
                .orElseThrow()
                .operation(operation)
                .orElseThrow();
    }

    private static Invocation call(Caller caller, ObjectNode input) {
        return new Invocation(caller, HOME, input, SpooledBody.of(new byte[0]), TestParts.NOW);
    }

    private ObjectNode run(Caller caller, String operation, ObjectNode input) throws Exception {
        return parts.run(built(operation).operation(), call(caller, input));
    }

    private void fails(ErrorCode code, Caller caller, String operation, ObjectNode input) {
        assertThatThrownBy(() -> run(caller, operation, input))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }
}

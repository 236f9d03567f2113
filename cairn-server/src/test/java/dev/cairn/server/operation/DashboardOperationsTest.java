package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.SpooledBody;
import dev.cairn.server.operation.Queries.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Dashboards as CloudTrail's API has them, and the queries that their refreshes start.
class DashboardOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Caller ROOT = Caller.root(TestParts.ACCOUNT, "AKIA0");
    private static final Caller STRANGER = Caller.root("210987654321", "AKIA1");
    private static final String ARN = "arn:aws:cloudtrail:us-east-1:123456789012:dashboard/";

    @TempDir private Path folder;
    private TestParts parts;
    private String store = "";

    @BeforeEach
    void open() throws Exception {
        parts = new TestParts(folder);
        var arn = ask("CreateEventDataStore", "{'Name':'all'}").path("EventDataStoreArn").asText();
        store = arn.substring(arn.indexOf('/') + 1);
    }

    @AfterEach
    void close() {
        parts.ledger.close();
    }

    private String counts() {
        return "{'QueryStatement':'SELECT count(*) FROM %s','ViewProperties':{'View':'Table'}}"
                .formatted(store);
    }

    private String since() {
        return "{'QueryStatement':'SELECT eventName FROM %s WHERE eventTime > ?','QueryParameters':['$StartTime$'],'ViewProperties':{'Title':'names'}}"
                .formatted(store);
    }

    private JsonNode made(String name, String... widgets) throws Exception {
        return ask(
                "CreateDashboard",
                "{'Name':'%s','Widgets':[%s],'TagsList':[{'Key':'a','Value':'b'}]}"
                        .formatted(name, String.join(",", widgets)));
    }

    @Test
    void a_dashboard_is_made_shown_changed_and_deleted() throws Exception {
        var made = made("ours", counts(), since());

        assertThat(made.path("DashboardArn").asText()).isEqualTo(ARN + "ours");
        assertThat(made.path("Type").asText()).isEqualTo("CUSTOM");
        assertThat(made.at("/TagsList/0/Key").asText()).isEqualTo("a");
        var widgets = made.path("Widgets");
        assertThat(widgets.findValuesAsText("QueryAlias")).hasSize(2).doesNotHaveDuplicates();
        assertThat(widgets.at("/1/QueryParameters").toString()).isEqualTo("[\"$StartTime$\"]");
        assertThat(widgets.at("/1/ViewProperties/Title").asText()).isEqualTo("names");
        var shown = on("GetDashboard", ARN + "ours");
        assertThat(shown.path("Widgets")).isEqualTo(widgets);
        assertThat(shown.path("Status").asText()).isEqualTo("CREATED");
        assertThat(shown.has("LastRefreshId")).isFalse();

        var changed =
                ask(
                        "UpdateDashboard",
                        "{'DashboardId':'ours','Widgets':[%s],'TerminationProtectionEnabled':true}"
                                .formatted(since()));
        assertThat(changed.path("Widgets")).hasSize(1);
        assertThat(changed.at("/Widgets/0/QueryAlias"))
                .as("a query that stays keeps its alias")
                .isEqualTo(widgets.at("/1/QueryAlias"));
        assertThat(on("GetDashboard", "ours").path("Status").asText()).isEqualTo("UPDATED");
        fails(ErrorCode.CONFLICT, "DeleteDashboard", "{'DashboardId':'ours'}");
        ask("UpdateDashboard", "{'DashboardId':'ours','TerminationProtectionEnabled':false}");
        assertThat(on("GetDashboard", "ours").path("Widgets")).hasSize(1);
        on("DeleteDashboard", "ours");
        fails(ErrorCode.RESOURCE_NOT_FOUND, "GetDashboard", "{'DashboardId':'ours'}");
    }

    @Test
    void dashboards_are_listed_by_name_with_those_that_everyone_has() throws Exception {
        made("a", counts());
        made("z", counts());

        var first = ask("ListDashboards", "{'MaxResults':4}");
        var rest =
                ask(
                        "ListDashboards",
                        "{'MaxResults':4,'NextToken':'" + first.path("NextToken").asText() + "'}");
        assertThat(first.path("Dashboards").findValuesAsText("DashboardArn"))
                .containsExactly(
                        ARN + "Cairn-Activity",
                        ARN + "Cairn-Errors",
                        ARN + "Cairn-Security",
                        ARN + "a");
        assertThat(rest.path("Dashboards").findValuesAsText("DashboardArn"))
                .containsExactly(ARN + "z");
        assertThat(ask("ListDashboards", "{'Type':'MANAGED'}").path("Dashboards")).hasSize(3);
        assertThat(ask("ListDashboards", "{'NamePrefix':'z','Type':'CUSTOM'}").path("Dashboards"))
                .hasSize(1);
        assertThat(as(STRANGER, "ListDashboards", "{'Type':'CUSTOM'}").path("Dashboards"))
                .isEmpty();
        assertThatThrownBy(() -> as(STRANGER, "GetDashboard", "{'DashboardId':'" + ARN + "a'}"))
                .isInstanceOf(Failure.class);
    }

    @Test
    void a_refresh_starts_the_query_of_each_widget() throws Exception {
        var widgets = made("ours", counts(), since()).path("Widgets");
        var refresh =
                ask(
                                "StartDashboardRefresh",
                                "{'DashboardId':'ours','QueryParameterValues':{'$StartTime$':'2026-11-20T00:00:00Z'}}")
                        .path("RefreshId")
                        .asText();

        assertThat(refresh).matches("[0-9]{10,20}");
        assertThat(on("GetDashboard", "ours").path("LastRefreshId").asText()).isEqualTo(refresh);
        assertThat(parts.queries.queries.values().stream().map(Queries.Query::statement))
                .containsExactly(
                        "SELECT count(*) FROM " + store,
                        "SELECT eventName FROM "
                                + store
                                + " WHERE eventTime > '2026-11-20 00:00:00'");
        var alias = widgets.at("/1/QueryAlias").asText();
        var described =
                ask(
                        "DescribeQuery",
                        "{'QueryAlias':'%s','RefreshId':'%s'}".formatted(alias, refresh));
        assertThat(described.path("QueryString").asText()).contains("2026-11-20 00:00:00");

        endAll();
        var next = on("StartDashboardRefresh", "ours").path("RefreshId").asText();
        assertThat(Long.parseLong(next)).isGreaterThan(Long.parseLong(refresh));
        assertThat(ask("DescribeQuery", "{'QueryAlias':'%s'}".formatted(alias)).path("QueryString"))
                .as("the newest, of the last seven days")
                .asString()
                .contains("2026-11-14 08:00:00");
        fails(
                ErrorCode.QUERY_ID_NOT_FOUND,
                "DescribeQuery",
                "{'QueryAlias':'%s','RefreshId':'1234567890'}".formatted(alias));
    }

    @Test
    void a_refresh_that_cannot_start_all_starts_none() throws Exception {
        made("five", counts(), counts(), counts(), counts(), counts());
        on("StartDashboardRefresh", "five");
        on("StartDashboardRefresh", "five");
        fails(ErrorCode.SERVICE_QUOTA_EXCEEDED, "StartDashboardRefresh", "{'DashboardId':'five'}");
        assertThat(parts.queries.queries).hasSize(10);
        endAll();

        var arn =
                ask("CreateEventDataStore", "{'Name':'other'}").path("EventDataStoreArn").asText();
        made("both", counts(), counts().replace(store, arn.substring(arn.indexOf('/') + 1)));
        ask(
                "UpdateEventDataStore",
                "{'EventDataStore':'" + arn + "','TerminationProtectionEnabled':false}");
        ask("DeleteEventDataStore", "{'EventDataStore':'" + arn + "'}");
        fails(
                ErrorCode.INACTIVE_EVENT_DATA_STORE,
                "StartDashboardRefresh",
                "{'DashboardId':'both'}");
        assertThat(parts.queries.queries.values()).allMatch(query -> query.status().ended());
    }

    @Test
    void a_widget_is_asked_by_its_alias() throws Exception {
        var alias = made("ours", since()).at("/Widgets/0/QueryAlias").asText();
        var id =
                ask(
                                "StartQuery",
                                "{'QueryAlias':'%s','QueryParameters':['2026-11-01 00:00:00']}"
                                        .formatted(alias))
                        .path("QueryId")
                        .asText();

        assertThat(ask("DescribeQuery", "{'QueryAlias':'" + alias + "'}").path("QueryId").asText())
                .isEqualTo(id);
        assertThat(ask("DescribeQuery", "{'QueryId':'" + id + "'}").path("QueryString").asText())
                .endsWith("> '2026-11-01 00:00:00'");
        for (var refused :
                List.of(
                        "{'QueryAlias':'%s'}",
                        "{'QueryAlias':'%s','QueryParameters':['a','b']}",
                        "{'QueryAlias':'%s','QueryStatement':'SELECT 1'}",
                        "{'QueryAlias':'other-than-%s'}",
                        "{'QueryStatement':'SELECT %s','QueryParameters':['a']}")) {
            fails(ErrorCode.INVALID_PARAMETER, "StartQuery", refused.formatted(alias));
        }
        fails(
                ErrorCode.INVALID_PARAMETER,
                "DescribeQuery",
                "{'QueryId':'%s','QueryAlias':'%s'}".formatted(id, alias));
    }

    @Test
    void a_managed_dashboard_asks_the_store_it_is_told() throws Exception {
        var shown = on("GetDashboard", "Cairn-Security");
        assertThat(shown.path("Type").asText()).isEqualTo("MANAGED");
        ask(
                "StartDashboardRefresh",
                "{'DashboardId':'Cairn-Security','QueryParameterValues':{'$EventDataStoreId$':'"
                        + store
                        + "'}}");

        assertThat(parts.queries.queries.values()).hasSize(shown.path("Widgets").size());
        assertThat(parts.queries.queries.values())
                .allMatch(query -> query.stores().equals(List.of(store)));
        fails(
                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                "StartDashboardRefresh",
                "{'DashboardId':'Cairn-Security'}");
        for (var operation : List.of("UpdateDashboard", "DeleteDashboard")) {
            fails(ErrorCode.CONFLICT, operation, "{'DashboardId':'Cairn-Security'}");
        }
        fails(ErrorCode.CONFLICT, "CreateDashboard", "{'Name':'Cairn-Mine'}");
    }

    @Test
    void what_a_dashboard_cannot_be_is_refused() throws Exception {
        made("ours", counts());

        fails(ErrorCode.CONFLICT, "CreateDashboard", "{'Name':'ours'}");
        var many =
                IntStream.rangeClosed(0, 50)
                        .mapToObj("'p%d':''"::formatted)
                        .collect(Collectors.joining(","));
        refused(ErrorCode.SERVICE_QUOTA_EXCEEDED, counts().replace("'View':'Table'", many));
        refused(ErrorCode.SERVICE_QUOTA_EXCEEDED, counts().replace("Table", "T".repeat(2001)));
        refused(ErrorCode.INVALID_QUERY_STATEMENT, counts().replace(store, "nothing"));
        refused(ErrorCode.INVALID_QUERY_STATEMENT, since().replace("$StartTime$", "$Else$"));
        refused(ErrorCode.INVALID_QUERY_STATEMENT, since().replace("['$StartTime$']", "['a','b']"));
        refused(
                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                counts().replace(store, "00000000-0000-4000-8000-000000000000"));
        refused(
                ErrorCode.SERVICE_QUOTA_EXCEEDED,
                String.join(",", java.util.Collections.nCopies(11, counts())));
        for (var schedule :
                List.of(
                        "{'Frequency':{'Unit':'HOURS','Value':5}}",
                        "{'Frequency':{'Unit':'DAYS','Value':2}}",
                        "{'Frequency':{'Unit':'DAYS','Value':1},'TimeOfDay':'24:30'}",
                        "{'Status':'ENABLED'}")) {
            fails(
                    ErrorCode.INVALID_PARAMETER,
                    "CreateDashboard",
                    "{'Name':'other','RefreshSchedule':" + schedule + "}");
        }
        fails(
                ErrorCode.INVALID_PARAMETER,
                "StartDashboardRefresh",
                "{'DashboardId':'ours','QueryParameterValues':{'$EventDataStoreId$':'a'}}");
    }

    @Test
    void a_dashboard_has_tags() throws Exception {
        made("ours", counts());
        ask("AddTags", "{'ResourceId':'" + ARN + "ours','TagsList':[{'Key':'c','Value':'d'}]}");
        ask("RemoveTags", "{'ResourceId':'" + ARN + "ours','TagsList':[{'Key':'a'}]}");

        assertThat(ask("ListTags", "{'ResourceIdList':['" + ARN + "ours']}").findPath("TagsList"))
                .hasToString("[{\"Key\":\"c\",\"Value\":\"d\"}]");
    }

    // ---- asking ---------------------------------------------------------------------------------

    private void endAll() {
        for (var query : new ArrayList<>(parts.queries.queries.values())) {
            if (!query.status().ended()) {
                parts.queries.end(query.id(), Status.FINISHED, List.of());
            }
        }
    }

    private void refused(ErrorCode code, String widgets) {
        fails(code, "CreateDashboard", "{'Name':'other','Widgets':[" + widgets + "]}");
    }

    private void fails(ErrorCode code, String operation, String input) {
        assertThatThrownBy(() -> ask(operation, input))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }

    private JsonNode on(String operation, String dashboard) throws Exception {
        return ask(operation, "{'DashboardId':'" + dashboard + "'}");
    }

    private JsonNode ask(String operation, String input) throws Exception {
        return as(ROOT, operation, input);
    }

    private JsonNode as(Caller caller, String operation, String input) throws Exception {
        var call =
                new Invocation(
                        caller,
                        "us-east-1",
                        (ObjectNode) JSON.readTree(input.replace('\'', '"')),
                        SpooledBody.of(new byte[0]),
                        TestParts.NOW);
        var built =
                parts.operations
                        .signedAs("cloudtrail")
                        .orElseThrow()
                        .operation(operation)
                        .orElseThrow()
                        .operation();
        return parts.run(built, call);
    }
}

package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Action;
import dev.cairn.archive.Archive;
import dev.cairn.catalog.CatalogException;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.operation.Queries.Delivery;
import dev.cairn.server.operation.Queries.Query;
import dev.cairn.server.operation.Queries.Template;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreNames;
import dev.cairn.store.StoreState;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// CloudTrail's operations on queries: StartQuery, DescribeQuery, GetQueryResults, ListQueries,
/// CancelQuery and GenerateQuery.
///
/// Source: AWS CloudTrail API Reference.
final class QueryOperations {
    private static final int PAGE_MAX = 1000;

    /// The model's pattern of DeliveryS3Uri.
    private static final Pattern DELIVERY_URI =
            Pattern.compile("s3://[a-z0-9][.\\-a-z0-9]{1,61}[a-z0-9](/.*)?");

    private static final int PREFIX_CHARS_MAX = 200;

    private static final int STATEMENT_CHARS_MAX = 10_000;

    private final NamedStores stores;
    private final StoreRights rights;
    private final Queries queries;
    private final Dashboards dashboards;
    private final BucketCheck buckets;

    QueryOperations(
            EventDataStores stores, Queries queries, Dashboards dashboards, TrailBuckets buckets) {
        this.stores = new NamedStores(stores);
        this.rights = new StoreRights(stores);
        this.queries = queries;
        this.dashboards = dashboards;
        this.buckets = new BucketCheck(buckets);
    }

    // ---- rights ---------------------------------------------------------------------------------

    /// Who may read may ask, and whoever the policies of all stores let in that a query names.
    BuiltOperation start() {
        var action = Action.read("cloudtrail", "StartQuery");
        return BuiltOperation.needing(
                action,
                (Operation.Message) this::start,
                call -> rights.on(action, call, StoreRights.owner(call), asked(call)));
    }

    BuiltOperation cancel() {
        return onQuery("CancelQuery", (Operation.Message) this::cancel);
    }

    BuiltOperation describe() {
        return onQuery("DescribeQuery", (Operation.Read) this::describe);
    }

    BuiltOperation results() {
        return onQuery("GetQueryResults", (Operation.Read) this::results);
    }

    BuiltOperation list() {
        var action = Action.read("cloudtrail", "ListQueries");
        return BuiltOperation.needing(
                action,
                (Operation.Read) this::list,
                call -> rights.onNamed(action, call, call.text("EventDataStore", "")));
    }

    /// FollowQuery shows what GetQueryResults shows.
    BuiltOperation follow() {
        var own = Action.read("cairn", "FollowQuery");
        var results = Action.read("cloudtrail", "GetQueryResults");
        return BuiltOperation.needing(
                own,
                (Operation.Read) this::follow,
                call -> {
                    var account = call.caller().account();
                    var query = known(account, call.region(), call.text("queryId", ""));
                    var all = new ArrayList<Right>();
                    all.add(StoreRights.account(own, account));
                    all.addAll(
                            rights.on(
                                    results,
                                    call,
                                    account,
                                    query.map(Query::stores).orElse(List.of())));
                    return all;
                });
    }

    private BuiltOperation onQuery(String name, Operation operation) {
        var action = Action.read("cloudtrail", name);
        return BuiltOperation.needing(
                action,
                operation,
                call ->
                        rights.on(
                                action,
                                call,
                                StoreRights.owner(call),
                                named(call).map(Query::stores).orElse(List.of())));
    }

    /// The ids of the stores that a statement asks; none when there is no statement.
    private Set<String> asked(Invocation call) throws CatalogException {
        try {
            return StoreNames.in(statement(call)).ids();
        } catch (Failure _) {
            // The operation says so, to whoever would have the right.
            return Set.of();
        }
    }

    /// The rights to ask the stores that a statement names.
    List<Right> rights(Invocation call, String statement) throws CatalogException {
        return rights.on(
                Action.read("cloudtrail", "StartQuery"),
                call,
                call.caller().account(),
                StoreNames.in(statement).ids());
    }

    // ---- starting -------------------------------------------------------------------------------

    private ObjectNode start(Invocation call) throws CatalogException, InterruptedException {
        var alias = call.text("QueryAlias", "");
        var owner = StoreRights.owner(call);
        var statement = statement(call);
        var named = stores.asked(owner, call.region(), statement);
        var query =
                queries.start(
                        owner,
                        call.region(),
                        call.caller().account(),
                        statement,
                        named,
                        delivery(call, named.getFirst()),
                        alias.isEmpty() ? null : new Template(alias, ""),
                        call.now());
        return owned(call, JsonNodeFactory.instance.objectNode().put("QueryId", query.id()));
    }

    /// What is asked: the statement that was sent, or that of a widget.
    private String statement(Invocation call) throws CatalogException {
        var alias = call.text("QueryAlias", "");
        return alias.isEmpty() ? sent(call) : ofWidget(call, alias);
    }

    /// An answer that says whose event data stores it is about, where the call did.
    private static ObjectNode owned(Invocation call, ObjectNode output) {
        return call.input().hasNonNull("EventDataStoreOwnerAccountId")
                ? output.put("EventDataStoreOwnerAccountId", StoreRights.owner(call))
                : output;
    }

    private static String sent(Invocation call) {
        var statement = call.text("QueryStatement", "");
        if (statement.isBlank()) {
            throw new Failure(
                    ErrorCode.INVALID_QUERY_STATEMENT,
                    "Expected a QueryStatement or a QueryAlias, got neither.");
        }
        if (statement.length() > STATEMENT_CHARS_MAX) {
            throw new Failure(
                    ErrorCode.INVALID_QUERY_STATEMENT,
                    "Expected at most %d characters, got %d."
                            .formatted(STATEMENT_CHARS_MAX, statement.length()));
        }
        if (call.input().hasNonNull("QueryParameters")) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected QueryParameters with a QueryAlias only: those of a QueryStatement stand in it.");
        }
        return statement;
    }

    /// The statement of a dashboard's widget, with what was sent for its placeholders.
    private String ofWidget(Invocation call, String alias) throws CatalogException {
        if (call.input().hasNonNull("QueryStatement")) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected a QueryStatement or a QueryAlias, got both.");
        }
        if (!StoreRights.owner(call).equals(call.caller().account())) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected a QueryAlias without another account's EventDataStoreOwnerAccountId: a dashboard asks the event data stores of its own account.");
        }
        var values = new ArrayList<String>();
        call.input().path("QueryParameters").forEach(value -> values.add(value.asText()));
        return dashboards
                .widget(call.caller().account(), call.region(), alias)
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.INVALID_PARAMETER,
                                "No dashboard has a widget with the QueryAlias %s."
                                        .formatted(alias)))
                .query()
                .filled(values);
    }

    /// Where the result is to go, once it is known that it may.
    private @Nullable Delivery delivery(Invocation call, StoreState source) {
        var uri = call.text("DeliveryS3Uri", "");
        if (uri.isEmpty()) {
            return null;
        }
        if (!DELIVERY_URI.matcher(uri).matches()) {
            throw new Failure(
                    ErrorCode.INVALID_S3_BUCKET_NAME,
                    "Expected a DeliveryS3Uri such as s3://BUCKET or s3://BUCKET/PREFIX, got %s."
                            .formatted(uri));
        }
        if (!source.store().account().equals(call.caller().account())) {
            throw new Failure(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    "Cairn does not deliver results of another account's event data stores to a DeliveryS3Uri yet; docs/gaps.md says what is missing and why");
        }
        var delivery = Delivery.to(uri, source.store().arn());
        var prefix = delivery.prefix();
        if (prefix.length() > PREFIX_CHARS_MAX + 1
                || prefix.startsWith("/")
                || prefix.codePoints().anyMatch(Character::isISOControl)) {
            throw new Failure(
                    ErrorCode.INVALID_S3_PREFIX,
                    "Expected a prefix of at most %d characters, without a slash before it and without control characters."
                            .formatted(PREFIX_CHARS_MAX));
        }
        var account = call.caller().account();
        buckets.expect(
                new Archive.Writer(account, delivery.source()),
                delivery.bucket(),
                "%sAWSLogs/%s/".formatted(prefix, account));
        return delivery;
    }

    private ObjectNode describe(Invocation call) throws CatalogException {
        var query = expect(call);
        var output =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("QueryId", query.id())
                        .put("QueryString", query.statement())
                        .put("QueryStatus", query.status().name());
        output.putObject("QueryStatistics")
                .put("EventsMatched", query.rows())
                .put("EventsScanned", query.eventsScanned())
                .put("BytesScanned", query.bytesScanned())
                .put("ExecutionTimeInMillis", query.milliseconds())
                .put("CreationTime", seconds(query.created()));
        var delivery = query.delivery();
        if (delivery != null) {
            output.put("DeliveryS3Uri", delivery.uri())
                    .put("DeliveryStatus", delivery.status().name());
        }
        return owned(call, error(output, query));
    }

    private ObjectNode results(Invocation call) throws CatalogException {
        var query = expect(call);
        var from = from(call, "NextToken", query);
        var output =
                JsonNodeFactory.instance.objectNode().put("QueryStatus", query.status().name());
        var rows = JsonNodeFactory.instance.arrayNode();
        if (query.status() == Queries.Status.FINISHED) {
            var page = page(query, from, call.number("MaxQueryResults", PAGE_MAX));
            for (var row : page.rows()) {
                var cells = rows.addArray();
                for (var at = 0; at < page.columns().size(); at++) {
                    cells.addObject().put(page.columns().get(at), text(row.get(at)));
                }
            }
            if (page.next() >= 0) {
                output.put("NextToken", token(query, page));
            }
        }
        output.putObject("QueryStatistics")
                .put("ResultsCount", rows.size())
                .put("TotalResultsCount", query.rows())
                .put("BytesScanned", query.bytesScanned());
        output.set("QueryResultRows", rows);
        return error(output, query);
    }

    /// Cairn's own FollowQuery: how far a query is, and its rows with their types.
    private ObjectNode follow(Invocation call) throws CatalogException {
        var query = expect(call.caller().account(), call.region(), call.text("queryId", ""));
        var output =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("status", query.status().name())
                        .put("percent", queries.percent(query));
        if (query.status() == Queries.Status.FINISHED) {
            var page = page(query, from(call, "nextToken", query), PAGE_MAX);
            page.columns().forEach(output.putArray("columns")::add);
            page.types().forEach(output.putArray("types")::add);
            page.rows().forEach(output.putArray("rows")::add);
            if (page.next() >= 0) {
                output.put("nextToken", token(query, page));
            }
        }
        return query.error() == null ? output : output.put("error", query.error());
    }

    private static String token(Query query, Queries.Page page) {
        return NameToken.of(query.id() + " " + page.next());
    }

    private Queries.Page page(Query query, long from, int rows) {
        try {
            return queries.page(query, from, rows);
        } catch (IOException failure) {
            throw new Failure(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "the results of the query cannot be read",
                    failure);
        } catch (IllegalArgumentException _) {
            throw new Failure(ErrorCode.INVALID_NEXT_TOKEN);
        }
    }

    /// As Cairn writes values everywhere: rows, arrays and maps as JSON. What is NULL is empty.
    private static String text(JsonNode cell) {
        return cell.isNull() ? "" : cell.isValueNode() ? cell.asText() : cell.toString();
    }

    private ObjectNode list(Invocation call) throws CatalogException {
        var asked = call.text("EventDataStore", "");
        var owner = StoreRights.owner(call, asked);
        var store = NamedStores.active(stores.expect(owner, call.region(), asked)).store();
        var start = time(call, "StartTime", Instant.MIN);
        var end = time(call, "EndTime", Instant.MAX);
        if (start.isAfter(end)) {
            throw new Failure(ErrorCode.INVALID_DATE_RANGE);
        }
        var status = call.text("QueryStatus", "");
        var after = call.input().hasNonNull("NextToken") ? NameToken.after(call, "NextToken") : "";
        var max = call.number("MaxResults", PAGE_MAX);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Queries");
        var found =
                queries.of(owner, call.region()).stream()
                        .filter(query -> query.stores().contains(store.id()))
                        .filter(query ->
                                !query.created().isBefore(start) && !query.created().isAfter(end))
                        .filter(query -> status.isEmpty() || query.status().name().equals(status))
                        .toList();
        var begin = 0;
        if (!after.isEmpty()) {
            begin = found.stream().map(Query::id).toList().indexOf(after) + 1;
            if (begin == 0) {
                throw new Failure(ErrorCode.INVALID_NEXT_TOKEN);
            }
        }
        var shown = found.subList(begin, Math.min(found.size(), begin + max));
        for (var query : shown) {
            list.addObject()
                    .put("QueryId", query.id())
                    .put("QueryStatus", query.status().name())
                    .put("CreationTime", seconds(query.created()));
        }
        return begin + shown.size() < found.size()
                ? output.put("NextToken", NameToken.of(shown.getLast().id()))
                : output;
    }

    private ObjectNode cancel(Invocation call) throws CatalogException {
        var query = expect(call);
        queries.cancel(query);
        return owned(
                call,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("QueryId", query.id())
                        .put("QueryStatus", Queries.Status.CANCELLED.name()));
    }

    /// GenerateQuery: there is no model here that could write a statement.
    ObjectNode generate(Invocation call) throws CatalogException {
        for (var store : call.input().path("EventDataStores")) {
            NamedStores.active(stores.expect(call, store.asText()));
        }
        throw new Failure(
                ErrorCode.GENERATE_RESPONSE,
                "Cairn has no language model that could write a statement of a prompt. SearchSampleQueries finds one to begin with.");
    }

    private Query expect(Invocation call) throws CatalogException {
        var owner = StoreRights.owner(call);
        if (call.input().hasNonNull("EventDataStore")) {
            NamedStores.active(
                    stores.expect(owner, call.region(), call.text("EventDataStore", "")));
        }
        var alias = call.text("QueryAlias", "");
        if (alias.isEmpty()) {
            if (call.input().hasNonNull("RefreshId")) {
                throw new Failure(
                        ErrorCode.INVALID_PARAMETER,
                        "Expected a RefreshId with a QueryAlias only.");
            }
            return expect(owner, call.region(), call.text("QueryId", ""));
        }
        if (call.input().hasNonNull("QueryId")) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER, "Expected a QueryId or a QueryAlias, got both.");
        }
        var refresh = call.text("RefreshId", "");
        var newest =
                newest(call, alias, refresh)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.QUERY_ID_NOT_FOUND,
                                        "There is no query with the QueryAlias %s%s in %s."
                                                .formatted(
                                                        alias,
                                                        refresh.isEmpty()
                                                                ? ""
                                                                : " and the RefreshId " + refresh,
                                                        call.region())));
        return expect(owner, call.region(), newest.id());
    }

    /// A query by what a caller gave as its id.
    private Optional<Query> known(String account, String region, String id)
            throws CatalogException {
        return StoreRights.isId(id) ? queries.find(account, region, id) : Optional.empty();
    }

    /// The query that a call names by its id, or by the alias of a widget.
    private Optional<Query> named(Invocation call) throws CatalogException {
        var alias = call.text("QueryAlias", "");
        return alias.isEmpty()
                ? known(StoreRights.owner(call), call.region(), call.text("QueryId", ""))
                : newest(call, alias, call.text("RefreshId", ""));
    }

    /// The newest query of a widget.
    ///
    /// @param refresh which it has to be of; empty for any
    private Optional<Query> newest(Invocation call, String alias, String refresh)
            throws CatalogException {
        return queries.of(StoreRights.owner(call), call.region()).stream()
                .filter(query -> {
                    var template = query.template();
                    return template != null
                            && template.alias().equals(alias)
                            && (refresh.isEmpty() || template.refresh().equals(refresh));
                })
                .findFirst();
    }

    private Query expect(String owner, String region, String id) throws CatalogException {
        var query =
                queries.find(owner, region, id)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.QUERY_ID_NOT_FOUND,
                                        "There is no query %s in %s.".formatted(id, region)));
        // The queries of a store that is about to be deleted cannot be read.
        for (var store : query.stores()) {
            var found = stores.find(owner, region, store);
            if (found.isPresent()) {
                NamedStores.active(found.get());
            }
        }
        return query;
    }

    private static ObjectNode error(ObjectNode output, Query query) {
        return query.error() == null ? output : output.put("ErrorMessage", query.error());
    }

    private static long from(Invocation call, String member, Query query) {
        if (!call.input().hasNonNull(member)) {
            return 0;
        }
        var parts = NameToken.after(call, member).split(" ", -1);
        if (parts.length != 2 || !parts[0].equals(query.id()) || !parts[1].matches("[0-9]{1,18}")) {
            throw new Failure(ErrorCode.INVALID_NEXT_TOKEN);
        }
        return Long.parseLong(parts[1]);
    }

    private static Instant time(Invocation call, String member, Instant otherwise) {
        return call.input().hasNonNull(member)
                ? Instant.ofEpochMilli(
                        call.input().path(member).decimalValue().movePointRight(3).longValue())
                : otherwise;
    }

    private static BigDecimal seconds(Instant time) {
        return BigDecimal.valueOf(time.toEpochMilli(), 3);
    }
}

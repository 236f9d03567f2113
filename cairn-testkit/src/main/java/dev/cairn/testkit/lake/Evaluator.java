package dev.cairn.testkit.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.AllColumns;
import io.trino.sql.tree.Cast;
import io.trino.sql.tree.ComparisonPredicate;
import io.trino.sql.tree.DecimalLiteral;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FunctionCall;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.InListExpression;
import io.trino.sql.tree.InPredicate;
import io.trino.sql.tree.IsNullPredicate;
import io.trino.sql.tree.LikePredicate;
import io.trino.sql.tree.Limit;
import io.trino.sql.tree.LogicalExpression;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.NotExpression;
import io.trino.sql.tree.OrderBy;
import io.trino.sql.tree.Predicated;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.QueryBody;
import io.trino.sql.tree.QuerySpecification;
import io.trino.sql.tree.SimpleGroupBy;
import io.trino.sql.tree.SingleColumn;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.Union;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Answers simple queries by looking at one record after the other: as much SQL as AWS's samples
/// need, and no database. Only the parser is the one that the product has.
///
/// Values are texts, numbers, truths, times, days, JSON as it stands in the record, or null.
public final class Evaluator {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Columns whose members are texts under their key, whatever they are in the record.
    private static final Set<String> MAPS =
            Set.of(
                    "requestparameters",
                    "responseelements",
                    "additionaleventdata",
                    "serviceeventdetails",
                    "addendum",
                    "edgedevicedetails",
                    "insightdetails");

    /// The columns that are rows or arrays of rows, by their name in SQL, with their members as AWS
    /// documents them (user guide, query-supported-event-schemas), spelt as in records.
    private static final JsonNode ROWS =
            shape(
                    """
                    {"useridentity": {"type":"text", "principalId":"text", "arn":"text", "accountId":"text",
                        "accessKeyId":"text", "userName":"text",
                        "sessionContext": {
                            "attributes": {"creationDate":"time", "mfaAuthenticated":"text"},
                            "sessionIssuer": {"type":"text", "principalId":"text", "arn":"text",
                                "accountId":"text", "userName":"text"},
                            "webIdFederationData": {"federatedProvider":"text", "attributes":"map"},
                            "sourceIdentity":"text", "ec2RoleDelivery":"text", "ec2IssuedInVpc":"text"},
                        "onBehalfOf": {"userId":"text", "identityStoreArn":"text"},
                        "inScopeOf": {"sourceArn":"text", "sourceAccount":"text", "issuerType":"text",
                            "credentialsIssuedTo":"text"},
                        "invokedBy":"text", "identityProvider":"text"},
                     "resources": [{"accountId":"text", "type":"text", "ARN":"text", "ARNPrefix":"text"}],
                     "tlsdetails": {"tlsVersion":"text", "cipherSuite":"text", "clientProvidedHostHeader":"text"}}
                    """);

    private final List<JsonNode> records;

    public Evaluator(List<JsonNode> records) {
        this.records = records;
    }

    /// @param rows cells as values; null for `*`, where only the record itself is given
    /// @param ordered the columns that the rows are ordered by, with whether downwards
    public record Answer(List<List<@Nullable Object>> rows, List<Ordered> ordered, int limit) {}

    public record Ordered(int column, boolean down) {}

    public Answer answer(String sql) {
        var query = (Query) new SqlParser().createStatement(sql);
        var body = query.getQueryBody();
        var rows = rows(body);
        var order = query.getOrderBy();
        var limit = query.getLimit();
        if (body instanceof QuerySpecification select) {
            order = order.or(select::getOrderBy);
            limit = limit.or(select::getLimit);
        }
        return new Answer(
                rows,
                order.map(by -> ordered(by, first(body))).orElse(List.of()),
                limit.map(bound ->
                                Math.toIntExact(
                                        ((LongLiteral) ((Limit) bound).getRowCount())
                                                .getParsedValue()))
                        .orElse(Integer.MAX_VALUE));
    }

    private static QuerySpecification first(QueryBody body) {
        return body instanceof Union union
                ? (QuerySpecification) union.getRelations().getFirst()
                : (QuerySpecification) body;
    }

    private List<List<@Nullable Object>> rows(QueryBody body) {
        if (body instanceof Union union) {
            var all = new ArrayList<List<@Nullable Object>>();
            union.getRelations().forEach(part -> all.addAll(rows((QueryBody) part)));
            return all;
        }
        return select((QuerySpecification) body);
    }

    private List<List<@Nullable Object>> select(QuerySpecification select) {
        var taken =
                records.stream()
                        .filter(record ->
                                select.getWhere()
                                        .map(where -> Boolean.TRUE.equals(value(where, record)))
                                        .orElse(true))
                        .toList();
        var groups = new LinkedHashMap<String, List<JsonNode>>();
        var counting =
                select.getSelect().getSelectItems().stream()
                        .anyMatch(item ->
                                item instanceof SingleColumn single
                                        && single.getExpression() instanceof FunctionCall call
                                        && call.getName().toString().equals("count"));
        if (select.getGroupBy().isPresent()) {
            for (var record : taken) {
                var key = new StringBuilder();
                for (var element : select.getGroupBy().get().getGroupingElements()) {
                    for (var by : ((SimpleGroupBy) element).getExpressions()) {
                        key.append(shown(value(by, record))).append('\u0000');
                    }
                }
                groups.computeIfAbsent(key.toString(), _ -> new ArrayList<>()).add(record);
            }
        } else if (counting) {
            groups.put("", taken);
        } else {
            for (var at = 0; at < taken.size(); at++) {
                groups.put(Integer.toString(at), List.of(taken.get(at)));
            }
        }
        var rows = new ArrayList<List<@Nullable Object>>();
        var seen = new HashSet<String>();
        for (var group : groups.values()) {
            var row = new ArrayList<@Nullable Object>();
            for (var item : select.getSelect().getSelectItems()) {
                switch (item) {
                    case AllColumns _ -> row.add(group.getFirst());
                    case SingleColumn single -> row.add(cell(single.getExpression(), group));
                    default -> throw new AssertionError(item.toString());
                }
            }
            if (!select.getSelect().isDistinct()
                    || seen.add(row.stream().map(Evaluator::shown).toList().toString())) {
                rows.add(row);
            }
        }
        return rows;
    }

    private @Nullable Object cell(Expression expression, List<JsonNode> group) {
        return expression instanceof FunctionCall call && call.getName().toString().equals("count")
                ? BigDecimal.valueOf(group.size())
                : value(expression, group.getFirst());
    }

    private static List<Ordered> ordered(OrderBy order, QuerySpecification select) {
        var ordered = new ArrayList<Ordered>();
        for (var item : order.getSortItems()) {
            var column = column(item.getSortKey(), select);
            if (column.isEmpty()) {
                break;
            }
            ordered.add(
                    new Ordered(
                            column.get(),
                            item.getOrdering() == io.trino.sql.tree.SortItem.Ordering.DESCENDING));
        }
        return ordered;
    }

    /// The column of the answer that is ordered by.
    private static Optional<Integer> column(Expression key, QuerySpecification select) {
        var items = select.getSelect().getSelectItems();
        for (var at = 0; at < items.size(); at++) {
            if (items.get(at) instanceof SingleColumn single) {
                var named =
                        single.getAlias()
                                .map(alias -> alias.getValue().equalsIgnoreCase(key.toString()))
                                .orElse(false);
                if (named || single.getExpression().toString().equalsIgnoreCase(key.toString())) {
                    return Optional.of(at);
                }
            }
        }
        return Optional.empty();
    }

    // ---- expressions --------------------------------------------------------------------------

    private @Nullable Object value(Expression expression, JsonNode record) {
        return switch (expression) {
            case Identifier name -> column(name.getValue().toLowerCase(Locale.ROOT), record);
            case DereferenceExpression chain ->
                    member(
                            value(chain.getBase(), record),
                            chain.getField().orElseThrow().getValue());
            case StringLiteral literal -> literal.getValue();
            case LongLiteral literal -> BigDecimal.valueOf(literal.getParsedValue());
            case DecimalLiteral literal -> new BigDecimal(literal.getValue());
            case io.trino.sql.tree.BooleanLiteral literal -> literal.getValue();
            case LogicalExpression logical -> logical(logical, record);
            case NotExpression not ->
                    value(not.getValue(), record) instanceof Boolean truth ? !truth : null;
            case Predicated predicated -> predicated(predicated, record);
            case FunctionCall call -> call(call, record);
            case Cast cast ->
                    cast.getType().toString().equalsIgnoreCase("double")
                            ? number(value(cast.getExpression(), record))
                            : value(cast.getExpression(), record);
            default -> throw new AssertionError("not evaluated: " + expression.getClass());
        };
    }

    private static @Nullable Object number(@Nullable Object value) {
        return value == null ? null : new BigDecimal(value.toString());
    }

    private static @Nullable Object column(String name, JsonNode record) {
        return switch (name) {
            case "eventjson" -> record;
            case "eventjsonchecksum" -> "checksum";
            case "eventtime" -> time(record.path("eventTime"));
            default -> {
                var node = node(record, name);
                yield node == null
                        ? null
                        : MAPS.contains(name)
                                ? map(node)
                                : ROWS.has(name) ? documented(node, ROWS.path(name)) : plain(node);
            }
        };
    }

    private static JsonNode shape(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// A row or an array of rows with the members that are documented, and no others.
    private static JsonNode documented(@Nullable JsonNode node, JsonNode shape) {
        if (node == null || node.isNull()) {
            return JSON.nullNode();
        }
        if (shape.isArray()) {
            var all = JSON.createArrayNode();
            node.forEach(element -> all.add(documented(element, shape.path(0))));
            return node.isArray() ? all : JSON.nullNode();
        }
        if (shape.isObject()) {
            var row = JSON.createObjectNode();
            shape.properties()
                    .forEach(member ->
                            row.set(
                                    member.getKey().toLowerCase(Locale.ROOT),
                                    documented(node.get(member.getKey()), member.getValue())));
            return node.isObject() ? row : JSON.nullNode();
        }
        return switch (shape.asText()) {
            case "map" -> {
                var map = JSON.createObjectNode();
                node.properties().forEach(entry -> map.put(entry.getKey(), text(entry.getValue())));
                yield node.isObject() ? map : JSON.nullNode();
            }
            case "time" ->
                    JSON.getNodeFactory()
                            .textNode(node.asText().replace('T', ' ').replace("Z", ""));
            default -> JSON.getNodeFactory().textNode(text(node));
        };
    }

    private static @Nullable LocalDateTime time(JsonNode node) {
        try {
            return node.isTextual()
                    ? LocalDateTime.parse(node.asText().replace("Z", "").replace(' ', 'T'))
                    : null;
        } catch (DateTimeParseException _) {
            return null;
        }
    }

    private static @Nullable JsonNode node(JsonNode object, String name) {
        for (var entry : object.properties()) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                return entry.getValue().isNull() ? null : entry.getValue();
            }
        }
        return null;
    }

    private static @Nullable Object plain(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        return node.isTextual()
                ? node.asText()
                : node.isBoolean() ? (Object) node.asBoolean() : node;
    }

    private static @Nullable Map<String, @Nullable Object> map(JsonNode node) {
        if (!node.isObject()) {
            return null;
        }
        var map = new LinkedHashMap<String, @Nullable Object>();
        node.properties().forEach(entry -> map.put(entry.getKey(), text(entry.getValue())));
        return map;
    }

    private static @Nullable String text(JsonNode node) {
        return node.isNull() ? null : node.isTextual() ? node.asText() : node.toString();
    }

    private static @Nullable Object member(@Nullable Object row, String name) {
        if (!(row instanceof JsonNode node)) {
            return null;
        }
        var member = node(node, name);
        if (member == null) {
            return null;
        }
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "creationdate" -> time(member);
            case "attributes" -> node.has("federatedprovider") ? map(member) : member;
            default -> plain(member);
        };
    }

    private @Nullable Object logical(LogicalExpression logical, JsonNode record) {
        var and = logical.getOperator() == LogicalExpression.Operator.AND;
        var unknown = false;
        for (var term : logical.getTerms()) {
            var value = value(term, record);
            if (value == null) {
                unknown = true;
            } else if (!value.equals(and)) {
                return !and;
            }
        }
        return unknown ? null : and;
    }

    private @Nullable Object predicated(Predicated predicated, JsonNode record) {
        var value = value(predicated.getValue(), record);
        return switch (predicated.getPredicate()) {
            case IsNullPredicate is -> is.isNegated() != (value == null);
            case ComparisonPredicate comparison ->
                    compared(comparison, value, value(comparison.getRight(), record));
            case InPredicate in -> negated(in.isNegated(), in(in, value, record));
            case LikePredicate like ->
                    negated(like.isNegated(), like(value, value(like.getPattern(), record)));
            default -> throw new AssertionError("not evaluated: " + predicated);
        };
    }

    private static @Nullable Object negated(boolean negated, @Nullable Object truth) {
        return truth instanceof Boolean known ? (Object) (known != negated) : null;
    }

    private static @Nullable Object compared(
            ComparisonPredicate comparison, @Nullable Object left, @Nullable Object right) {
        if (left == null || right == null) {
            return null;
        }
        var order = compare(left, right);
        return switch (comparison.getOperator()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case LESS_THAN -> order < 0;
            case LESS_THAN_OR_EQUAL -> order <= 0;
            case GREATER_THAN -> order > 0;
            case GREATER_THAN_OR_EQUAL -> order >= 0;
        };
    }

    private static int compare(Object left, Object right) {
        if (left instanceof LocalDateTime time) {
            return time.compareTo(
                    right instanceof LocalDateTime other
                            ? other
                            : LocalDateTime.parse(right.toString().replace(' ', 'T')));
        }
        if (left instanceof BigDecimal number) {
            return number.compareTo((BigDecimal) right);
        }
        return left.toString().compareTo(right.toString());
    }

    private @Nullable Object in(InPredicate in, @Nullable Object value, JsonNode record) {
        if (value == null) {
            return null;
        }
        return ((InListExpression) in.getValueList())
                .getValues().stream()
                        .map(item -> value(item, record))
                        .anyMatch(item -> item != null && compare(value, item) == 0);
    }

    private static @Nullable Object like(@Nullable Object value, @Nullable Object pattern) {
        if (value == null || pattern == null) {
            return null;
        }
        return like(value.toString(), pattern.toString());
    }

    private static boolean like(String text, String pattern) {
        if (pattern.isEmpty()) {
            return text.isEmpty();
        }
        if (pattern.charAt(0) == '%') {
            return like(text, pattern.substring(1))
                    || (!text.isEmpty() && like(text.substring(1), pattern));
        }
        return !text.isEmpty()
                && (pattern.charAt(0) == '_' || pattern.charAt(0) == text.charAt(0))
                && like(text.substring(1), pattern.substring(1));
    }

    private @Nullable Object call(FunctionCall call, JsonNode record) {
        var arguments = new ArrayList<@Nullable Object>();
        call.argumentValues().forEach(argument -> arguments.add(value(argument, record)));
        if (arguments.contains(null)) {
            return null;
        }
        var first = arguments.getFirst();
        return switch (call.getName().toString().toLowerCase(Locale.ROOT)) {
            case "element_at" ->
                    first instanceof Map<?, ?> map
                            ? map.get(arguments.get(1))
                            : ((JsonNode) first)
                                    .get(((BigDecimal) arguments.get(1)).intValue() - 1);
            case "date" -> ((LocalDateTime) first).toLocalDate();
            case "day_of_week" ->
                    BigDecimal.valueOf(((LocalDateTime) first).getDayOfWeek().getValue());
            case "replace" ->
                    first.toString()
                            .replace(
                                    arguments.get(1).toString(),
                                    arguments.size() > 2 ? arguments.get(2).toString() : "");
            case "json_array_get" -> {
                var array = tree(first);
                yield array == null ? null : array.get(((BigDecimal) arguments.get(1)).intValue());
            }
            case "json_extract" -> path(tree(first), arguments.get(1).toString());
            case "json_extract_scalar" -> {
                var found = path(tree(first), arguments.get(1).toString());
                yield found == null || found.isContainerNode() ? null : text(found);
            }
            default -> throw new AssertionError("not evaluated: " + call.getName());
        };
    }

    private static @Nullable JsonNode tree(Object json) {
        try {
            return json instanceof JsonNode node ? node : JSON.readTree(json.toString());
        } catch (JsonProcessingException _) {
            return null;
        }
    }

    /// `$.a.b[0].c`
    private static @Nullable JsonNode path(@Nullable JsonNode json, String path) {
        var at = json;
        for (var step : path.substring(1).split("(?=[.\\[])", -1)) {
            if (at == null || step.isEmpty()) {
                continue;
            }
            at =
                    step.startsWith(".")
                            ? at.get(step.substring(1))
                            : at.get(Integer.parseInt(step.substring(1, step.length() - 1)));
        }
        return at;
    }

    // ---- showing ------------------------------------------------------------------------------

    /// A value so that what is equal is shown the same, however it is written.
    public static String shown(@Nullable Object value) {
        return switch (value) {
            case null -> "NULL";
            case LocalDateTime time ->
                    time.format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS"));
            case LocalDate day -> day.toString();
            case BigDecimal number -> number.stripTrailingZeros().toPlainString();
            case Map<?, ?> map -> {
                var shown = new TreeMap<String, String>();
                map.forEach((key, of) -> shown.put(key.toString(), shown(of)));
                yield shown.toString();
            }
            case String text -> canonical(text);
            default -> value.toString();
        };
    }

    /// JSON in a text may be spaced otherwise.
    private static String canonical(String text) {
        if (text.startsWith("{") || text.startsWith("[")) {
            try {
                return JSON.readTree(text).toString();
            } catch (JsonProcessingException _) {
                return text;
            }
        }
        return text;
    }
}

package dev.cairn.lake.dialect;

import dev.cairn.lake.column.Column;
import dev.cairn.lake.column.ColumnType;
import dev.cairn.lake.column.ColumnType.Row;
import dev.cairn.lake.column.Sought;
import io.trino.sql.tree.AllColumns;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Except;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.FetchFirst;
import io.trino.sql.tree.GroupBy;
import io.trino.sql.tree.GroupingElement;
import io.trino.sql.tree.GroupingSets;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Intersect;
import io.trino.sql.tree.Limit;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.Offset;
import io.trino.sql.tree.OrderBy;
import io.trino.sql.tree.Query;
import io.trino.sql.tree.QueryBody;
import io.trino.sql.tree.QuerySpecification;
import io.trino.sql.tree.SelectItem;
import io.trino.sql.tree.SimpleGroupBy;
import io.trino.sql.tree.SingleColumn;
import io.trino.sql.tree.SortItem;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.TableSubquery;
import io.trino.sql.tree.Union;
import io.trino.sql.tree.Values;
import io.trino.sql.tree.Window;
import io.trino.sql.tree.With;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Writes queries.
final class Queries {
    private final Map<String, List<Column>> tables;

    /// How often each table is read, and what is sought in it where that is once.
    private final Map<String, Integer> read = new HashMap<>();

    private final Map<String, Sought> sought = new HashMap<>();

    /// How many names of our own were given out.
    private int given;

    Queries(Map<String, List<Column>> tables) {
        this.tables = tables;
    }

    /// A column of a query's answer.
    ///
    /// @param shown its name as the user knows it
    /// @param name its name in the SQL written, unlike the others
    record Out(String shown, String name, ColumnType type) {}

    /// A query as it is written.
    record Written(String sql, List<Out> columns) {}

    /// Where a query or an expression stands.
    ///
    /// @param scope the names it may use
    /// @param named the queries that WITH named, by name in lower case
    /// @param windows the windows that WINDOW named
    record Place(
            Scope scope,
            Map<String, List<Out>> named,
            Map<String, Window> windows,
            @Nullable Queries queries) {
        static final Place TOP = new Place(Scope.EMPTY, Map.of(), Map.of(), null);

        Place within(Scope inner) {
            return new Place(inner, named, windows, queries);
        }

        Place naming(Map<String, List<Out>> more) {
            return new Place(scope, more, windows, queries);
        }

        Place windows(Map<String, Window> own) {
            return new Place(scope, named, own, queries);
        }

        Place by(Queries own) {
            return new Place(scope, named, windows, own);
        }

        Window window(Identifier name) {
            var window = windows.get(name.getValue().toLowerCase(Locale.ROOT));
            if (window == null) {
                throw Refusal.at(name, "window '" + name.getValue() + "' is not there");
            }
            return window;
        }

        /// A name that stands for nothing else.
        String fresh(String prefix) {
            if (queries == null) {
                throw new IllegalStateException("nobody writes here");
            }
            return queries.fresh(prefix);
        }
    }

    String fresh(String prefix) {
        return prefix + "_" + ++given;
    }

    Map<String, List<Column>> tables() {
        return tables;
    }

    /// Notes that a table is read.
    void read(String table) {
        read.merge(table, 1, Integer::sum);
    }

    /// What is sought in each table, where not all of its events can be meant.
    Map<String, Sought> sought() {
        var once = new HashMap<>(sought);
        once.keySet().removeIf(table -> read.getOrDefault(table, 0) != 1);
        return Map.copyOf(once);
    }

    // ---- a query ------------------------------------------------------------------------------

    Written query(Query query, Place around) {
        if (!query.getSessionProperties().isEmpty() || !query.getFunctions().isEmpty()) {
            throw Refusal.at(query, "functions and session properties in WITH are not available");
        }
        var place = around.by(this);
        var head = "";
        if (query.getWith().isPresent()) {
            var with = with(query.getWith().get(), place);
            head = with.sql() + " ";
            place = with.place();
        }
        var body = body(query.getQueryBody(), query.getOrderBy(), place);
        return new Written(
                head + body.sql() + tail(query.getOffset(), query.getLimit()), body.columns());
    }

    private record Withs(String sql, Place place) {}

    private Withs with(With with, Place around) {
        var named = new HashMap<>(around.named());
        var parts = new ArrayList<String>();
        for (var part : with.getQueries()) {
            var name = part.getName().getValue().toLowerCase(Locale.ROOT);
            var aliases =
                    part.getColumnNames()
                            .map(names -> names.stream().map(Identifier::getValue).toList());
            if (with.isRecursive() && aliases.isPresent()) {
                named.put(
                        name,
                        aliases.get().stream()
                                .map(alias ->
                                        new Out(
                                                alias,
                                                alias.toLowerCase(Locale.ROOT),
                                                ColumnType.UNKNOWN))
                                .toList());
            }
            var written = query(part.getQuery(), around.naming(Map.copyOf(named)));
            var columns = renamed(written.columns(), aliases, part);
            parts.add(
                    "%s(%s) AS (%s)"
                            .formatted(
                                    Sql.name(name),
                                    columns.stream()
                                            .map(column -> Sql.name(column.name()))
                                            .collect(Collectors.joining(", ")),
                                    written.sql()));
            named.put(name, columns);
        }
        return new Withs(
                (with.isRecursive() ? "WITH RECURSIVE " : "WITH ") + String.join(", ", parts),
                around.naming(Map.copyOf(named)));
    }

    /// Columns under other names.
    static List<Out> renamed(List<Out> columns, Optional<List<String>> names, Node at) {
        if (names.isEmpty()) {
            return columns;
        }
        if (names.get().size() != columns.size()) {
            throw Refusal.at(
                    at,
                    "expected %d names of columns, got %d"
                            .formatted(columns.size(), names.get().size()));
        }
        var renamed = new ArrayList<Out>();
        var taken = new HashSet<String>();
        for (var at2 = 0; at2 < columns.size(); at2++) {
            var name = names.get().get(at2);
            renamed.add(new Out(name, unlike(name, taken), columns.get(at2).type()));
        }
        return renamed;
    }

    private static String unlike(String name, Set<String> taken) {
        var lower = name.toLowerCase(Locale.ROOT);
        var unlike = lower;
        for (var number = 2; !taken.add(unlike); number++) {
            unlike = lower + ":" + number;
        }
        return unlike;
    }

    private String tail(Optional<Offset> offset, Optional<? extends Node> limit) {
        var tail = new StringBuilder();
        limit.ifPresent(bound -> {
            switch (bound) {
                case Limit rows -> count(rows.getRowCount(), " LIMIT ", tail);
                case FetchFirst first -> {
                    if (first.isWithTies()) {
                        throw Refusal.at(first, "WITH TIES is not available");
                    }
                    first.getRowCount()
                            .ifPresentOrElse(
                                    rows -> count(rows, " LIMIT ", tail),
                                    () -> tail.append(" LIMIT 1"));
                }
                default -> throw Refusal.at(bound, "expected LIMIT or FETCH FIRST");
            }
        });
        offset.ifPresent(rows -> count(rows.getRowCount(), " OFFSET ", tail));
        return tail.toString();
    }

    private static void count(Expression rows, String word, StringBuilder tail) {
        if (rows instanceof LongLiteral number) {
            tail.append(word).append(number.getParsedValue());
        } else if (!(rows instanceof io.trino.sql.tree.AllRows)) {
            throw Refusal.at(rows, "expected a number of rows");
        }
    }

    /// @param order of the whole query, which may name columns of the body's answer
    private Written body(QueryBody body, Optional<OrderBy> order, Place place) {
        return switch (body) {
            case QuerySpecification select -> select(select, order, place);
            case TableSubquery subquery -> {
                var inner = query(subquery.getQuery(), place);
                yield ordered(new Written("(" + inner.sql() + ")", inner.columns()), order);
            }
            case Union union ->
                    ordered(set(union.getRelations(), "UNION", union.isDistinct(), place), order);
            case Intersect intersect ->
                    ordered(
                            set(
                                    intersect.getRelations(),
                                    "INTERSECT",
                                    intersect.isDistinct(),
                                    place),
                            order);
            case Except except ->
                    ordered(
                            set(
                                    List.of(except.getLeft(), except.getRight()),
                                    "EXCEPT",
                                    except.isDistinct(),
                                    place),
                            order);
            case Values values -> ordered(values(values, place), order);
            case Table table -> {
                var from = new Relations(this, place).write(table);
                var columns = new ArrayList<Out>();
                var taken = new HashSet<String>();
                var items = new ArrayList<String>();
                all(from.fields(), columns, items, taken);
                yield ordered(
                        new Written(
                                "SELECT %s FROM %s".formatted(String.join(", ", items), from.sql()),
                                columns),
                        order);
            }
            default ->
                    throw Refusal.at(
                            body,
                            Names.words(body.getClass().getSimpleName()) + " is not available");
        };
    }

    private Written set(
            Collection<? extends Node> relations, String word, boolean distinct, Place place) {
        var written =
                relations.stream()
                        .map(relation -> body((QueryBody) relation, Optional.empty(), place))
                        .toList();
        for (var other : written) {
            if (other.columns().size() != written.getFirst().columns().size()) {
                throw Refusal.at(
                        relations.iterator().next(),
                        "expected as many columns on both sides of %s, got %d and %d"
                                .formatted(
                                        word,
                                        written.getFirst().columns().size(),
                                        other.columns().size()));
            }
        }
        return new Written(
                written.stream()
                        .map(part -> "(" + part.sql() + ")")
                        .collect(
                                Collectors.joining(
                                        distinct ? " " + word + " " : " " + word + " ALL ")),
                written.getFirst().columns());
    }

    private Written values(Values values, Place place) {
        var expressions = new Expressions(this, place);
        var rows = new ArrayList<String>();
        var width = 0;
        for (var row : values.getRows()) {
            var cells =
                    row instanceof io.trino.sql.tree.Row several
                            ? Rows.values(several)
                            : List.of(row);
            width = cells.size();
            rows.add("(" + expressions.list(cells) + ")");
        }
        var columns = new ArrayList<Out>();
        for (var at = 0; at < width; at++) {
            columns.add(new Out("_col" + at, "_col" + at, ColumnType.UNKNOWN));
        }
        var name = fresh("v");
        return new Written(
                "SELECT * FROM (VALUES %s) AS %s(%s)"
                        .formatted(
                                String.join(", ", rows),
                                name,
                                columns.stream().map(Out::name).collect(Collectors.joining(", "))),
                columns);
    }

    /// ORDER BY after a query that is not one SELECT: by its columns only.
    private static Written ordered(Written written, Optional<OrderBy> order) {
        return order.map(by ->
                        new Written(
                                written.sql()
                                        + " ORDER BY "
                                        + Orders.write(
                                                by,
                                                item ->
                                                        column(item, written.columns())
                                                                .orElseThrow(() ->
                                                                        Refusal.at(
                                                                                item,
                                                                                "expected one of the answer's columns after ORDER BY"))),
                                written.columns()))
                .orElse(written);
    }

    /// The number of the column that is ordered by, if it is one of the answer's.
    private static Optional<String> column(SortItem item, List<Out> columns) {
        if (item.getSortKey() instanceof LongLiteral number) {
            return Optional.of(ordinal(number, columns.size()));
        }
        return Calls.plainName(item.getSortKey())
                .flatMap(name -> {
                    for (var at = 0; at < columns.size(); at++) {
                        if (columns.get(at).shown().equalsIgnoreCase(name)) {
                            return Optional.of(Integer.toString(at + 1));
                        }
                    }
                    return Optional.empty();
                });
    }

    private static String ordinal(LongLiteral number, int columns) {
        if (number.getParsedValue() < 1 || number.getParsedValue() > columns) {
            throw Refusal.at(number, "expected a column from 1 to %d".formatted(columns));
        }
        return Long.toString(number.getParsedValue());
    }

    // ---- one SELECT ---------------------------------------------------------------------------

    private Written select(QuerySpecification select, Optional<OrderBy> outer, Place around) {
        var from =
                select.getFrom()
                        .map(relation -> new Relations(this, around).write(relation))
                        .orElse(new Relations.From("", List.of()));
        var windows = new HashMap<String, Window>();
        select.getWindows()
                .forEach(window ->
                        windows.put(
                                window.getName().getValue().toLowerCase(Locale.ROOT),
                                window.getWindow()));
        var place = around.within(around.scope().with(from.fields())).windows(windows);
        var expressions = new Expressions(this, place);
        var columns = new ArrayList<Out>();
        var items = new ArrayList<String>();
        var values = new ArrayList<Sql>();
        var taken = new HashSet<String>();
        for (var item : select.getSelect().getSelectItems()) {
            item(item, expressions, from, columns, items, taken, values);
        }
        var sql = new StringBuilder("SELECT ");
        sql.append(select.getSelect().isDistinct() ? "DISTINCT " : "");
        sql.append(String.join(", ", items));
        if (!from.sql().isEmpty()) {
            sql.append(" FROM ").append(from.sql());
        }
        select.getWhere()
                .ifPresent(where -> {
                    sql.append(" WHERE ").append(expressions.text(where));
                    select.getFrom()
                            .flatMap(Narrowing.Alone::of)
                            .filter(table -> !around.named().containsKey(table.name()))
                            .ifPresent(table ->
                                    sought.put(table.name(), new Narrowing(table).read(where)));
                });
        select.getGroupBy()
                .ifPresent(group ->
                        sql.append(" GROUP BY ").append(group(group, expressions, columns.size())));
        select.getHaving()
                .ifPresent(having -> sql.append(" HAVING ").append(expressions.text(having)));
        outer.or(select::getOrderBy)
                .ifPresent(order ->
                        sql.append(" ORDER BY ").append(order(order, place, columns, values)));
        sql.append(tail(select.getOffset(), select.getLimit()));
        return new Written(sql.toString(), columns);
    }

    private void item(
            SelectItem item,
            Expressions expressions,
            Relations.From from,
            List<Out> columns,
            List<String> items,
            Set<String> taken,
            List<Sql> values) {
        switch (item) {
            case AllColumns all -> {
                var fields = fields(all, expressions, from);
                fields.forEach(field -> values.add(field.sql()));
                all(fields, columns, items, taken);
            }
            case SingleColumn single -> {
                var value = expressions.write(single.getExpression());
                var shown =
                        single.getAlias()
                                .map(Identifier::getValue)
                                .or(() -> name(single.getExpression()))
                                .orElse("_col" + columns.size());
                values.add(value);
                add(shown, value, columns, items, taken);
            }
            default -> throw Refusal.at(item, "expected an expression or *");
        }
    }

    private static void all(
            List<Scope.Field> fields, List<Out> columns, List<String> items, Set<String> taken) {
        for (var field : fields) {
            if (!field.hidden()) {
                add(field.shown(), field.sql(), columns, items, taken);
            }
        }
    }

    private static void add(
            String shown, Sql value, List<Out> columns, List<String> items, Set<String> taken) {
        var name = unlike(shown, taken);
        columns.add(new Out(shown, name, value.type()));
        items.add(value.text() + " AS " + Sql.name(name));
    }

    /// What `*`, `t.*` or `row.*` stand for.
    private static List<Scope.Field> fields(
            AllColumns all, Expressions expressions, Relations.From from) {
        if (!all.getAliases().isEmpty()) {
            throw Refusal.at(all, "names for the columns of * are not available");
        }
        if (all.getTarget().isEmpty()) {
            if (from.fields().isEmpty()) {
                throw Refusal.at(all, "there is nothing that * could stand for");
            }
            return from.fields().stream().filter(field -> !field.hidden()).toList();
        }
        var target = all.getTarget().get();
        if (target instanceof Identifier relation) {
            var name = relation.getValue().toLowerCase(Locale.ROOT);
            var fields =
                    from.fields().stream()
                            .filter(field -> field.relation().equals(name) && !field.hidden())
                            .toList();
            if (!fields.isEmpty()) {
                return fields;
            }
        }
        var row = expressions.write(target);
        if (row.type() instanceof Row of) {
            return of.members().stream()
                    .map(member ->
                            Scope.Field.of(
                                    "",
                                    member.name(),
                                    new Sql(
                                            "struct_extract(%s, %s)"
                                                    .formatted(
                                                            row.text(), Sql.literal(member.name())),
                                            member.type())))
                    .toList();
        }
        throw Refusal.at(all, "expected a table or a row before .*");
    }

    /// The name that Trino gives a column without one: the last of a chain of names.
    private static Optional<String> name(Expression expression) {
        return switch (expression) {
            case Identifier identifier -> Optional.of(identifier.getValue());
            case DereferenceExpression chain -> chain.getField().map(Identifier::getValue);
            default -> Optional.empty();
        };
    }

    private static String group(GroupBy group, Expressions expressions, int columns) {
        if (group.isDistinct()) {
            throw Refusal.at(group, "GROUP BY DISTINCT is not available");
        }
        return group.getGroupingElements().stream()
                .map(element -> element(element, expressions, columns))
                .collect(Collectors.joining(", "));
    }

    private static String element(GroupingElement element, Expressions expressions, int columns) {
        return switch (element) {
            case SimpleGroupBy simple ->
                    simple.getExpressions().stream()
                            .map(expression ->
                                    expression instanceof LongLiteral number
                                            ? ordinal(number, columns)
                                            : expressions.text(expression))
                            .collect(Collectors.joining(", "));
            case GroupingSets sets -> {
                var inner =
                        sets.getSets().stream()
                                .map(set -> "(" + expressions.list(List.copyOf(set)) + ")")
                                .collect(Collectors.joining(", "));
                yield switch (sets.getType()) {
                    case EXPLICIT -> "GROUPING SETS (" + inner + ")";
                    case ROLLUP -> "ROLLUP (" + inner + ")";
                    case CUBE -> "CUBE (" + inner + ")";
                };
            }
            default -> throw Refusal.at(element, "this form of GROUP BY is not available");
        };
    }

    /// Names of the answer's columns come before the table's.
    private String order(OrderBy order, Place place, List<Out> columns, List<Sql> values) {
        var answer = new ArrayList<Scope.Field>();
        for (var at = 0; at < columns.size(); at++) {
            answer.add(Scope.Field.of("", columns.get(at).shown(), values.get(at)));
        }
        var expressions = new Expressions(this, place.within(place.scope().with(answer)));
        return Orders.write(
                order,
                item -> column(item, columns).orElseGet(() -> expressions.text(item.getSortKey())));
    }
}

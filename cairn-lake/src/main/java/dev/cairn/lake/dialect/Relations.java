package dev.cairn.lake.dialect;

import dev.cairn.lake.column.Column;
import dev.cairn.lake.column.ColumnType;
import dev.cairn.lake.column.ColumnType.ArrayOf;
import dev.cairn.lake.column.ColumnType.MapOf;
import dev.cairn.lake.column.ColumnType.Plain;
import dev.cairn.lake.column.ColumnType.Row;
import io.trino.sql.tree.AliasedRelation;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Join;
import io.trino.sql.tree.JoinOn;
import io.trino.sql.tree.JoinUsing;
import io.trino.sql.tree.Lateral;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.QueryBody;
import io.trino.sql.tree.Relation;
import io.trino.sql.tree.Table;
import io.trino.sql.tree.TableSubquery;
import io.trino.sql.tree.Unnest;
import io.trino.sql.tree.Values;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Writes what stands after FROM.
final class Relations {
    private final Queries queries;
    private final Queries.Place place;

    Relations(Queries queries, Queries.Place place) {
        this.queries = queries;
        this.place = place.by(queries);
    }

    /// Tables as they are written, and the names that they bring.
    record From(String sql, List<Scope.Field> fields) {}

    From write(Relation relation) {
        return write(relation, Optional.empty(), List.of());
    }

    /// @param alias the name it has here
    /// @param left what stands before it and may be named in it
    private From write(Relation relation, Optional<AliasedRelation> alias, List<Scope.Field> left) {
        return switch (relation) {
            case AliasedRelation aliased ->
                    write(aliased.getRelation(), Optional.of(aliased), left);
            case Table table -> table(table, alias);
            case TableSubquery subquery ->
                    derived(queries.query(subquery.getQuery(), place), "", alias, relation);
            case Lateral lateral ->
                    derived(
                            queries.query(
                                    lateral.getQuery(), place.within(place.scope().with(left))),
                            "LATERAL ",
                            alias,
                            relation);
            case Values values ->
                    derived(
                            queries.query(io.trino.sql.QueryUtil.query(values), place),
                            "",
                            alias,
                            relation);
            case Unnest unnest -> unnest(unnest, alias, left);
            case Join join -> join(join, left);
            case QueryBody body ->
                    throw Refusal.at(
                            body,
                            Names.words(body.getClass().getSimpleName()) + " is not available");
            default ->
                    throw Refusal.at(
                            relation,
                            Names.words(relation.getClass().getSimpleName()) + " is not available");
        };
    }

    private From table(Table table, Optional<AliasedRelation> alias) {
        if (table.getQueryPeriod().isPresent()) {
            throw Refusal.at(table, "tables as of another time are not available");
        }
        var name = table.getName().toString().toLowerCase(Locale.ROOT);
        var shown = alias.map(given -> given.getAlias().getValue()).orElse(name);
        var named = place.named().get(name);
        if (named != null) {
            return fields(Sql.name(name), named, shown, alias, table);
        }
        var columns = queries.tables().get(name);
        if (columns == null) {
            throw Refusal.at(
                    table,
                    "table '%s' is not there; there is %s"
                            .formatted(
                                    name,
                                    queries.tables().keySet().stream()
                                            .sorted()
                                            .collect(Collectors.joining(", "))));
        }
        queries.read(name);
        var outs =
                columns.stream()
                        .filter(column -> !hidden(column))
                        .map(column -> new Queries.Out(column.name(), column.name(), column.type()))
                        .toList();
        var from = fields(Sql.name(name), outs, shown, alias, table);
        var fields = new ArrayList<>(from.fields());
        columns.stream()
                .filter(Relations::hidden)
                .forEach(column ->
                        fields.add(
                                new Scope.Field(
                                        shown.toLowerCase(Locale.ROOT),
                                        column.name(),
                                        column.name(),
                                        new Sql(
                                                Sql.name(shown) + "." + Sql.name(column.name()),
                                                column.type()),
                                        true)));
        return new From(from.sql(), fields);
    }

    private static boolean hidden(Column column) {
        return column.name().startsWith("$");
    }

    private From derived(
            Queries.Written written, String word, Optional<AliasedRelation> alias, Node at) {
        var shown =
                alias.map(given -> given.getAlias().getValue()).orElseGet(() -> queries.fresh("q"));
        return fields(word + "(" + written.sql() + ")", written.columns(), shown, alias, at);
    }

    private static From fields(
            String sql,
            List<Queries.Out> columns,
            String shown,
            Optional<AliasedRelation> alias,
            Node at) {
        var names = alias.flatMap(Relations::columnNames);
        var renamed = Queries.renamed(columns, names, at);
        var written = new StringBuilder(sql).append(" AS ").append(Sql.name(shown));
        if (names.isPresent()) {
            written.append(
                    renamed.stream()
                            .map(column -> Sql.name(column.name()))
                            .collect(Collectors.joining(", ", "(", ")")));
        }
        return new From(
                written.toString(),
                renamed.stream()
                        .map(column ->
                                Scope.Field.of(
                                        shown,
                                        column.shown(),
                                        new Sql(
                                                Sql.name(shown) + "." + Sql.name(column.name()),
                                                column.type())))
                        .toList());
    }

    private static Optional<List<String>> columnNames(AliasedRelation alias) {
        return Optional.ofNullable(alias.getColumnNames())
                .map(names -> names.stream().map(Identifier::getValue).toList());
    }

    // ---- joins --------------------------------------------------------------------------------

    private From join(Join join, List<Scope.Field> outerLeft) {
        var left = write(join.getLeft(), Optional.empty(), outerLeft);
        var right = write(join.getRight(), Optional.empty(), joined(outerLeft, left.fields()));
        var all = joined(left.fields(), right.fields());
        var word =
                switch (join.getType()) {
                    case CROSS, IMPLICIT -> "CROSS JOIN";
                    case INNER -> "INNER JOIN";
                    case LEFT -> "LEFT JOIN";
                    case RIGHT -> "RIGHT JOIN";
                    case FULL -> "FULL JOIN";
                };
        var sides = left.sql() + " " + word + " " + right.sql();
        if (join.getCriteria().isEmpty()) {
            return new From("(" + sides + ")", all);
        }
        return switch (join.getCriteria().get()) {
            case JoinOn on ->
                    new From(
                            "(%s ON %s)"
                                    .formatted(
                                            sides,
                                            new Expressions(
                                                            queries,
                                                            place.within(place.scope().with(all)))
                                                    .text(on.getExpression())),
                            all);
            case JoinUsing using -> using(join, using, sides, left, right);
            default -> throw Refusal.at(join, "NATURAL JOIN is not available");
        };
    }

    private static List<Scope.Field> joined(List<Scope.Field> left, List<Scope.Field> right) {
        var all = new ArrayList<>(left);
        all.addAll(right);
        return all;
    }

    /// The columns that both sides share stand once, before the others.
    private static From using(Join join, JoinUsing using, String sides, From left, From right) {
        var names = new ArrayList<String>();
        var fields = new ArrayList<Scope.Field>();
        for (var column : using.getColumns()) {
            var name = column.getValue().toLowerCase(Locale.ROOT);
            var own =
                    left.fields().stream()
                            .filter(field -> field.name().equals(name))
                            .findFirst()
                            .orElseThrow(
                                    () -> Refusal.at(join, "column '" + name + "' is not there"));
            names.add(name);
            fields.add(Scope.Field.of("", own.shown(), new Sql(Sql.name(name), own.sql().type())));
        }
        joined(left.fields(), right.fields()).stream()
                .filter(field -> !names.contains(field.name()))
                .forEach(fields::add);
        return new From(
                "(%s USING (%s))"
                        .formatted(
                                sides,
                                names.stream().map(Sql::name).collect(Collectors.joining(", "))),
                fields);
    }

    // ---- UNNEST -------------------------------------------------------------------------------

    /// Rows become columns, as in Trino, where DuckDB would give one column of rows.
    private From unnest(Unnest unnest, Optional<AliasedRelation> alias, List<Scope.Field> left) {
        var expressions = new Expressions(queries, place.within(place.scope().with(left)));
        var values = new ArrayList<Sql>();
        var columns = new ArrayList<Queries.Out>();
        var lengths = new ArrayList<String>();
        var taken = new HashSet<String>();
        for (var expression : unnest.getExpressions()) {
            var value = expressions.write(expression);
            var list =
                    value.type() instanceof MapOf
                            ? "map_entries(" + value.text() + ")"
                            : value.text();
            lengths.add("len(" + list + ")");
            switch (value.type()) {
                case MapOf map -> spread(list, Functions.entry(map), values, columns, taken);
                case ArrayOf array when array.element() instanceof Row row ->
                        spread(list, row, values, columns, taken);
                case ArrayOf array ->
                        add("col", "unnest(" + list + ")", array.element(), values, columns, taken);
                case ColumnType.Unknown _ ->
                        add(
                                "col",
                                "unnest(" + list + ")",
                                ColumnType.UNKNOWN,
                                values,
                                columns,
                                taken);
                default -> throw Refusal.at(expression, "expected an array or a map to UNNEST");
            }
        }
        if (unnest.isWithOrdinality()) {
            add(
                    "ordinality",
                    "unnest(range(1, coalesce(greatest("
                            + String.join(", ", lengths)
                            + "), 0) + 1))",
                    Plain.WHOLE,
                    values,
                    columns,
                    taken);
        }
        var items = new ArrayList<String>();
        for (var at = 0; at < values.size(); at++) {
            items.add(values.get(at).text() + " AS " + Sql.name(columns.get(at).name()));
        }
        return derived(
                new Queries.Written("SELECT " + String.join(", ", items), columns),
                "LATERAL ",
                alias,
                unnest);
    }

    private void spread(
            String list, Row row, List<Sql> values, List<Queries.Out> columns, Set<String> taken) {
        for (var member : row.members()) {
            add(
                    member.name(),
                    "unnest(list_transform(%s, lambda m: struct_extract(m, %s)))"
                            .formatted(list, Sql.literal(member.name())),
                    member.type(),
                    values,
                    columns,
                    taken);
        }
    }

    private static void add(
            String shown,
            String sql,
            ColumnType type,
            List<Sql> values,
            List<Queries.Out> columns,
            Set<String> taken) {
        var name = shown;
        for (var number = 2; !taken.add(name); number++) {
            name = shown + ":" + number;
        }
        values.add(new Sql(sql, type));
        columns.add(new Queries.Out(shown, name, type));
    }
}

package dev.cairn.lake.dialect;

import io.trino.sql.tree.OrderBy;
import io.trino.sql.tree.SortItem;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Writes what follows `ORDER BY`.
final class Orders {
    private Orders() {}

    static String write(OrderBy order, Expressions expressions) {
        return write(order, item -> expressions.text(item.getSortKey()));
    }

    static String write(OrderBy order, Function<SortItem, String> key) {
        return order.getSortItems().stream()
                .map(item -> key.apply(item) + direction(item))
                .collect(Collectors.joining(", "));
    }

    /// Trino has NULL last whatever the direction, unless it is told.
    private static String direction(SortItem item) {
        var direction = item.getOrdering() == SortItem.Ordering.DESCENDING ? " DESC" : " ASC";
        return direction
                + (item.getNullOrdering() == SortItem.NullOrdering.FIRST
                        ? " NULLS FIRST"
                        : " NULLS LAST");
    }
}

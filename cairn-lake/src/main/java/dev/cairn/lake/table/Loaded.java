package dev.cairn.lake.table;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// What became of a [Load]. All but the last number are of it alone.
///
/// @param added how many events are in the table now that were not before
/// @param known how many were there already, or came twice
/// @param expired how many are older than the retention
/// @param unfit which of the events cannot be in a table, by where they stand in the load
/// @param total how many events the import has added in all
record Loaded(long added, long known, long expired, List<Integer> unfit, long total) {
    ObjectNode json() {
        var json =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("added", added)
                        .put("known", known)
                        .put("expired", expired)
                        .put("total", total);
        unfit.forEach(json.putArray("unfit")::add);
        return json;
    }
}

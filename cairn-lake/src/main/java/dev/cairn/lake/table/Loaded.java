package dev.cairn.lake.table;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// What became of a [Load].
///
/// @param total how many events the import has added in all
record Loaded(List<Part> parts, long total) {
    Loaded {
        parts = List.copyOf(parts);
    }

    /// What became of one of its parts.
    ///
    /// @param added how many events are in the table now that were not before
    /// @param known how many were there already, or came twice
    /// @param expired how many are older than the retention
    /// @param unfit which of the events cannot be in a table, by where they stand in the part
    record Part(long added, long known, long expired, List<Integer> unfit) {
        Part {
            unfit = List.copyOf(unfit);
        }
    }

    ObjectNode json() {
        var json = JsonNodeFactory.instance.objectNode().put("total", total);
        var array = json.putArray("parts");
        for (var part : parts) {
            part.unfit()
                    .forEach(
                            array.addObject()
                                            .put("added", part.added())
                                            .put("known", part.known())
                                            .put("expired", part.expired())
                                            .putArray("unfit")
                                    ::add);
        }
        return json;
    }
}

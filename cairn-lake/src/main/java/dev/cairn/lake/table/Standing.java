package dev.cairn.lake.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/// Where a table is.
///
/// @param metadata the file that says all of it
/// @param positions by partition of the ledger: what lies before is dealt with
/// @param events how many are in it
/// @param filtered how many positions were left out by rule
/// @param expired how many events were in it and went when their time was over, or were recorded
///   and too old when they came
/// @param setAside how many positions could not be taken
/// @param imported how many events came by imports, those that are expired by now included
/// @param reasons the newest of what was set aside, as JSON
record Standing(
        Path metadata,
        List<Long> positions,
        long events,
        long filtered,
        long expired,
        long setAside,
        long imported,
        JsonNode reasons) {

    ObjectNode json() {
        var json =
                new ObjectMapper()
                        .createObjectNode()
                        .put("metadata", metadata.toString())
                        .put("events", events)
                        .put("filtered", filtered)
                        .put("expired", expired)
                        .put("setAside", setAside)
                        .put("imported", imported);
        var array = json.putArray("positions");
        positions.forEach(array::add);
        json.set("reasons", reasons);
        return json;
    }
}

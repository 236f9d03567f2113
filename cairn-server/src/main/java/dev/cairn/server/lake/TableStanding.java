package dev.cairn.server.lake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.server.operation.ReaderView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Where the table of an event data store is.
///
/// @param metadata the file that says all of this version of it
/// @param positions by partition of the ledger: what lies before is dealt with
/// @param events how many are in it
/// @param filtered how many positions were left out by rule
/// @param expired how many events went when their time was over, or were recorded and too old when
///   they came
/// @param setAside how many positions could not be taken
/// @param imported how many events came by imports, those that are expired by now included
/// @param reasons the newest of what was set aside
record TableStanding(
        Path metadata,
        List<Long> positions,
        long events,
        long filtered,
        long expired,
        long setAside,
        long imported,
        List<ReaderView.SetAside> reasons) {

    /// How many of its events were recorded first, as far as it can be told: of those that are
    /// expired it is not known which.
    long recorded() {
        return Math.max(0, events - imported);
    }

    /// How many positions are dealt with and in no table: left out by rule, or expired.
    long gone() {
        return filtered + expired + events - imported - recorded();
    }

    static TableStanding of(JsonNode json) {
        var positions = new ArrayList<Long>();
        json.path("positions").forEach(position -> positions.add(position.asLong()));
        var reasons = new ArrayList<ReaderView.SetAside>();
        for (var reason : json.path("reasons")) {
            reasons.add(
                    new ReaderView.SetAside(
                            reason.path("position").asText(),
                            reason.path("count").asLong(),
                            reason.path("reason").asText()));
        }
        return new TableStanding(
                Path.of(json.path("metadata").asText()),
                List.copyOf(positions),
                json.path("events").asLong(),
                json.path("filtered").asLong(),
                json.path("expired").asLong(),
                json.path("setAside").asLong(),
                json.path("imported").asLong(),
                List.copyOf(reasons));
    }
}

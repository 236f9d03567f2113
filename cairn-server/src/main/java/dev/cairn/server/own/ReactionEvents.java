package dev.cairn.server.own;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.bus.Reactions;
import dev.cairn.ledger.Entry;
import dev.cairn.secret.Secrets;
import java.time.Instant;
import java.util.List;

/// Cairn's event of what came of a watch's reaction: `InvokeReaction`.
///
/// @param secrets where eventIDs come from
public record ReactionEvents(Secrets secrets) {

    public Entry came(Reactions.Came came, Instant at) {
        var details =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("watch", came.watch())
                        .put("reaction", came.arn())
                        .put("forEventID", came.event())
                        .put("attempts", came.attempts())
                        .put("result", came.refusal().isEmpty() ? "taken" : "given up");
        came.refusal()
                .ifPresent(refusal ->
                        details.put("errorCode", refusal.code())
                                .put("errorMessage", refusal.words()));
        return new ServiceRecord(
                        "cairn.amazonaws.com",
                        Reactions.EVENT,
                        secrets.uuid(),
                        at,
                        came.place(),
                        "cairn.amazonaws.com",
                        List.of(),
                        details)
                .entry();
    }
}

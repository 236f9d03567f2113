package dev.cairn.server.door;

import dev.cairn.access.Action;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.aws.sigv4.Signature;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.server.own.OwnRecord;
import org.jspecify.annotations.Nullable;

/// A request on one of Cairn's own paths that take many, and its own event.
///
/// Only one that is refused or fails leaves an event, within the bounds for strangers whoever sent
/// it: what succeeds is a data event, and its senders come again and again.
final class PathVisit {
    private final OwnCalls ownCalls;
    private final Action action;
    private final Exchange exchange;
    private final Signature signature;
    private final String requestId;
    private @Nullable Caller caller;

    /// @param action what a request on that path wants
    PathVisit(
            OwnCalls ownCalls,
            Action action,
            Exchange exchange,
            Signature signature,
            String requestId) {
        this.ownCalls = ownCalls;
        this.action = action;
        this.exchange = exchange;
        this.signature = signature;
        this.requestId = requestId;
    }

    Exchange exchange() {
        return exchange;
    }

    Signature signature() {
        return signature;
    }

    String requestId() {
        return requestId;
    }

    /// The sender is who they say.
    ///
    /// @param known null when that turned out not to be so
    void caller(@Nullable Caller known) {
        caller = known;
    }

    /// Records that it was refused.
    void refused(String code, String message) throws InterruptedException {
        var asked =
                OwnRecord.Asked.management(
                        action.service() + ".amazonaws.com",
                        action.operation(),
                        "",
                        action.needs() == Allow.READ,
                        null);
        var outcome = OwnRecord.Outcome.failed(code, message);
        var signed = signature instanceof Signature.Signed known ? known.scope() : null;
        if (caller == null) {
            var claimed = signed == null ? "" : signed.accessKeyId();
            ownCalls.stranger(exchange, requestId, claimed, asked, outcome);
        } else {
            var region = signed == null ? "" : signed.region();
            ownCalls.refused(exchange, requestId, caller, region, asked, outcome);
        }
    }

    /// Records that it failed inside Cairn.
    void failed(String code, String message) throws InterruptedException {
        ownCalls.orCounted(() -> refused(code, message));
    }
}

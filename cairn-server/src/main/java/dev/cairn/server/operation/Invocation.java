package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;
import dev.cairn.server.http.SpooledBody;
import java.time.Instant;

/// One call of an operation.
///
/// @param caller who calls, authenticated
/// @param region the region that was signed for
/// @param input the request's members, checked against the model
/// @param body the request's raw body, for operations that take one
/// @param now when the call came in
/// @param endpoint how the caller reached Cairn, such as `http://127.0.0.1:4580`; empty where
///   nobody asks
public record Invocation(
        Caller caller,
        String region,
        ObjectNode input,
        SpooledBody body,
        Instant now,
        String endpoint) {

    /// A call of an operation that gives out no addresses.
    public Invocation(
            Caller caller, String region, ObjectNode input, SpooledBody body, Instant now) {
        this(caller, region, input, body, now, "");
    }

    /// A text member; the fallback when it is absent.
    public String text(String member, String fallback) {
        return input.path(member).asText(fallback);
    }

    /// A number member; the fallback when it is absent.
    public int number(String member, int fallback) {
        return input.path(member).asInt(fallback);
    }
}

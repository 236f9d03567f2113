package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;

/// STS's GetCallerIdentity: who the caller is.
///
/// Source: AWS STS API Reference, GetCallerIdentity.
final class GetCallerIdentity implements Operation.Read {

    @Override
    public ObjectNode run(Invocation call) {
        Caller caller = call.caller();
        return JsonNodeFactory.instance
                .objectNode()
                .put("UserId", caller.principalId())
                .put("Account", caller.account())
                .put("Arn", caller.arn());
    }
}

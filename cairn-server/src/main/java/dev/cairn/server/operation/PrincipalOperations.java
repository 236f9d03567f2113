package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.gateway.principal.Principal;
import dev.cairn.gateway.principal.Principals;

/// Cairn's own operations on the gateway's directory: which access key is whose.
final class PrincipalOperations {
    private final Principals principals;

    PrincipalOperations(Principals principals) {
        this.principals = principals;
    }

    /// Enters all of them, or none.
    ObjectNode put(Invocation call, Transaction transaction) throws CatalogException {
        var given = call.input().path("principals");
        var index = 0;
        for (var one : given) {
            principals.put(transaction, principal(one, index));
            index++;
        }
        return JsonNodeFactory.instance.objectNode().put("count", given.size());
    }

    private static Principal principal(JsonNode given, int index) {
        try {
            return Principal.of(
                    given.path("accessKeyId").asText(),
                    given.path("type").asText(),
                    given.path("accountId").asText(),
                    given.path("name").asText(""),
                    given.path("sessionName").asText(""),
                    given.path("principalId").asText(""));
        } catch (IllegalArgumentException unusable) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "principals[%d]: %s".formatted(index, unusable.getMessage()));
        }
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var page = principals.list(AccountOperations.after(call), AccountOperations.limit(call));
        return AccountOperations.page(
                call, "principals", page, Principal::accessKeyId, PrincipalOperations::json);
    }

    private static ObjectNode json(Principal principal) {
        var json =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("accessKeyId", principal.accessKeyId())
                        .put("type", principal.type().wireName())
                        .put("accountId", principal.account())
                        .put("name", principal.name())
                        .put("principalId", principal.principalId());
        if (!principal.session().isEmpty()) {
            json.put("sessionName", principal.session());
        }
        return json;
    }

    ObjectNode delete(Invocation call, Transaction transaction) throws CatalogException {
        if (!principals.remove(transaction, call.text("accessKeyId", ""))) {
            throw new Failure(ErrorCode.ACCESS_KEY_NOT_FOUND);
        }
        return JsonNodeFactory.instance.objectNode();
    }
}

package dev.cairn.gateway.principal;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.account.Caller;

/// `userIdentity` of a record, and the account that the record belongs to (facts, section 2.2).
///
/// @param account whose event it is
/// @param json the member's value
public record Identity(String account, ObjectNode json) {
    private static final String UNKNOWN = "Unknown";
    private static final String ANONYMOUS = "ANONYMOUS_PRINCIPAL";

    /// Someone of the directory.
    public static Identity of(Principal principal) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("type", principal.type().wireName());
        switch (principal.type()) {
            case ROOT -> named(json, principal, principal.principalId());
            case IAM_USER -> {
                named(json, principal, principal.principalId());
                json.put("userName", principal.bareName());
            }
            case ASSUMED_ROLE -> {
                named(json, principal, principal.principalId() + ":" + principal.session());
                json.putObject("sessionContext")
                        .putObject("sessionIssuer")
                        .put("type", "Role")
                        .put("principalId", principal.principalId())
                        .put(
                                "arn",
                                "arn:aws:iam::%s:role/%s"
                                        .formatted(principal.account(), principal.name()))
                        .put("accountId", principal.account())
                        .put("userName", principal.bareName());
            }
            case FEDERATED_USER -> named(json, principal, principal.principalId());
            case AWS_SERVICE -> json.put("invokedBy", principal.name());
        }
        return new Identity(principal.account(), json);
    }

    private static void named(ObjectNode json, Principal principal, String principalId) {
        json.put("principalId", principalId)
                .put("arn", principal.arn())
                .put("accountId", principal.account())
                .put("accessKeyId", principal.accessKeyId());
    }

    /// Whoever has a key of Cairn's own.
    static Identity of(Caller caller, String accessKeyId) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("type", caller.userName() == null ? "Root" : "IAMUser")
                .put("principalId", caller.principalId())
                .put("arn", caller.arn())
                .put("accountId", caller.account())
                .put("accessKeyId", accessKeyId);
        if (caller.userName() != null) {
            json.put("userName", caller.userName());
        }
        return new Identity(caller.account(), json);
    }

    /// Whether it is that of a key that nobody knows.
    public boolean isUnknown() {
        return json.path("type").asText().equals(UNKNOWN);
    }

    /// Whether nobody signed.
    public boolean isAnonymous() {
        return json.path("accountId").asText().equals(ANONYMOUS);
    }

    /// A key that nobody knows.
    ///
    /// @param accessKeyId empty where what stands for it cannot be one
    public static Identity unknown(String account, String accessKeyId) {
        var json =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("type", UNKNOWN)
                        .put("principalId", "")
                        .put("accountId", account);
        if (!accessKeyId.isEmpty()) {
            json.put("accessKeyId", accessKeyId);
        }
        return new Identity(account, json);
    }

    /// A call without a signature, as S3 records it.
    public static Identity anonymous(String account) {
        return new Identity(
                account,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("type", "AWSAccount")
                        .put("principalId", "")
                        .put("accountId", ANONYMOUS));
    }
}

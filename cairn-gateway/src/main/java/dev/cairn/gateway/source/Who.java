package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.catalog.CatalogException;
import dev.cairn.gateway.principal.Identity;
import dev.cairn.gateway.principal.Principal;
import dev.cairn.gateway.principal.Principals;

/// Whose call it is, by what a log says of it.
final class Who {
    private final Principals principals;

    Who(Principals principals) {
        this.principals = principals;
    }

    /// Someone with an access key: by the directory if that knows the key, else the user that the
    /// log names.
    ///
    /// @param account that the event goes to, and that the user is taken to be of
    /// @param accessKeyId empty when the log does not say
    /// @param userName empty when the log does not say
    Identity of(String account, String accessKeyId, String userName) throws CatalogException {
        if (!accessKeyId.isEmpty()) {
            var known = principals.find(accessKeyId);
            if (known.isPresent()) {
                return new Identity(account, Identity.of(known.get()).json());
            }
        }
        if (userName.isEmpty()) {
            return accessKeyId.isEmpty()
                    ? Identity.anonymous(account)
                    : Identity.unknown(account, accessKeyId);
        }
        return user(account, accessKeyId, userName);
    }

    /// A user as IAM would show one; of a name that IAM would not take, there is no ARN.
    private static Identity user(String account, String accessKeyId, String userName) {
        try {
            // The key does not enter what is shown unless there is one.
            var principal =
                    new Principal(
                            accessKeyId.isEmpty() ? "none" : accessKeyId,
                            Principal.Type.IAM_USER,
                            account,
                            userName,
                            "",
                            "");
            var json = Identity.of(principal).json();
            if (accessKeyId.isEmpty()) {
                json.remove("accessKeyId");
            }
            return new Identity(account, json);
        } catch (IllegalArgumentException _) {
            var json =
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("type", "IAMUser")
                            .put("principalId", userName)
                            .put("accountId", account);
            if (!accessKeyId.isEmpty()) {
                json.put("accessKeyId", accessKeyId);
            }
            json.put("userName", userName);
            return new Identity(account, json);
        }
    }
}

package dev.cairn.gateway.principal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whoever asks STS for a role by an identity provider's word, and so signs nothing: who they are,
/// STS says in its answer (facts, section 2.2).
public final class Vouched {
    /// Providers name their users as they like, but not so that a reader sees another name; what an
    /// answer says is another server's word.
    private static final Pattern NAME = Pattern.compile("\\P{C}{1,256}");

    private Vouched() {}

    /// Who calls.
    ///
    /// @param operation of STS
    /// @param answered the record's `responseElements`; null for none
    /// @param claimed who the request says it comes from; stays where the answer does not say more
    public static Identity of(String operation, @Nullable JsonNode answered, Identity claimed) {
        if (answered == null || !claimed.isAnonymous()) {
            return claimed;
        }
        return switch (operation) {
            case "AssumeRoleWithSAML" ->
                    identity(
                            "SAMLUser",
                            claimed,
                            answered.path("subject").asText(),
                            answered.path("nameQualifier").asText());
            case "AssumeRoleWithWebIdentity" ->
                    identity(
                            "WebIdentityUser",
                            claimed,
                            answered.path("subjectFromWebIdentityToken").asText(),
                            answered.path("provider").asText(),
                            answered.path("audience").asText());
            default -> claimed;
        };
    }

    /// @param from the provider, and what else goes before the user in `principalId`
    private static Identity identity(String type, Identity claimed, String user, String... from) {
        var principalId = String.join(":", from) + ":" + user;
        if (!NAME.matcher(user).matches()
                || !NAME.matcher(from[0]).matches()
                || !NAME.matcher(principalId).matches()) {
            return claimed;
        }
        return new Identity(
                claimed.account(),
                JsonNodeFactory.instance
                        .objectNode()
                        .put("type", type)
                        .put("principalId", principalId)
                        .put("userName", user)
                        .put("identityProvider", from[0]));
    }
}

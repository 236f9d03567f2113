package dev.cairn.server.operation;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// The page token of a list in the order of names: the last name of the page.
///
/// It keeps no state on the server and grants nothing: a caller's rights are applied to each page
/// anew. It is encoded so that it passes as a word of any protocol.
public final class NameToken {
    private NameToken() {}

    /// @param last name of the page
    public static String of(String last) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(last.getBytes(StandardCharsets.UTF_8));
    }

    /// The name that a token was made of, empty for the empty token of a first page; nothing when
    /// it is no token.
    public static Optional<String> read(String token) {
        try {
            return Optional.of(
                    new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// The last name of the page before; empty for the first page.
    ///
    /// @param member that holds the token, such as `NextToken`
    /// @throws Failure INVALID_NEXT_TOKEN
    static String after(Invocation call, String member) {
        return read(call.text(member, ""))
                .orElseThrow(() -> new Failure(ErrorCode.INVALID_NEXT_TOKEN));
    }
}

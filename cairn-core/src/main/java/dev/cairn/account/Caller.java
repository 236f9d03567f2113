package dev.cairn.account;

import org.jspecify.annotations.Nullable;

/// Who asks, as far as a signature or a bearer token proves it.
///
/// @param type decides which of the others are there
/// @param account the caller's account; empty for ANONYMOUS
/// @param principalId as in `userIdentity`: the account id for root, `AIDA…` for a user
/// @param arn such as `arn:aws:iam::123456789012:user/Mary`; empty for ANONYMOUS
/// @param userName USER only
/// @param accessKeyId ROOT and USER only
/// @param allow what the key allows: ALL for ROOT; null for TOKEN and ANONYMOUS
/// @param purpose TOKEN only
public record Caller(
        Type type,
        String account,
        String principalId,
        String arn,
        @Nullable String userName,
        @Nullable String accessKeyId,
        @Nullable Allow allow,
        Token.@Nullable Purpose purpose) {

    /// How the caller is known.
    public enum Type {
        ROOT,
        USER,
        TOKEN,
        ANONYMOUS
    }

    /// Nobody known.
    public static final Caller ANONYMOUS =
            new Caller(Type.ANONYMOUS, "", "", "", null, null, null, null);

    /// An account's root.
    public static Caller root(String account, String accessKeyId) {
        return new Caller(
                Type.ROOT,
                account,
                account,
                "arn:aws:iam::%s:root".formatted(account),
                null,
                accessKeyId,
                Allow.ALL,
                null);
    }

    /// A user of an account.
    ///
    /// @param principalId `AIDA…`
    public static Caller user(
            String account, String userName, String principalId, String accessKeyId, Allow allow) {
        return new Caller(
                Type.USER,
                account,
                principalId,
                "arn:aws:iam::%s:user/%s".formatted(account, userName),
                userName,
                accessKeyId,
                allow,
                null);
    }

    /// The bearer of a token. AWS has no such thing in IAM, so that the ARN is of Cairn's own form.
    public static Caller bearer(Token token) {
        return new Caller(
                Type.TOKEN,
                token.account(),
                token.id(),
                "arn:aws:cairn::%s:token/%s".formatted(token.account(), token.id()),
                null,
                null,
                null,
                token.purpose());
    }
}

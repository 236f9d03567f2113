package dev.cairn.access;

import org.jspecify.annotations.Nullable;

/// What an action is done to. (IAM says resource; here a resource is what an event touched.)
///
/// @param account whose it is
/// @param arn the one thing meant, such as a trail's ARN; null when the action is on the account
///   itself
public record Target(String account, @Nullable String arn) {

    /// The account itself.
    public static Target account(String account) {
        return new Target(account, null);
    }
}

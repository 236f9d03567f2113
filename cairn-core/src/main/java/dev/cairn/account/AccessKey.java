package dev.cairn.account;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An access key as a list shows it: without its secret.
///
/// @param id `AKIA` and sixteen letters, or what `auth.root-access-key` says
/// @param account whose it is
/// @param user the user within the account; null for the account's root
/// @param allow what it lets its user do; ALL for root
public record AccessKey(
        String id, String account, @Nullable String user, Allow allow, Instant created) {}

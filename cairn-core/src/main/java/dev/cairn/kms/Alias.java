package dev.cairn.kms;

import java.time.Instant;

/// Another name of a key.
///
/// @param target the key, of the same account and region
/// @param updated when it last got that target
public record Alias(AliasArn arn, KeyArn target, Instant created, Instant updated) {}

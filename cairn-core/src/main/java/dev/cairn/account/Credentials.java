package dev.cairn.account;

import dev.cairn.secret.Secret;

/// What a client signs with.
public record Credentials(String accessKeyId, Secret secretAccessKey) {}

package dev.cairn.account;

import dev.cairn.secret.Secret;

/// Who signs with an access key, and the secret to check the signature with.
public record Signer(Caller caller, Secret secretAccessKey) {}

package dev.cairn.server.courier;

import dev.cairn.secret.Secret;
import java.net.URI;

/// A Lambda, and who calls it.
///
/// @param endpoint scheme, host and port
public record LambdaServer(URI endpoint, String accessKey, Secret secretKey) {}

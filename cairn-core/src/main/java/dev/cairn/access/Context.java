package dev.cairn.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The circumstances of a request, those that IAM's conditions ask for.
///
/// @param time `aws:CurrentTime`
/// @param region `aws:RequestedRegion`
/// @param sourceIpAddress `aws:SourceIp`; null when the request did not come over the network
/// @param secureTransport `aws:SecureTransport`
public record Context(
        Instant time, String region, @Nullable String sourceIpAddress, boolean secureTransport) {}

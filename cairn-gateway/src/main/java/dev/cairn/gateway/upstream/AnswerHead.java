package dev.cairn.gateway.upstream;

import dev.cairn.aws.http.Headers;

/// The head of an answer, as the upstream sent it.
///
/// @param status 200 to 599
/// @param headers every field, those of framing included
public record AnswerHead(int status, Headers headers) {}

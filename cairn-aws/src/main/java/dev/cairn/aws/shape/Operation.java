package dev.cairn.aws.shape;

import java.util.List;
import java.util.Optional;

/// One thing a service can be asked to do.
///
/// @param name as in the API
/// @param method the HTTP method
/// @param requestUri path template, with `{label}` and `{label+}`, and perhaps a constant query
/// @param responseCode the HTTP status of success
/// @param input empty where it takes nothing
/// @param output empty where it gives nothing back
/// @param resultWrapper the element around a query protocol's result
/// @param errors names of the error shapes it declares
/// @param idempotent whether asking twice is asking once
public record Operation(
        String name,
        String method,
        String requestUri,
        int responseCode,
        Optional<Shape.Structure> input,
        Optional<Shape.Structure> output,
        Optional<String> resultWrapper,
        List<String> errors,
        boolean idempotent) {}

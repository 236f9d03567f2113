package dev.cairn.aws.http;

import java.util.Optional;
import java.util.regex.Pattern;

/// The head of a request, exactly as received.
///
/// @param method as sent; methods are case-sensitive
/// @param rawPath the undecoded path, from its first `/`
/// @param rawQuery the undecoded query without its `?`, empty when there is none
/// @param headers every field, including `Host` (an HTTP/2 front door maps `:authority` to it)
public record Request(String method, String rawPath, String rawQuery, Headers headers) {
    /// Longer ones are lengths of nothing.
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    /// This request with other headers.
    public Request with(Headers others) {
        return new Request(method, rawPath, rawQuery, others);
    }

    /// Why this head cannot stand in lines, as HTTP/1.1 has it (RFC 9112, 3 and 5), without being
    /// read as another one: HTTP/2 can say what no line can hold. Empty when it can.
    public Optional<String> flaw() {
        if (!Headers.isToken(method)) {
            return Optional.of("expected a method that is a token, got '%s'".formatted(method));
        }
        if (!(rawPath.startsWith("/") || rawPath.equals("*"))) {
            return Optional.of("expected a path that begins with /, got '%s'".formatted(rawPath));
        }
        if (!isVisible(rawPath) || !isVisible(rawQuery)) {
            return Optional.of("expected no blank or control character in path and query");
        }
        var fields = headers.flaw();
        if (fields.isPresent()) {
            return fields;
        }
        var lengths = headers.all("content-length");
        if (lengths.size() > 1) {
            return Optional.of("expected one content-length, got " + lengths.size());
        }
        if (!lengths.stream().allMatch(length -> LENGTH.matcher(length).matches())) {
            return Optional.of(
                    "expected a number as content-length, got '%s'".formatted(lengths.getFirst()));
        }
        return headers.all("host").size() > 1
                ? Optional.of("expected one host, got " + headers.all("host").size())
                : Optional.empty();
    }

    /// A path that was never encoded may have any letter.
    private static boolean isVisible(String text) {
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c <= ' ' || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /// Without the query: a presigned one is a bearer credential.
    @Override
    public String toString() {
        return method + " " + rawPath;
    }
}

package dev.cairn.aws.http;

/// The head of a request, exactly as received.
///
/// @param method as sent; methods are case-sensitive
/// @param rawPath the undecoded path, from its first `/`
/// @param rawQuery the undecoded query without its `?`, empty when there is none
/// @param headers every field, including `Host` (an HTTP/2 front door maps `:authority` to it)
public record Request(String method, String rawPath, String rawQuery, Headers headers) {

    /// This request with other headers.
    public Request with(Headers others) {
        return new Request(method, rawPath, rawQuery, others);
    }

    /// Without the query: a presigned one is a bearer credential.
    @Override
    public String toString() {
        return method + " " + rawPath;
    }
}

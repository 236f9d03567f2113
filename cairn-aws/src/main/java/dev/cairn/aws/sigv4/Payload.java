package dev.cairn.aws.sigv4;

/// What a signature says about the body.
public sealed interface Payload {

    /// Nothing declared: the body's SHA-256 is part of the signature, so the body must be read
    /// before it can be checked.
    record Whole() implements Payload {}

    /// `x-amz-content-sha256` gives the body's hash; the body itself still has to be compared with
    /// it.
    ///
    /// @param sha256 64 lower-case hex digits
    record Declared(String sha256) implements Payload {}

    /// `UNSIGNED-PAYLOAD`: the body is not covered.
    record Unsigned() implements Payload {}

    /// `aws-chunked`: the body is framed in chunks, read it through [AwsChunkedInputStream].
    ///
    /// @param signed whether each chunk carries a signature
    /// @param trailer whether header fields follow the last chunk
    record Chunked(boolean signed, boolean trailer) implements Payload {}

    /// How the payload is spelt in the canonical request; a [Whole] one is its hash.
    default String canonical(String bodySha256) {
        return switch (this) {
            case Whole() -> bodySha256;
            case Declared(String sha256) -> sha256;
            case Unsigned() -> "UNSIGNED-PAYLOAD";
            case Chunked(boolean signed, boolean trailer) ->
                    (signed ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" : "STREAMING-UNSIGNED-PAYLOAD")
                            + (trailer ? "-TRAILER" : "");
        };
    }
}

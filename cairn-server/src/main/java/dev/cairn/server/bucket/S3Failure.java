package dev.cairn.server.bucket;

/// The S3 front's answer to a caller who erred, was refused or must come back.
public final class S3Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final S3Code code;

    public S3Failure(S3Code code) {
        this(code, code.message());
    }

    public S3Failure(S3Code code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    public S3Code code() {
        return code;
    }

    /// The sentence for the caller.
    public String message() {
        return String.valueOf(getMessage());
    }
}

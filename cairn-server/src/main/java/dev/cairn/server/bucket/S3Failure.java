package dev.cairn.server.bucket;

import dev.cairn.archive.ArchiveException;
import java.util.Map;

/// The S3 front's answer to a caller who erred, was refused or must come back.
public final class S3Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final S3Code code;
    private final transient Map<String, String> headers;

    public S3Failure(S3Code code) {
        this(code, code.message());
    }

    public S3Failure(S3Code code, String message) {
        this(code, message, Map.of());
    }

    /// @param headers what is told besides
    public S3Failure(S3Code code, String message, Map<String, String> headers) {
        super(message, null, false, false);
        this.code = code;
        this.headers = headers;
    }

    /// What a failure of the archive is to a caller, who is told nothing of the archive.
    public static S3Failure of(ArchiveException failure) {
        return new S3Failure(
                switch (failure.kind()) {
                    case NO_SUCH_BUCKET -> S3Code.NO_SUCH_BUCKET;
                    case DENIED -> S3Code.ACCESS_DENIED;
                    case TIMEOUT, UNAVAILABLE -> S3Code.SERVICE_UNAVAILABLE;
                    case CORRUPT -> S3Code.INTERNAL_ERROR;
                });
    }

    public S3Code code() {
        return code;
    }

    /// What the answer tells besides, by header.
    public Map<String, String> headers() {
        return headers;
    }

    /// The sentence for the caller.
    public String message() {
        return String.valueOf(getMessage());
    }
}

package dev.cairn.aws.protocol;

import dev.cairn.aws.sigv4.Refusal.Dialect;

/// What can go wrong with a request of any service, under the names AWS's services use. Source: AWS
/// "Common error types".
public enum CommonError {
    /// There is no such operation.
    UNKNOWN_OPERATION("UnknownOperationException", "InvalidAction"),
    /// The bytes cannot be read as what they should be.
    SERIALIZATION("SerializationException", "MalformedInput"),
    /// A value is missing or not allowed.
    VALIDATION("ValidationException", "ValidationError"),
    /// The caller is known but may not do this.
    ACCESS_DENIED("AccessDeniedException", "AccessDenied"),
    /// Too many requests.
    THROTTLING("ThrottlingException", "Throttling"),
    /// Not now: full, starting or stopping.
    UNAVAILABLE("ServiceUnavailableException", "ServiceUnavailable"),
    /// Our own fault.
    INTERNAL("InternalFailure", "InternalFailure");

    private final String jsonCode;
    private final String queryCode;

    CommonError(String jsonCode, String queryCode) {
        this.jsonCode = jsonCode;
        this.queryCode = queryCode;
    }

    /// Its name in that protocol.
    public String code(Protocol protocol) {
        return switch (protocol) {
            case QUERY, EC2, REST_XML -> queryCode;
            case JSON_1_0, JSON_1_1, REST_JSON, RPC_V2_CBOR -> jsonCode;
        };
    }

    /// Its HTTP status in that protocol.
    public int status(Protocol protocol) {
        return switch (this) {
            case UNKNOWN_OPERATION -> protocol == Protocol.REST_JSON ? 404 : 400;
            case SERIALIZATION, VALIDATION -> 400;
            case ACCESS_DENIED -> protocol.dialect() == Dialect.JSON ? 400 : 403;
            case THROTTLING -> protocol == Protocol.REST_JSON ? 429 : 400;
            case UNAVAILABLE -> 503;
            case INTERNAL -> 500;
        };
    }
}

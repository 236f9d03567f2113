package dev.cairn.aws.sigv4;

/// Why a signature is not accepted, with AWS's name and status for it in each family of protocols.
///
/// The names and statuses are those AWS's services answer with; JSON services use status 400 for
/// all of them, REST services 403. Source: AWS "Common error types" and Amazon S3 "Error
/// responses".
public enum Refusal {
    /// No signature where one is needed.
    MISSING(
            "MissingAuthenticationTokenException",
            "MissingAuthenticationToken",
            403,
            "AccessDenied",
            403),
    /// A signature that lacks a part or cannot be read.
    INCOMPLETE(
            "IncompleteSignatureException",
            "IncompleteSignature",
            400,
            "AuthorizationHeaderMalformed",
            400),
    /// The query form of [#INCOMPLETE], which S3 names apart.
    INCOMPLETE_QUERY(
            "IncompleteSignatureException",
            "IncompleteSignature",
            400,
            "AuthorizationQueryParametersError",
            400),
    /// The access key id belongs to nobody, or no longer.
    UNKNOWN_KEY(
            "UnrecognizedClientException", "InvalidClientTokenId", 403, "InvalidAccessKeyId", 403),
    /// The session token does not belong to the key.
    WRONG_TOKEN("UnrecognizedClientException", "InvalidClientTokenId", 403, "InvalidToken", 400),
    /// The session has ended.
    EXPIRED_TOKEN("ExpiredTokenException", "ExpiredToken", 403, "ExpiredToken", 400),
    /// Well-formed, but made with another secret, or for another request.
    MISMATCH(
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            403,
            "SignatureDoesNotMatch",
            403),
    /// The scope names another day, region or service, or ends in another word.
    WRONG_SCOPE(
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            403,
            "AuthorizationHeaderMalformed",
            400),
    /// A header that has to be signed is not.
    UNSIGNED_HEADER("InvalidSignatureException", "SignatureDoesNotMatch", 403, "AccessDenied", 403),
    /// Signed more than fifteen minutes ago, or for more than fifteen minutes from now.
    SKEWED("InvalidSignatureException", "SignatureDoesNotMatch", 403, "RequestTimeTooSkewed", 403),
    /// A presigned request used after its time.
    EXPIRED("InvalidSignatureException", "RequestExpired", 400, "AccessDenied", 403),
    /// The body is not the one that was signed.
    PAYLOAD(
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            403,
            "XAmzContentSHA256Mismatch",
            400),
    /// The chunked body ends early or breaks its own framing.
    INCOMPLETE_BODY("SerializationException", "MalformedInput", 400, "IncompleteBody", 400);

    /// The families that name the same thing differently.
    public enum Dialect {
        /// json 1.0, json 1.1 and rpc-v2-cbor.
        JSON,
        /// rest-json.
        REST_JSON,
        /// query and ec2.
        QUERY,
        /// S3's rest-xml.
        S3
    }

    private final String jsonCode;
    private final String queryCode;
    private final int queryStatus;
    private final String s3Code;
    private final int s3Status;

    Refusal(String jsonCode, String queryCode, int queryStatus, String s3Code, int s3Status) {
        this.jsonCode = jsonCode;
        this.queryCode = queryCode;
        this.queryStatus = queryStatus;
        this.s3Code = s3Code;
        this.s3Status = s3Status;
    }

    /// The error's name on the wire.
    public String code(Dialect dialect) {
        return switch (dialect) {
            case JSON, REST_JSON -> jsonCode;
            case QUERY -> queryCode;
            case S3 -> s3Code;
        };
    }

    /// The HTTP status that goes with it.
    public int status(Dialect dialect) {
        return switch (dialect) {
            case JSON -> 400;
            case REST_JSON -> this == INCOMPLETE_BODY ? 400 : 403;
            case QUERY -> queryStatus;
            case S3 -> s3Status;
        };
    }

    /// What AWS says when there is nothing particular to say.
    public String message(Dialect dialect) {
        boolean s3 = dialect == Dialect.S3;
        return switch (this) {
            case MISSING -> s3 ? "Access Denied" : "Missing Authentication Token";
            case INCOMPLETE, INCOMPLETE_QUERY ->
                    "The request signature does not conform to AWS standards.";
            case UNKNOWN_KEY ->
                    s3
                            ? "The AWS Access Key Id you provided does not exist in our records."
                            : "The security token included in the request is invalid.";
            case WRONG_TOKEN ->
                    s3
                            ? "The provided token is malformed or otherwise invalid."
                            : "The security token included in the request is invalid.";
            case EXPIRED_TOKEN ->
                    s3
                            ? "The provided token has expired."
                            : "The security token included in the request is expired";
            case MISMATCH ->
                    "The request signature we calculated does not match the signature you provided. "
                            + (s3
                                    ? "Check your key and signing method."
                                    : "Check your AWS Secret Access Key and signing method. Consult the service documentation"
                                            + " for details.");
            case WRONG_SCOPE -> "Credential should be scoped to a valid region.";
            case UNSIGNED_HEADER ->
                    "There were headers present in the request which were not signed";
            case SKEWED ->
                    s3
                            ? "The difference between the request time and the current time is too large."
                            : "Signature expired";
            case EXPIRED -> "Request has expired" + (s3 ? "" : ".");
            case PAYLOAD ->
                    s3
                            ? "The provided 'x-amz-content-sha256' header does not match what was computed."
                            : MISMATCH.message(dialect);
            case INCOMPLETE_BODY ->
                    "You did not provide the number of bytes specified by the Content-Length HTTP header";
        };
    }
}

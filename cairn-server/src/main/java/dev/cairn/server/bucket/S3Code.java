package dev.cairn.server.bucket;

/// Every error of the S3 front. S3 has names and statuses of its own, apart from all other services
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
public enum S3Code {
    ACCESS_DENIED("AccessDenied", 403, "Access Denied"),
    ACLS_NOT_SUPPORTED("AccessControlListNotSupported", 400, "The bucket does not allow ACLs"),
    BAD_DIGEST(
            "BadDigest",
            400,
            "The Content-MD5 or checksum you specified did not match what we received."),
    BUCKET_EXISTS(
            "BucketAlreadyExists",
            409,
            "The requested bucket name is not available. The bucket namespace is shared by all accounts."),
    BUCKET_OWNED(
            "BucketAlreadyOwnedByYou",
            409,
            "Your previous request to create the named bucket succeeded and you already own it."),
    BUCKET_NOT_EMPTY("BucketNotEmpty", 409, "The bucket you tried to delete is not empty"),
    ENTITY_TOO_LARGE(
            "EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed object size."),
    ENTITY_TOO_SMALL(
            "EntityTooSmall",
            400,
            "Your proposed upload is smaller than the minimum allowed object size."),
    INCOMPLETE_BODY(
            "IncompleteBody",
            400,
            "You did not provide the number of bytes specified by the Content-Length HTTP header"),
    ILLEGAL_VERSIONING(
            "IllegalVersioningConfigurationException",
            400,
            "The Versioning element must be specified"),
    INTERNAL_ERROR("InternalError", 500, "We encountered an internal error. Please try again."),
    INVALID_ARGUMENT("InvalidArgument", 400, "Invalid Argument"),
    INVALID_BUCKET_STATE(
            "InvalidBucketState",
            409,
            "The request is not valid with the current state of the bucket."),
    INVALID_BUCKET_NAME("InvalidBucketName", 400, "The specified bucket is not valid."),
    INVALID_DIGEST("InvalidDigest", 400, "The Content-MD5 you specified was invalid."),
    INVALID_OBJECT_STATE(
            "InvalidObjectState", 403, "The operation is not valid for the object's storage class"),
    INVALID_PART(
            "InvalidPart",
            400,
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."),
    INVALID_PART_ORDER(
            "InvalidPartOrder",
            400,
            "The list of parts was not in ascending order. Parts must be ordered by part number."),
    INVALID_RANGE("InvalidRange", 416, "The requested range is not satisfiable"),
    INVALID_REQUEST("InvalidRequest", 400, "Invalid Request"),
    INVALID_TAG("InvalidTag", 400, "The tag provided was not a valid tag."),
    KEY_TOO_LONG("KeyTooLongError", 400, "Your key is too long"),
    MALFORMED_POLICY("MalformedPolicy", 400, "The policy is not a valid policy."),
    MALFORMED_XML(
            "MalformedXML",
            400,
            "The XML you provided was not well-formed or did not validate against our published schema"),
    KMS_DISABLED("KMS.DisabledException", 400, "The KMS key is disabled."),
    KMS_INVALID_STATE("KMS.KMSInvalidStateException", 400, "The KMS key is pending deletion."),
    KMS_INVALID_CIPHERTEXT(
            "KMS.InvalidCiphertextException", 400, "The KMS key did not make this object's key."),
    KMS_NOT_FOUND("KMS.NotFoundException", 400, "The KMS key does not exist."),
    METHOD_NOT_ALLOWED(
            "MethodNotAllowed", 405, "The specified method is not allowed against this resource."),
    MISSING_LENGTH("MissingContentLength", 411, "You must provide the Content-Length HTTP header."),
    NO_SUCH_BUCKET("NoSuchBucket", 404, "The specified bucket does not exist"),
    NO_PUBLIC_ACCESS_BLOCK(
            "NoSuchPublicAccessBlockConfiguration",
            404,
            "The public access block configuration was not found"),
    NO_SUCH_BUCKET_POLICY("NoSuchBucketPolicy", 404, "The bucket policy does not exist"),
    NO_LOCK_CONFIGURATION(
            "ObjectLockConfigurationNotFoundError",
            404,
            "Object Lock configuration does not exist for this bucket"),
    NO_SUCH_KEY("NoSuchKey", 404, "The specified key does not exist."),
    NO_SUCH_LIFECYCLE(
            "NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist"),
    NO_SUCH_LOCK(
            "NoSuchObjectLockConfiguration",
            404,
            "The specified object does not have a ObjectLock configuration"),
    NO_SUCH_TAG_SET("NoSuchTagSet", 404, "The TagSet does not exist"),
    NO_SUCH_UPLOAD(
            "NoSuchUpload",
            404,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."),
    NO_SUCH_VERSION("NoSuchVersion", 404, "The specified version does not exist."),
    NOT_IN_ACTIVE_TIER(
            "ObjectNotInActiveTierError",
            403,
            "The source object of the COPY action is not in the active tier: restore it first"),
    NOT_IMPLEMENTED(
            "NotImplemented",
            501,
            "Cairn's built-in archive does not do this; docs/gaps.md says what is missing."),
    NOT_MODIFIED("NotModified", 304, "Not Modified"),
    PAYLOAD_MISMATCH(
            "XAmzContentSHA256Mismatch",
            400,
            "The provided 'x-amz-content-sha256' header does not match what was computed."),
    PRECONDITION_FAILED(
            "PreconditionFailed",
            412,
            "At least one of the pre-conditions you specified did not hold"),
    REQUEST_TIMEOUT(
            "RequestTimeout",
            400,
            "Your socket connection to the server was not read from or written to within the timeout period."),
    RESTORE_IN_PROGRESS("RestoreAlreadyInProgress", 409, "Object restore is already in progress"),
    SIGNATURE_MISMATCH(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided."),
    SERVICE_UNAVAILABLE("ServiceUnavailable", 503, "Please reduce your request rate.");

    private final String awsName;
    private final int status;
    private final String message;

    S3Code(String awsName, int status, String message) {
        this.awsName = awsName;
        this.status = status;
        this.message = message;
    }

    /// The name on the wire.
    public String awsName() {
        return awsName;
    }

    public int status() {
        return status;
    }

    public String message() {
        return message;
    }
}

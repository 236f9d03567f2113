package dev.cairn.failure;

/// Every error that Cairn answers with: AWS's name where AWS has one, else a name in its style.
///
/// The HTTP status is the one AWS's API Reference documents: 400 for the shapes of CloudTrail's own
/// model (older SDK models say 403, 404, 409 or 429 for some; SDKs go by the name). A protocol that
/// is ours alone may derive its status from [#category] instead.
public enum ErrorCode {
    // The request cannot be understood.
    MALFORMED_HTTP_REQUEST(
            "MalformedHttpRequestException",
            400,
            Category.CALLER,
            "The HTTP request could not be read."),
    REQUEST_ENTITY_TOO_LARGE(
            "RequestEntityTooLargeException", 413, Category.CALLER, "The request is too large."),
    REQUEST_TIMEOUT(
            "RequestTimeoutException",
            408,
            Category.CALLER,
            "The request did not arrive within the time allowed."),
    INVALID_REQUEST(
            "InvalidRequestException", 400, Category.CALLER, "The request is not as it has to be."),
    SERIALIZATION(
            "SerializationException", 400, Category.CALLER, "The request body could not be read."),
    UNKNOWN_OPERATION(
            "UnknownOperationException", 404, Category.CALLER, "The operation is not known."),
    UNSUPPORTED_OPERATION(
            "UnsupportedOperationException",
            400,
            Category.CALLER,
            "The requested operation is not supported."),

    // The request is understood, and wrong.
    VALIDATION(
            "ValidationException",
            400,
            Category.CALLER,
            "The request does not meet the constraints of the operation."),
    INVALID_PARAMETER(
            "InvalidParameterException", 400, Category.CALLER, "A parameter is not valid."),
    INVALID_PARAMETER_COMBINATION(
            "InvalidParameterCombinationException",
            400,
            Category.CALLER,
            "The combination of parameters is not valid."),
    INVALID_LOOKUP_ATTRIBUTES(
            "InvalidLookupAttributesException",
            400,
            Category.CALLER,
            "A lookup attribute is not valid."),
    INVALID_TIME_RANGE(
            "InvalidTimeRangeException",
            400,
            Category.CALLER,
            "The start time is after the end time."),
    INVALID_MAX_RESULTS(
            "InvalidMaxResultsException",
            400,
            Category.CALLER,
            "The maximum number of results is not valid."),
    INVALID_NEXT_TOKEN(
            "InvalidNextTokenException",
            400,
            Category.CALLER,
            "The token is not valid, or was not made by a request with these parameters."),
    INVALID_EVENT_CATEGORY(
            "InvalidEventCategoryException",
            400,
            Category.CALLER,
            "The event category is not valid."),

    // What is named is not there, or is in the way.
    RESOURCE_NOT_FOUND(
            "ResourceNotFoundException", 400, Category.CALLER, "The resource was not found."),
    CONFLICT(
            "ConflictException",
            400,
            Category.CALLER,
            "The resource is being changed by another request. Try again."),
    /// Cairn's own.
    ACCOUNT_ALREADY_EXISTS(
            "AccountAlreadyExistsException", 400, Category.CALLER, "The account exists already."),
    ACCOUNT_NOT_FOUND(
            "AccountNotFoundException", 400, Category.CALLER, "The account was not found."),
    /// Cairn's own.
    ACCESS_KEY_ALREADY_EXISTS(
            "AccessKeyAlreadyExistsException",
            400,
            Category.CALLER,
            "The access key exists already."),
    /// Cairn's own.
    ACCESS_KEY_NOT_FOUND(
            "AccessKeyNotFoundException", 400, Category.CALLER, "The access key was not found."),
    /// Cairn's own.
    TOKEN_NOT_FOUND("TokenNotFoundException", 400, Category.CALLER, "The token was not found."),
    /// Cairn's own.
    EVENT_ID_CONFLICT(
            "EventIdConflictException",
            400,
            Category.CALLER,
            "Another event with this eventID and different content is recorded."),

    // Who asks may not.
    ACCESS_DENIED(
            "AccessDeniedException",
            400,
            Category.REFUSED,
            "You are not authorized to perform this operation."),
    /// For query and rest-xml; the JSON protocols say [#UNRECOGNIZED_CLIENT].
    INVALID_CLIENT_TOKEN_ID(
            "InvalidClientTokenId",
            403,
            Category.REFUSED,
            "The security token included in the request is invalid."),
    UNRECOGNIZED_CLIENT(
            "UnrecognizedClientException",
            400,
            Category.REFUSED,
            "The security token included in the request is invalid."),

    // Not now.
    THROTTLING("ThrottlingException", 400, Category.BUSY, "Rate exceeded"),
    SERVICE_UNAVAILABLE(
            "ServiceUnavailable",
            503,
            Category.BUSY,
            "The request cannot be taken at the moment. Try again later."),

    // Our fault.
    INTERNAL_FAILURE("InternalFailure", 500, Category.BUG, "The request failed inside Cairn.");

    /// Whose turn it is.
    public enum Category {
        /// The request is wrong: the same request fails again.
        CALLER,
        /// The request is right, the caller has no right to it.
        REFUSED,
        /// Nothing was changed; the same request may work later.
        BUSY,
        /// Cairn is wrong.
        BUG
    }

    private final String awsName;
    private final int status;
    private final Category category;
    private final String defaultMessage;

    ErrorCode(String awsName, int status, Category category, String defaultMessage) {
        this.awsName = awsName;
        this.status = status;
        this.category = category;
        this.defaultMessage = defaultMessage;
    }

    /// The name on the wire (`__type`, `Code`), such as `InvalidNextTokenException`.
    public String awsName() {
        return awsName;
    }

    /// The HTTP status, 400 to 599.
    public int status() {
        return status;
    }

    public Category category() {
        return category;
    }

    /// A sentence for when there is nothing more exact to say.
    public String defaultMessage() {
        return defaultMessage;
    }
}

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
    INVALID_EVENT_SELECTORS(
            "InvalidEventSelectorsException",
            400,
            Category.CALLER,
            "The event selectors are not valid."),
    INVALID_EVENT_PATTERN(
            "InvalidEventPatternException",
            400,
            Category.CALLER,
            "The event pattern is not valid."),
    INVALID_TRAIL_NAME(
            "InvalidTrailNameException", 400, Category.CALLER, "The trail name is not valid."),
    CLOUDTRAIL_ARN_INVALID(
            "CloudTrailARNInvalidException",
            400,
            Category.CALLER,
            "The ARN is not that of a trail."),
    INVALID_HOME_REGION(
            "InvalidHomeRegionException",
            400,
            Category.CALLER,
            "A trail can only be changed in its home region."),
    INVALID_S3_BUCKET_NAME(
            "InvalidS3BucketNameException", 400, Category.CALLER, "The bucket name is not valid."),
    INVALID_S3_PREFIX("InvalidS3PrefixException", 400, Category.CALLER, "The prefix is not valid."),
    INSUFFICIENT_S3_BUCKET_POLICY(
            "InsufficientS3BucketPolicyException",
            400,
            Category.CALLER,
            "The bucket's policy does not let CloudTrail deliver to it."),
    INVALID_SNS_TOPIC_NAME(
            "InvalidSnsTopicNameException", 400, Category.CALLER, "The topic name is not valid."),
    INVALID_CLOUD_WATCH_LOGS_LOG_GROUP_ARN(
            "InvalidCloudWatchLogsLogGroupArnException",
            400,
            Category.CALLER,
            "The log group's ARN is not valid."),
    INVALID_CLOUD_WATCH_LOGS_ROLE_ARN(
            "InvalidCloudWatchLogsRoleArnException",
            400,
            Category.CALLER,
            "The role's ARN is not valid."),
    INSUFFICIENT_SNS_TOPIC_POLICY(
            "InsufficientSnsTopicPolicyException",
            400,
            Category.CALLER,
            "SNS Topic does not exist or the topic policy is incorrect!"),
    INVALID_KMS_KEY_ID(
            "InvalidKmsKeyIdException", 400, Category.CALLER, "The KMS key's name is not valid."),
    KMS_KEY_NOT_FOUND(
            "KmsKeyNotFoundException",
            400,
            Category.CALLER,
            "The KMS key does not exist, or is not in the bucket's region."),
    KMS("KmsException", 400, Category.CALLER, "The KMS key cannot be used."),
    INSUFFICIENT_ENCRYPTION_POLICY(
            "InsufficientEncryptionPolicyException",
            400,
            Category.CALLER,
            "The key's policy does not let CloudTrail encrypt."),
    INVALID_TAG_PARAMETER(
            "InvalidTagParameterException", 400, Category.CALLER, "A tag is not valid."),
    /// CloudWatch Logs' own.
    TOO_MANY_TAGS("TooManyTagsException", 400, Category.CALLER, "A resource has at most 50 tags."),
    TAGS_LIMIT_EXCEEDED(
            "TagsLimitExceededException", 400, Category.CALLER, "A resource has at most 50 tags."),

    // What is named is not there, or is in the way.
    RESOURCE_NOT_FOUND(
            "ResourceNotFoundException", 400, Category.CALLER, "The resource was not found."),
    RESOURCE_ALREADY_EXISTS(
            "ResourceAlreadyExistsException", 400, Category.CALLER, "The resource exists already."),
    SERVICE_QUOTA_EXCEEDED(
            "ServiceQuotaExceededException", 400, Category.CALLER, "A quota would be exceeded."),
    CONFLICT(
            "ConflictException",
            400,
            Category.CALLER,
            "The resource is being changed by another request. Try again."),
    TRAIL_NOT_FOUND("TrailNotFoundException", 400, Category.CALLER, "The trail was not found."),
    TRAIL_ALREADY_EXISTS(
            "TrailAlreadyExistsException", 400, Category.CALLER, "The trail exists already."),
    MAXIMUM_NUMBER_OF_TRAILS_EXCEEDED(
            "MaximumNumberOfTrailsExceededException",
            400,
            Category.CALLER,
            "The region has as many trails as it may have."),
    EVENT_DATA_STORE_ARN_INVALID(
            "EventDataStoreARNInvalidException",
            400,
            Category.CALLER,
            "The ARN is not that of an event data store."),
    EVENT_DATA_STORE_NOT_FOUND(
            "EventDataStoreNotFoundException",
            400,
            Category.CALLER,
            "The event data store was not found."),
    EVENT_DATA_STORE_ALREADY_EXISTS(
            "EventDataStoreAlreadyExistsException",
            400,
            Category.CALLER,
            "An event data store of that name exists already."),
    EVENT_DATA_STORE_MAX_LIMIT_EXCEEDED(
            "EventDataStoreMaxLimitExceededException",
            400,
            Category.CALLER,
            "The region has as many event data stores as it may have."),
    EVENT_DATA_STORE_TERMINATION_PROTECTED(
            "EventDataStoreTerminationProtectedException",
            400,
            Category.CALLER,
            "The event data store is protected from being deleted."),
    EVENT_DATA_STORE_FEDERATION_ENABLED(
            "EventDataStoreFederationEnabledException",
            400,
            Category.CALLER,
            "Federation is enabled for the event data store."),
    INACTIVE_EVENT_DATA_STORE(
            "InactiveEventDataStoreException",
            400,
            Category.CALLER,
            "The event data store is not active."),
    INVALID_EVENT_DATA_STORE_STATUS(
            "InvalidEventDataStoreStatusException",
            400,
            Category.CALLER,
            "The event data store is not in a status that supports the operation."),
    INVALID_EVENT_DATA_STORE_CATEGORY(
            "InvalidEventDataStoreCategoryException",
            400,
            Category.CALLER,
            "The event data store does not take events of the category that the operation needs."),
    CHANNEL_EXISTS_FOR_EDS(
            "ChannelExistsForEDSException",
            400,
            Category.CALLER,
            "The event data store is a destination of a channel."),
    CHANNEL_ARN_INVALID(
            "ChannelARNInvalidException",
            400,
            Category.CALLER,
            "The ARN is not that of a channel."),
    CHANNEL_NOT_FOUND(
            "ChannelNotFoundException", 400, Category.CALLER, "The channel was not found."),
    CHANNEL_ALREADY_EXISTS(
            "ChannelAlreadyExistsException", 400, Category.CALLER, "The channel exists already."),
    INVALID_SOURCE(
            "InvalidSourceException", 400, Category.CALLER, "The source of events is not valid."),
    RESOURCE_ARN_NOT_VALID(
            "ResourceARNNotValidException",
            400,
            Category.CALLER,
            "The ARN is not that of a resource that can have a policy."),
    RESOURCE_POLICY_NOT_VALID(
            "ResourcePolicyNotValidException",
            400,
            Category.CALLER,
            "The resource policy is not valid."),
    RESOURCE_POLICY_NOT_FOUND(
            "ResourcePolicyNotFoundException", 400, Category.CALLER, "The resource has no policy."),
    EVENT_DATA_STORE_HAS_ONGOING_IMPORT(
            "EventDataStoreHasOngoingImportException",
            400,
            Category.CALLER,
            "Log files are being imported into the event data store."),
    ACCOUNT_HAS_ONGOING_IMPORT(
            "AccountHasOngoingImportException",
            400,
            Category.CALLER,
            "The account has an import that goes on."),
    INVALID_IMPORT_SOURCE(
            "InvalidImportSourceException",
            400,
            Category.CALLER,
            "The source of the import is not valid."),
    IMPORT_NOT_FOUND("ImportNotFoundException", 400, Category.CALLER, "The import was not found."),

    // Of what is put into channels: these names have no "Exception" behind them.
    /// The data service's word for [#ACCESS_DENIED].
    CHANNEL_INSUFFICIENT_PERMISSION(
            "ChannelInsufficientPermission",
            400,
            Category.REFUSED,
            "The caller has no right to put events into the channel."),
    /// The data service's word for [#CHANNEL_NOT_FOUND].
    DATA_CHANNEL_NOT_FOUND(
            "ChannelNotFound", 400, Category.CALLER, "The channel could not be found."),
    /// The data service's word for [#CHANNEL_ARN_INVALID].
    INVALID_CHANNEL_ARN(
            "InvalidChannelARN",
            400,
            Category.CALLER,
            "The specified channel ARN is not a valid channel ARN."),
    DUPLICATED_AUDIT_EVENT_ID(
            "DuplicatedAuditEventId",
            400,
            Category.CALLER,
            "Two or more entries in the request have the same event ID."),
    INVALID_QUERY_STATEMENT(
            "InvalidQueryStatementException",
            400,
            Category.CALLER,
            "The query statement is not valid."),
    INVALID_DATE_RANGE(
            "InvalidDateRangeException",
            400,
            Category.CALLER,
            "The start of the range is after its end."),
    MAX_CONCURRENT_QUERIES(
            "MaxConcurrentQueriesException",
            400,
            Category.CALLER,
            "As many queries are queued or running as may be."),
    QUERY_ID_NOT_FOUND(
            "QueryIdNotFoundException", 400, Category.CALLER, "The query was not found."),
    GENERATE_RESPONSE(
            "GenerateResponseException",
            400,
            Category.CALLER,
            "A statement could not be made of the prompt."),
    INACTIVE_QUERY("InactiveQueryException", 400, Category.CALLER, "The query has ended."),
    S3_BUCKET_DOES_NOT_EXIST(
            "S3BucketDoesNotExistException", 400, Category.CALLER, "The bucket does not exist."),
    RESOURCE_TYPE_NOT_SUPPORTED(
            "ResourceTypeNotSupportedException",
            400,
            Category.CALLER,
            "The resource is of a type that this operation does not support."),
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

    // Of queues. A JSON client gets these names, a query client the short codes that the model
    // gives.
    QUEUE_DOES_NOT_EXIST(
            "QueueDoesNotExist", 400, Category.CALLER, "The specified queue does not exist."),
    QUEUE_NAME_EXISTS(
            "QueueNameExists", 400, Category.CALLER, "A queue with this name already exists."),
    OVER_LIMIT("OverLimit", 403, Category.CALLER, "The action violates a limit."),
    INVALID_ATTRIBUTE_NAME(
            "InvalidAttributeName", 400, Category.CALLER, "The attribute does not exist."),
    INVALID_ATTRIBUTE_VALUE(
            "InvalidAttributeValue", 400, Category.CALLER, "An attribute's value is not valid."),
    INVALID_PARAMETER_VALUE(
            "InvalidParameterValueException", 400, Category.CALLER, "A parameter is not valid."),
    MISSING_REQUIRED_PARAMETER(
            "MissingRequiredParameterException",
            400,
            Category.CALLER,
            "The request must contain a parameter that it lacks."),
    INVALID_MESSAGE_CONTENTS(
            "InvalidMessageContents",
            400,
            Category.CALLER,
            "The message contains characters outside the allowed set."),
    RECEIPT_HANDLE_IS_INVALID(
            "ReceiptHandleIsInvalid", 400, Category.CALLER, "The receipt handle is not valid."),
    MESSAGE_NOT_INFLIGHT(
            "MessageNotInflight", 400, Category.CALLER, "The message referred to isn't in flight."),
    QUEUE_UNSUPPORTED_OPERATION(
            "UnsupportedOperation", 400, Category.CALLER, "Unsupported operation."),
    EMPTY_BATCH_REQUEST(
            "EmptyBatchRequest",
            400,
            Category.CALLER,
            "There should be at least one entry in the request."),
    TOO_MANY_ENTRIES_IN_BATCH_REQUEST(
            "TooManyEntriesInBatchRequest",
            400,
            Category.CALLER,
            "Maximum number of entries per request are 10."),
    BATCH_ENTRY_IDS_NOT_DISTINCT(
            "BatchEntryIdsNotDistinct",
            400,
            Category.CALLER,
            "Two or more batch entries have the same Id."),
    INVALID_BATCH_ENTRY_ID(
            "InvalidBatchEntryId",
            400,
            Category.CALLER,
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."),
    BATCH_REQUEST_TOO_LONG(
            "BatchRequestTooLong",
            400,
            Category.CALLER,
            "Batch requests cannot be longer than 1048576 bytes."),
    // Of tables as Iceberg's clients read them.
    NO_SUCH_NAMESPACE(
            "NoSuchNamespaceException", 404, Category.CALLER, "The namespace does not exist."),
    NO_SUCH_TABLE("NoSuchTableException", 404, Category.CALLER, "The table does not exist."),
    // Of topics (SNS).
    NOT_FOUND("NotFoundException", 404, Category.CALLER, "The resource does not exist."),
    TOPIC_LIMIT_EXCEEDED(
            "TopicLimitExceededException", 403, Category.CALLER, "There are too many topics."),
    SUBSCRIPTION_LIMIT_EXCEEDED(
            "SubscriptionLimitExceededException",
            403,
            Category.CALLER,
            "The topic has too many subscriptions."),
    FILTER_POLICY_LIMIT_EXCEEDED(
            "FilterPolicyLimitExceededException",
            403,
            Category.CALLER,
            "The topic has too many filter policies."),
    TAG_LIMIT_EXCEEDED(
            "TagLimitExceededException", 400, Category.CALLER, "A resource has at most 50 tags."),
    TOPIC_EMPTY_BATCH(
            "EmptyBatchRequestException", 400, Category.CALLER, "The batch has no entries."),
    TOPIC_BATCH_TOO_MANY(
            "TooManyEntriesInBatchRequestException",
            400,
            Category.CALLER,
            "A batch has at most 10 entries."),
    TOPIC_BATCH_IDS_NOT_DISTINCT(
            "BatchEntryIdsNotDistinctException",
            400,
            Category.CALLER,
            "Two entries of the batch have the same id."),
    TOPIC_BATCH_TOO_LONG(
            "BatchRequestTooLongException", 400, Category.CALLER, "The batch is too long."),
    TOPIC_BATCH_ID_INVALID(
            "InvalidBatchEntryIdException", 400, Category.CALLER, "An entry's id is not valid."),

    // Of keys (KMS).
    DISABLED("DisabledException", 400, Category.CALLER, "The key is disabled."),
    KMS_INVALID_STATE(
            "KMSInvalidStateException",
            400,
            Category.CALLER,
            "The state of the key does not allow this."),
    INVALID_CIPHERTEXT(
            "InvalidCiphertextException",
            400,
            Category.CALLER,
            "The ciphertext was not made by this key with this encryption context, or is damaged."),
    INCORRECT_KEY(
            "IncorrectKeyException",
            400,
            Category.CALLER,
            "The key ID in the request does not identify a CMK that can perform this operation."),
    INVALID_KEY_USAGE(
            "InvalidKeyUsageException", 400, Category.CALLER, "The key is not for this use."),
    ALREADY_EXISTS("AlreadyExistsException", 400, Category.CALLER, "It exists already."),
    INVALID_ALIAS_NAME(
            "InvalidAliasNameException", 400, Category.CALLER, "The alias name is not valid."),
    INVALID_ARN("InvalidArnException", 400, Category.CALLER, "The ARN is not valid."),
    INVALID_MARKER("InvalidMarkerException", 400, Category.CALLER, "The marker is not valid."),
    // Of CloudWatch. A query client gets the short codes that the model gives.
    INVALID_METRICS_TOKEN(
            "InvalidNextToken", 400, Category.CALLER, "The token is not one of this service's."),
    ALARM_NOT_FOUND("ResourceNotFound", 404, Category.CALLER, "The alarm was not found."),
    INVALID_FORMAT("InvalidFormatFault", 400, Category.CALLER, "Data was not as it has to be."),
    ALARM_LIMIT_EXCEEDED(
            "LimitExceededFault", 400, Category.CALLER, "There are too many alarms or metrics."),

    MALFORMED_QUERY("MalformedQueryException", 400, Category.CALLER, "The query cannot be read."),
    LIMIT_EXCEEDED("LimitExceededException", 400, Category.CALLER, "A limit would be exceeded."),
    MALFORMED_POLICY_DOCUMENT(
            "MalformedPolicyDocumentException", 400, Category.CALLER, "The policy is not valid."),
    TAG("TagException", 400, Category.CALLER, "A tag is not valid."),
    INVALID_GRANT_TOKEN(
            "InvalidGrantTokenException", 400, Category.CALLER, "The grant token is not valid."),
    DRY_RUN_OPERATION(
            "DryRunOperationException",
            400,
            Category.CALLER,
            "The request would have succeeded, but the DryRun option is set."),

    // Who asks may not.
    ACCESS_DENIED(
            "AccessDeniedException",
            400,
            Category.REFUSED,
            "You are not authorized to perform this operation."),
    /// SNS's word for [#ACCESS_DENIED].
    AUTHORIZATION_ERROR(
            "AuthorizationErrorException",
            403,
            Category.REFUSED,
            "The user is not authorized to perform the requested action."),
    /// KMS's word for names that are kept for AWS's own.
    NOT_AUTHORIZED(
            "NotAuthorizedException",
            400,
            Category.REFUSED,
            "Names of this form are kept for services."),
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

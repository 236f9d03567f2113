package dev.cairn.aggregation;

/// What events are counted by.
/// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aggregated-events.html
enum Dimension {
    EVENT_NAME("eventName"),

    /// What was touched: of S3 the bucket, of others the first resource that the record names.
    RESOURCE_ARN("resourceARN"),

    /// The kind of caller and its account, such as `IAMUser:123456789012`.
    USER_IDENTITY("userIdentity"),

    USER_AGENT("userAgent"),
    SOURCE_IP_ADDRESS("sourceIpAddress"),

    /// Of the calls that failed.
    ERROR_CODES("errorCodes");

    private final String wireName;

    Dimension(String wireName) {
        this.wireName = wireName;
    }

    String wireName() {
        return wireName;
    }
}

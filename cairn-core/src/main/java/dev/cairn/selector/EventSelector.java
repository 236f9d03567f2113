package dev.cairn.selector;

import java.util.List;

/// A basic selector: management events by whether they read or write, and data events of three
/// kinds of resource.
///
/// Source: AWS CloudTrail API Reference, EventSelector and DataResource.
///
/// @param readWrite applies to management and data events alike
/// @param managementEvents whether management events are taken at all
/// @param dataResources whose data events are taken; empty for none
/// @param excludedSources event sources whose management events are not taken
public record EventSelector(
        ReadWrite readWrite,
        boolean managementEvents,
        List<DataResource> dataResources,
        List<String> excludedSources) {

    public EventSelector {
        dataResources = List.copyOf(dataResources);
        excludedSources = List.copyOf(excludedSources);
    }

    /// All management events and nothing else: what a trail takes that was told nothing.
    public static final EventSelector DEFAULT =
            new EventSelector(ReadWrite.ALL, true, List.of(), List.of());

    /// Which calls.
    public enum ReadWrite {
        READ_ONLY("ReadOnly"),
        WRITE_ONLY("WriteOnly"),
        ALL("All");

        private final String wireName;

        ReadWrite(String wireName) {
            this.wireName = wireName;
        }

        /// As the API spells it.
        public String wireName() {
            return wireName;
        }

        boolean takes(boolean readOnly) {
            return switch (this) {
                case ALL -> true;
                case READ_ONLY -> readOnly;
                case WRITE_ONLY -> !readOnly;
            };
        }
    }

    /// Resources of one type.
    ///
    /// @param type `AWS::S3::Object`, `AWS::Lambda::Function` or `AWS::DynamoDB::Table`
    /// @param values ARNs: of S3 a prefix (`arn:aws:s3:::bucket/`), of the others the whole;
    ///   `arn:aws:s3`, `arn:aws:lambda`, `arn:aws:dynamodb` for all
    public record DataResource(String type, List<String> values) {
        public DataResource {
            values = List.copyOf(values);
        }
    }
}

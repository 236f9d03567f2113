package dev.cairn.aggregation;

/// AWS's ways of summing up; the names are those of the API. Each makes one record for each value
/// of its primary dimension, with what the others were in its details.
/// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/aggregating-data-events.html
public enum Template {
    API_ACTIVITY(Dimension.EVENT_NAME),
    RESOURCE_ACCESS(Dimension.RESOURCE_ARN),
    USER_ACTIONS(Dimension.USER_IDENTITY);

    private final Dimension primary;

    Template(Dimension primary) {
        this.primary = primary;
    }

    Dimension primary() {
        return primary;
    }
}

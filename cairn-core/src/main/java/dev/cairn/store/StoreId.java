package dev.cairn.store;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;

/// What callers name an event data store by: its ARN, or the id at the ARN's end.
///
/// @param region empty when only the id was given
/// @param account empty when only the id was given
public record StoreId(String region, String account, String id) {
    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private static final Pattern ARN =
            Pattern.compile(
                    "arn:aws[a-z-]*:cloudtrail:([a-z0-9-]+):([0-9]{12}):eventdatastore/("
                            + UUID
                            + ")");

    /// @throws Failure EVENT_DATA_STORE_ARN_INVALID
    public static StoreId of(String text) {
        if (UUID.matches(text)) {
            return new StoreId("", "", text);
        }
        Matcher arn = ARN.matcher(text);
        if (!arn.matches()) {
            throw new Failure(
                    ErrorCode.EVENT_DATA_STORE_ARN_INVALID,
                    "Expected the ARN of an event data store, such as %s, or the id at its end, got %s."
                            .formatted(
                                    EventDataStore.arn(
                                            "123456789012",
                                            "us-east-1",
                                            "EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE"),
                                    text));
        }
        return new StoreId(arn.group(1), arn.group(2), arn.group(3));
    }

    /// Whether a resource's ARN says that it is an event data store.
    public static boolean isArn(String text) {
        return ARN.matches(text);
    }
}

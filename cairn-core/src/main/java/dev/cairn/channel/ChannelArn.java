package dev.cairn.channel;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;

/// What callers name a channel by: its ARN, or the id at the ARN's end.
///
/// @param region empty when only the id was given
/// @param account empty when only the id was given
/// @param id a UUID in lower case
public record ChannelArn(String region, String account, String id) {
    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private static final Pattern ARN =
            Pattern.compile(
                    "arn:aws[a-z-]*:cloudtrail:([a-z0-9-]+):([0-9]{12}):channel/(" + UUID + ")");

    private static final Pattern RESOURCE =
            Pattern.compile("arn:[^:]+:cloudtrail:[^:]*:[^:]*:channel/.*");

    /// Reads an ARN or an id; empty when it is neither.
    public static Optional<ChannelArn> of(String text) {
        if (UUID.matches(text)) {
            return Optional.of(new ChannelArn("", "", text));
        }
        Matcher arn = ARN.matcher(text);
        return arn.matches()
                ? Optional.of(new ChannelArn(arn.group(1), arn.group(2), arn.group(3)))
                : Optional.empty();
    }

    /// Whether a resource's ARN says that it is a channel, if perhaps not which.
    public static boolean isArn(String text) {
        return RESOURCE.matches(text);
    }

    /// The whole ARN.
    @Override
    public String toString() {
        return "arn:aws:cloudtrail:" + region + ":" + account + ":channel/" + id;
    }
}

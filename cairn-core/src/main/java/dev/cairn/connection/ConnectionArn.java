package dev.cairn.connection;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cairn.event.Place;
import java.util.Optional;

/// What names a connection: an account has one of a name in each region.
///
/// @param name 1 to 64 letters, digits and `.-_`
/// @param id tells it from one of the same name that was deleted
public record ConnectionArn(Place place, String name, String id) {
    private static final Pattern ARN =
            Pattern.compile(
                    "arn:aws:events:([a-z0-9-]{1,40}):(\\d{12}):connection/([A-Za-z0-9_.-]{1,64})/([A-Za-z0-9-]{1,64})");

    /// Empty when it is not the ARN of a connection.
    public static Optional<ConnectionArn> of(String text) {
        Matcher parts = ARN.matcher(text);
        return parts.matches()
                ? Optional.of(
                        new ConnectionArn(
                                new Place(parts.group(2), parts.group(1)),
                                parts.group(3),
                                parts.group(4)))
                : Optional.empty();
    }

    /// Its key in the catalog: an account's connections of a region stand together, in order of
    /// name.
    String key() {
        return key(place, name);
    }

    static String key(Place place, String name) {
        return place.account() + '/' + place.region() + '/' + name;
    }

    /// Such as `arn:aws:events:us-east-1:123456789012:connection/chat/9f0c…`.
    @Override
    public String toString() {
        return "arn:aws:events:%s:%s:connection/%s/%s"
                .formatted(place.region(), place.account(), name, id);
    }
}

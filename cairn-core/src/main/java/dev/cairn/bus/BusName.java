package dev.cairn.bus;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cairn.event.Place;
import java.util.Optional;

/// What names an event bus: an account has one of a name in each region.
///
/// @param place where it is, and whose
/// @param name 1 to 256 letters, digits and `.-_`
public record BusName(Place place, String name) {
    /// The bus that every account has in every region.
    public static final String DEFAULT = "default";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,256}");
    private static final Pattern ARN =
            Pattern.compile(
                    "arn:aws:events:([a-z0-9-]{1,40}):(\\d{12}):event-bus/([A-Za-z0-9_.-]{1,256})");

    /// Whether a bus of one's own may be called so.
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /// The default bus of a place.
    public static BusName ofDefault(Place place) {
        return new BusName(place, DEFAULT);
    }

    /// Empty when it is not the ARN of a bus.
    public static Optional<BusName> ofArn(String text) {
        Matcher parts = ARN.matcher(text);
        return parts.matches()
                ? Optional.of(
                        new BusName(new Place(parts.group(2), parts.group(1)), parts.group(3)))
                : Optional.empty();
    }

    public boolean isDefault() {
        return name.equals(DEFAULT);
    }

    /// Such as `arn:aws:events:us-east-1:123456789012:event-bus/default`.
    public String arn() {
        return "arn:aws:events:" + place.region() + ':' + place.account() + ":event-bus/" + name;
    }

    /// Its key in the catalog: an account's buses of a region stand together, in order of name.
    String key() {
        return prefix(place) + name;
    }

    static String prefix(Place place) {
        return place.account() + '/' + place.region() + '/';
    }

    static BusName ofKey(String key) {
        String[] parts = key.split("/", 3);
        return new BusName(new Place(parts[0], parts[1]), parts[2]);
    }
}

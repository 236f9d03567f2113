package dev.cairn.bus;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cairn.event.Place;
import java.util.Optional;

/// What names a rule: a bus has one of a name.
///
/// @param bus whose events it is asked about
/// @param name 1 to 64 letters, digits and `.-_`
public record RuleName(BusName bus, String name) {
    private static final Pattern ARN =
            Pattern.compile(
                    "arn:aws:events:([a-z0-9-]{1,40}):(\\d{12}):rule/(?:([A-Za-z0-9_.-]{1,256})/)?([A-Za-z0-9_.-]{1,64})");

    /// Empty when it is not the ARN of a rule.
    public static Optional<RuleName> ofArn(String text) {
        Matcher parts = ARN.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String bus = parts.group(3);
        return Optional.of(
                new RuleName(
                        new BusName(
                                new Place(parts.group(2), parts.group(1)),
                                bus == null ? BusName.DEFAULT : bus),
                        parts.group(4)));
    }

    /// Such as `arn:aws:events:us-east-1:123456789012:rule/public-bucket`, with the bus before the
    /// name where it is not the default one.
    public String arn() {
        return "arn:aws:events:"
                + bus.place().region()
                + ':'
                + bus.place().account()
                + ":rule/"
                + (bus.isDefault() ? "" : bus.name() + '/')
                + name;
    }

    /// Its key in the catalog: a bus's rules stand together, in order of name.
    String key() {
        return prefix(bus) + name;
    }

    static String prefix(BusName bus) {
        return bus.key() + '/';
    }

    static RuleName ofKey(String key) {
        int slash = key.lastIndexOf('/');
        return new RuleName(BusName.ofKey(key.substring(0, slash)), key.substring(slash + 1));
    }
}

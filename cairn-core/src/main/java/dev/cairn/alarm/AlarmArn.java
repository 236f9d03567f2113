package dev.cairn.alarm;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cairn.event.Place;
import java.util.Optional;

/// What names an alarm: an account has one of a name in each region.
///
/// @param place where it is, and whose
/// @param name 1 to 255 characters, none of them a control character
public record AlarmArn(Place place, String name) {
    private static final int NAME_CHARS_MAX = 255;
    private static final Pattern FORM =
            Pattern.compile("arn:aws:cloudwatch:([a-z0-9-]{1,40}):(\\d{12}):alarm:(.{1,255})");

    /// Empty when it is not the ARN of an alarm.
    public static Optional<AlarmArn> of(String text) {
        Matcher parts = FORM.matcher(text);
        return parts.matches() && isName(parts.group(3))
                ? Optional.of(
                        new AlarmArn(new Place(parts.group(2), parts.group(1)), parts.group(3)))
                : Optional.empty();
    }

    /// Whether an alarm may be called so.
    public static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= NAME_CHARS_MAX
                && name.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF));
    }

    @Override
    public String toString() {
        return "arn:aws:cloudwatch:" + place.region() + ':' + place.account() + ":alarm:" + name;
    }

    /// Its key in the catalog: an account's alarms of a region stand together, in order of name.
    String key() {
        return prefix(place) + name;
    }

    static String prefix(Place place) {
        return place.account() + '/' + place.region() + '/';
    }

    static AlarmArn ofKey(String key) {
        String[] parts = key.split("/", 3);
        return new AlarmArn(new Place(parts[0], parts[1]), parts[2]);
    }
}

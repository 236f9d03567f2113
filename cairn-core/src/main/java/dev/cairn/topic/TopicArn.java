package dev.cairn.topic;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What names a topic, such as `arn:aws:sns:us-east-1:123456789012:audit`.
///
/// @param region where it is
/// @param account whose it is, 12 digits
/// @param name 1 to 256 letters, digits, hyphens and underscores
public record TopicArn(String region, String account, String name) {
    private static final Pattern FORM =
            Pattern.compile("arn:aws:sns:([a-z0-9-]{1,40}):(\\d{12}):([A-Za-z0-9_-]{1,256})");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,256}");

    /// Empty when it is not the ARN of a topic that Cairn can have.
    public static Optional<TopicArn> of(String text) {
        Matcher parts = FORM.matcher(text);
        return parts.matches()
                ? Optional.of(new TopicArn(parts.group(1), parts.group(2), parts.group(3)))
                : Optional.empty();
    }

    /// Whether a topic may have that name.
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    @Override
    public String toString() {
        return "arn:aws:sns:" + region + ':' + account + ':' + name;
    }

    /// Its key in the catalog: an account's topics of a region stand together, in order of name.
    String key() {
        return account + '/' + region + '/' + name;
    }

    static TopicArn ofKey(String key) {
        String[] parts = key.split("/", -1);
        return new TopicArn(parts[1], parts[0], parts[2]);
    }
}

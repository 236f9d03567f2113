package dev.cairn.kms;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What names a key, such as
/// `arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`.
///
/// @param region where it is
/// @param account whose it is, 12 digits
/// @param id a UUID in lower case
public record KeyArn(String region, String account, String id) {
    private static final Pattern ID =
            Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private static final Pattern FORM =
            Pattern.compile("arn:aws:kms:([a-z0-9-]{1,40}):(\\d{12}):key/(" + ID + ")");

    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /// Empty when it is not the ARN of a key that Cairn can have.
    public static Optional<KeyArn> of(String text) {
        Matcher parts = FORM.matcher(text);
        return parts.matches()
                ? Optional.of(new KeyArn(parts.group(1), parts.group(2), parts.group(3)))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return "arn:aws:kms:" + region + ':' + account + ":key/" + id;
    }

    /// Its key in the catalog: an account's keys of a region stand together.
    String key() {
        return place(account, region) + id;
    }

    static KeyArn ofKey(String key) {
        String[] parts = key.split("/", -1);
        return new KeyArn(parts[1], parts[0], parts[2]);
    }

    static String place(String account, String region) {
        return account + '/' + region + '/';
    }
}

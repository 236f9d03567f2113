package dev.cairn.kms;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What names an alias, such as `arn:aws:kms:us-east-1:123456789012:alias/audit`.
///
/// @param region where it is
/// @param account whose it is, 12 digits
/// @param name with `alias/` before it, at most 256 characters in all
public record AliasArn(String region, String account, String name) {
    /// What every name begins with.
    public static final String PREFIX = "alias/";

    private static final int NAME_CHARS_MAX = 256;

    private static final Pattern FORM =
            Pattern.compile("arn:aws:kms:([a-z0-9-]{1,40}):(\\d{12}):(alias/.+)");

    private static final Pattern NAME = Pattern.compile("alias/[a-zA-Z0-9/_-]+");

    /// Empty when it is not the ARN of an alias that Cairn can have.
    public static Optional<AliasArn> of(String text) {
        Matcher parts = FORM.matcher(text);
        return parts.matches() && isName(parts.group(3))
                ? Optional.of(new AliasArn(parts.group(1), parts.group(2), parts.group(3)))
                : Optional.empty();
    }

    /// Whether an alias may have that name.
    public static boolean isName(String name) {
        return name.length() <= NAME_CHARS_MAX && NAME.matcher(name).matches();
    }

    @Override
    public String toString() {
        return "arn:aws:kms:" + region + ':' + account + ':' + name;
    }

    /// Its key in the catalog: an account's aliases of a region stand together, in order of name.
    String key() {
        return KeyArn.place(account, region) + name;
    }
}

package dev.cairn.watch;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.regex.Pattern;

/// What names a watch.
///
/// @param account whose it is, and whose events it sees
/// @param name 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or
///   digit
public record WatchName(String account, String name) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /// @throws Failure VALIDATION when a watch may not be called so
    public static WatchName checked(String account, String name) {
        if (!FORM.matcher(name).matches()) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "name: expected 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit, got '"
                            + name
                            + "'");
        }
        return new WatchName(account, name);
    }

    /// Its key in the catalog: an account's watches stand together, in order of name.
    String key() {
        return prefix(account) + name;
    }

    static WatchName ofKey(String key) {
        int slash = key.indexOf('/');
        return new WatchName(key.substring(0, slash), key.substring(slash + 1));
    }

    static String prefix(String account) {
        return account + '/';
    }
}

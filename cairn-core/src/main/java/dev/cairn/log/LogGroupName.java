package dev.cairn.log;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;

/// What names a log group: an account has one of a name in each region.
///
/// @param region where it is
/// @param account whose it is, 12 digits
/// @param name 1 to 512 letters, digits and `_-/.#`
public record LogGroupName(String region, String account, String name) {
    private static final Pattern FORM =
            Pattern.compile(
                    "arn:aws:logs:([a-z0-9-]{1,40}):(\\d{12}):log-group:([A-Za-z0-9_./#-]{1,512})(?::\\*)?");

    /// Empty when it is not the ARN of a log group, with or without `:*` at its end.
    public static Optional<LogGroupName> ofArn(String text) {
        Matcher parts = FORM.matcher(text);
        return parts.matches()
                ? Optional.of(new LogGroupName(parts.group(1), parts.group(2), parts.group(3)))
                : Optional.empty();
    }

    /// Such as `arn:aws:logs:us-east-1:123456789012:log-group:audit`. Some of AWS's operations show
    /// it with `:*` behind it.
    public String arn() {
        return "arn:aws:logs:" + region + ':' + account + ":log-group:" + name;
    }

    /// Its key in the catalog: an account's groups of a region stand together.
    String key() {
        return place(account, region) + name;
    }

    static LogGroupName ofKey(String key) {
        String[] parts = key.split("/", 3);
        return new LogGroupName(parts[1], parts[0], parts[2]);
    }

    static String place(String account, String region) {
        return account + '/' + region + '/';
    }
}

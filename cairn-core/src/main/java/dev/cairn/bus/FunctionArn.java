package dev.cairn.bus;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;

/// What names a function of Lambda.
///
/// @param name of the function, with its version or alias behind a colon where one is named
public record FunctionArn(String region, String account, String name) {
    private static final Pattern ARN =
            Pattern.compile(
                    "arn:aws:lambda:([a-z0-9-]{1,40}):(\\d{12}):function:([A-Za-z0-9_-]{1,140}(?::[A-Za-z0-9_$-]{1,128})?)");

    /// Empty when it is not the ARN of a function.
    public static Optional<FunctionArn> of(String text) {
        Matcher parts = ARN.matcher(text);
        return parts.matches()
                ? Optional.of(new FunctionArn(parts.group(1), parts.group(2), parts.group(3)))
                : Optional.empty();
    }

    /// Such as `arn:aws:lambda:us-east-1:123456789012:function:close-bucket`.
    @Override
    public String toString() {
        return "arn:aws:lambda:%s:%s:function:%s".formatted(region, account, name);
    }
}

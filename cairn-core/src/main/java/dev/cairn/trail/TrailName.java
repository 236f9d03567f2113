package dev.cairn.trail;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;

/// What callers name a trail by: its name, which means one in the region that is called, or its
/// ARN.
///
/// Source of the rules: AWS CloudTrail API Reference, CreateTrail.
public sealed interface TrailName {
    /// The shortest name.
    int CHARS_MIN = 3;

    /// The longest name.
    int CHARS_MAX = 128;

    /// A name, checked.
    record Name(String name) implements TrailName {}

    /// An ARN, of the form of a trail's.
    record Arn(String homeRegion, String account, String name) implements TrailName {}

    /// Reads a name or an ARN.
    ///
    /// @throws Failure INVALID_TRAIL_NAME, CLOUDTRAIL_ARN_INVALID
    static TrailName of(String text) {
        if (!text.startsWith("arn:")) {
            return name(text);
        }
        Matcher arn = Form.ARN.matcher(text);
        if (!arn.matches()) {
            throw new Failure(
                    ErrorCode.CLOUDTRAIL_ARN_INVALID,
                    "Expected the ARN of a trail, such as arn:aws:cloudtrail:us-east-2:123456789012:trail/MyTrail, got %s."
                            .formatted(text));
        }
        return new Arn(arn.group(1), arn.group(2), arn.group(3));
    }

    /// Reads the name of a new trail.
    ///
    /// @throws Failure INVALID_TRAIL_NAME
    static Name name(String text) {
        if (text.length() < CHARS_MIN) {
            throw invalid(
                    "Trail name too short. Minimum allowed length: %d characters. Specified name length: %d characters."
                            .formatted(CHARS_MIN, text.length()));
        }
        if (text.length() > CHARS_MAX) {
            throw invalid(
                    "Trail name too long. Maximum allowed length: %d characters. Specified name length: %d characters."
                            .formatted(CHARS_MAX, text.length()));
        }
        if (!Form.CHARACTERS.matches(text)) {
            throw invalid(
                    "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).");
        }
        if (!Form.letterOrNumber(text.charAt(0))) {
            throw invalid("Trail name must starts with a letter or number.");
        }
        if (!Form.letterOrNumber(text.charAt(text.length() - 1))) {
            throw invalid("Trail name must ends with a letter or number.");
        }
        if (Form.ADJACENT.matcher(text).find()) {
            throw invalid("Trail name can not have adjacent periods, hyphens or underscores.");
        }
        if (Form.ADDRESS.matches(text)) {
            throw invalid("Trail name can not be in the form of an IP address.");
        }
        return new Name(text);
    }

    private static Failure invalid(String message) {
        return new Failure(ErrorCode.INVALID_TRAIL_NAME, message);
    }

    /// The forms, compiled once.
    final class Form {
        private static final Pattern ARN =
                Pattern.compile("arn:[^:]+:cloudtrail:([^:]+):([^:]+):trail/([^:/]+)");
        private static final Pattern CHARACTERS = Pattern.compile("[A-Za-z0-9._-]+");
        private static final Pattern ADJACENT = Pattern.compile("[._-][._-]");
        private static final Pattern ADDRESS = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+");

        private Form() {}

        private static boolean letterOrNumber(char c) {
            return c != '.' && c != '_' && c != '-';
        }
    }
}

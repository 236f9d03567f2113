package dev.cairn.dashboard;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;

/// What callers name a dashboard by: its ARN, or its name.
///
/// @param region empty when only the name was given
/// @param account empty when only the name was given
public record DashboardId(String region, String account, String name) {
    private static final Pattern ARN =
            Pattern.compile(
                    "arn:aws[a-z-]*:cloudtrail:([a-z0-9-]+):([0-9]{12}):dashboard/([a-zA-Z0-9_\\-]+)");

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_\\-]{1,128}");

    private static final Pattern RESOURCE =
            Pattern.compile("arn:[^:]+:cloudtrail:[^:]*:[^:]*:dashboard/.*");

    /// Reads an ARN; what is none is a name.
    public static DashboardId of(String text) {
        Matcher arn = ARN.matcher(text);
        return arn.matches()
                ? new DashboardId(arn.group(1), arn.group(2), arn.group(3))
                : new DashboardId("", "", text);
    }

    /// Whether a dashboard may have that name.
    public boolean isSound() {
        return NAME.matches(name);
    }

    /// Whether a resource's ARN says that it is a dashboard, if perhaps not which.
    public static boolean isArn(String text) {
        return RESOURCE.matches(text);
    }

    /// The whole ARN.
    @Override
    public String toString() {
        return "arn:aws:cloudtrail:" + region + ":" + account + ":dashboard/" + name;
    }
}

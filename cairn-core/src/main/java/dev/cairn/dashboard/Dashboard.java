package dev.cairn.dashboard;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A dashboard. Immutable.
///
/// @param account whose it is, 12 digits
/// @param name unique within account and region
/// @param managed whether every account has it, and nobody changes it
/// @param schedule when it refreshes itself
/// @param terminationProtected whether it cannot be deleted
/// @param tags in order of key
/// @param policy its resource policy as it was written; null when it has none
/// @param created null when it is managed
/// @param updated null when it never was
public record Dashboard(
        String account,
        String region,
        String name,
        boolean managed,
        List<Widget> widgets,
        RefreshSchedule schedule,
        boolean terminationProtected,
        Map<String, String> tags,
        @Nullable String policy,
        @Nullable Instant created,
        @Nullable Instant updated) {
    public Dashboard {
        widgets = List.copyOf(widgets);
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /// A dashboard as it is asked for, without a policy.
    public static Dashboard custom(
            String account,
            String region,
            String name,
            List<Widget> widgets,
            RefreshSchedule schedule,
            boolean terminationProtected,
            Map<String, String> tags,
            Instant now) {
        return new Dashboard(
                account,
                region,
                name,
                false,
                widgets,
                schedule,
                terminationProtected,
                tags,
                null,
                now,
                null);
    }

    /// One that every account has.
    static Dashboard managed(String account, String region, String name, List<Widget> widgets) {
        return new Dashboard(
                account,
                region,
                name,
                true,
                widgets,
                RefreshSchedule.NONE,
                true,
                Map.of(),
                null,
                null,
                null);
    }

    /// Its ARN, the same for ever.
    public String arn() {
        return new DashboardId(region, account, name).toString();
    }

    /// The same dashboard, changed at a time.
    public Dashboard changed(
            List<Widget> others,
            RefreshSchedule otherwise,
            boolean terminationProtection,
            Instant now) {
        return new Dashboard(
                account,
                region,
                name,
                managed,
                others,
                otherwise,
                terminationProtection,
                tags,
                policy,
                created,
                now);
    }

    /// The same dashboard with other tags.
    public Dashboard tagged(Map<String, String> others) {
        return new Dashboard(
                account,
                region,
                name,
                managed,
                widgets,
                schedule,
                terminationProtected,
                others,
                policy,
                created,
                updated);
    }

    /// The same dashboard with another policy, or none.
    Dashboard guarded(@Nullable String other) {
        return new Dashboard(
                account,
                region,
                name,
                managed,
                widgets,
                schedule,
                terminationProtected,
                tags,
                other,
                created,
                updated);
    }
}

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
/// @param terminationProtected whether it cannot be deleted
/// @param tags in order of key
/// @param created null when it is managed
/// @param updated null when it never was
public record Dashboard(
        String account,
        String region,
        String name,
        boolean managed,
        List<Widget> widgets,
        boolean terminationProtected,
        Map<String, String> tags,
        @Nullable Instant created,
        @Nullable Instant updated) {
    public Dashboard {
        widgets = List.copyOf(widgets);
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /// Its ARN, the same for ever.
    public String arn() {
        return new DashboardId(region, account, name).toString();
    }

    /// The same dashboard, changed at a time.
    public Dashboard changed(List<Widget> others, boolean terminationProtection, Instant now) {
        return new Dashboard(
                account, region, name, managed, others, terminationProtection, tags, created, now);
    }

    /// The same dashboard with other tags.
    public Dashboard tagged(Map<String, String> others) {
        return new Dashboard(
                account,
                region,
                name,
                managed,
                widgets,
                terminationProtected,
                others,
                created,
                updated);
    }
}

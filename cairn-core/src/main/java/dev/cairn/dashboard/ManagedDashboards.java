package dev.cairn.dashboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The dashboards that every account has in every region, over whichever event data store of
/// CloudTrail events they are asked of. They are Cairn's own: what AWS's ask is not published.
public final class ManagedDashboards {
    /// What their names begin with, and no other's does.
    public static final String PREFIX = "Cairn-";

    private static final List<String> PARAMETERS =
            List.of(RefreshValues.STORE, RefreshValues.START, RefreshValues.END);

    private record Shown(String title, String view, String statement) {}

    private static final Map<String, List<Shown>> ALL =
            Map.of(
                    PREFIX + "Activity",
                    List.of(
                            new Shown(
                                    "Calls by day",
                                    "Line",
                                    "SELECT date(eventTime) AS day, count(*) AS calls, count_if(NOT readOnly) AS changes FROM ? WHERE eventTime > '?' AND eventTime < '?' GROUP BY 1 ORDER BY 1"),
                            new Shown(
                                    "Busiest services",
                                    "Bar",
                                    "SELECT eventSource, count(*) AS calls FROM ? WHERE eventTime > '?' AND eventTime < '?' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"),
                            new Shown(
                                    "Most active principals",
                                    "Bar",
                                    "SELECT coalesce(userIdentity.arn, userIdentity.invokedBy) AS principal, count(*) AS calls FROM ? WHERE eventTime > '?' AND eventTime < '?' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"),
                            new Shown(
                                    "Calls by region",
                                    "Bar",
                                    "SELECT awsRegion, count(*) AS calls FROM ? WHERE eventTime > '?' AND eventTime < '?' GROUP BY 1 ORDER BY 2 DESC, 1")),
                    PREFIX + "Errors",
                    List.of(
                            new Shown(
                                    "Errors by day",
                                    "Line",
                                    "SELECT date(eventTime) AS day, count(*) AS errors FROM ? WHERE eventTime > '?' AND eventTime < '?' AND errorCode IS NOT NULL GROUP BY 1 ORDER BY 1"),
                            new Shown(
                                    "Most frequent errors",
                                    "Bar",
                                    "SELECT errorCode, count(*) AS errors FROM ? WHERE eventTime > '?' AND eventTime < '?' AND errorCode IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"),
                            new Shown(
                                    "Who is refused what",
                                    "Table",
                                    "SELECT userIdentity.arn AS principal, eventSource, eventName, errorCode, count(*) AS refused FROM ? WHERE eventTime > '?' AND eventTime < '?' AND (errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%') GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3 LIMIT 50")),
                    PREFIX + "Security",
                    List.of(
                            new Shown(
                                    "Sign-ins without a second factor",
                                    "Table",
                                    "SELECT eventTime, userIdentity.arn AS principal, sourceIPAddress FROM ? WHERE eventTime > '?' AND eventTime < '?' AND eventName = 'ConsoleLogin' AND element_at(additionalEventData, 'MFAUsed') = 'No' ORDER BY 1 DESC LIMIT 50"),
                            new Shown(
                                    "What root did",
                                    "Table",
                                    "SELECT eventTime, eventSource, eventName, sourceIPAddress FROM ? WHERE eventTime > '?' AND eventTime < '?' AND userIdentity.type = 'Root' AND userIdentity.invokedBy IS NULL ORDER BY 1 DESC LIMIT 50"),
                            new Shown(
                                    "Changes to trails and event data stores",
                                    "Table",
                                    "SELECT eventTime, eventName, userIdentity.arn AS principal, errorCode FROM ? WHERE eventTime > '?' AND eventTime < '?' AND eventSource = 'cloudtrail.amazonaws.com' AND NOT readOnly ORDER BY 1 DESC LIMIT 50"),
                            new Shown(
                                    "Keys, users and policies",
                                    "Table",
                                    "SELECT eventName, userIdentity.arn AS principal, count(*) AS calls, max(eventTime) AS last FROM ? WHERE eventTime > '?' AND eventTime < '?' AND eventSource = 'iam.amazonaws.com' AND NOT readOnly GROUP BY 1, 2 ORDER BY 4 DESC LIMIT 50")));

    private ManagedDashboards() {}

    /// Those of an account and region, in no order.
    public static List<Dashboard> of(String account, String region) {
        List<Dashboard> all = new ArrayList<>();
        ALL.forEach((name, shown) -> all.add(dashboard(account, region, name, shown)));
        return all;
    }

    /// The one of a name.
    public static Optional<Dashboard> find(String account, String region, String name) {
        return Optional.ofNullable(ALL.get(name))
                .map(shown -> dashboard(account, region, name, shown));
    }

    private static Dashboard dashboard(
            String account, String region, String name, List<Shown> shown) {
        List<Widget> widgets = new ArrayList<>();
        for (Shown one : shown) {
            widgets.add(
                    new Widget(
                            name + "." + one.title().replace(' ', '-'),
                            new QueryTemplate(one.statement(), PARAMETERS),
                            Map.of("Title", one.title(), "View", one.view())));
        }
        return Dashboard.managed(account, region, name, widgets);
    }
}

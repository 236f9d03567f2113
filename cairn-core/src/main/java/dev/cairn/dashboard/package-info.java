/// A *dashboard* is queries that are asked together, again and again
/// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/lake-dashboard.html).
///
/// Read [dev.cairn.dashboard.Dashboard] first: its widgets, each a
/// [dev.cairn.dashboard.QueryTemplate] and how it is to be shown.
/// [dev.cairn.dashboard.ManagedDashboards] are those that every account has.
@NullMarked
package dev.cairn.dashboard;

import org.jspecify.annotations.NullMarked;

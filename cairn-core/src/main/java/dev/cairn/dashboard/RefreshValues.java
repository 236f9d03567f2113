package dev.cairn.dashboard;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The values that the queries of a dashboard get when it is refreshed, by the names that AWS has
/// for them. What is not said is the last seven days, day by day.
public final class RefreshValues {
    /// The event data store that a managed dashboard asks.
    public static final String STORE = "$EventDataStoreId$";

    public static final String START = "$StartTime$";
    public static final String END = "$EndTime$";
    private static final String PERIOD = "$Period$";
    private static final Set<String> CUSTOM = Set.of(START, END, PERIOD);
    private static final Duration SPAN = Duration.ofDays(7);

    private final Map<String, String> values;

    private RefreshValues(Map<String, String> values) {
        this.values = values;
    }

    /// Values for a dashboard.
    ///
    /// @throws Failure INVALID_PARAMETER when one is not for it; EVENT_DATA_STORE_NOT_FOUND when a
    ///   managed one is not told which store to ask
    public static RefreshValues of(Dashboard dashboard, Map<String, String> given, Instant now) {
        Map<String, String> values = new HashMap<>();
        values.put(START, now.minus(SPAN).toString());
        values.put(END, now.toString());
        values.put(PERIOD, "day");
        given.forEach((name, value) -> {
            if (!CUSTOM.contains(name) && !(dashboard.managed() && name.equals(STORE))) {
                throw new Failure(
                        ErrorCode.INVALID_PARAMETER,
                        "Expected $StartTime$, $EndTime$ or $Period$, and of a managed dashboard $EventDataStoreId$, got %s."
                                .formatted(name));
            }
            values.put(name, value);
        });
        if (dashboard.managed() && !values.containsKey(STORE)) {
            throw new Failure(
                    ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                    "Expected the id of an event data store as $EventDataStoreId$, got none.");
        }
        return new RefreshValues(values);
    }

    /// Whether a parameter names a value that refreshes of custom dashboards have, or is none of
    /// these names.
    public static boolean isKnown(String parameter) {
        return CUSTOM.contains(parameter)
                || !(parameter.length() > 2
                        && parameter.startsWith("$")
                        && parameter.endsWith("$"));
    }

    /// The statement of a widget.
    public String filled(QueryTemplate query) {
        List<String> filled = new ArrayList<>();
        query.parameters()
                .forEach(parameter -> filled.add(values.getOrDefault(parameter, parameter)));
        return query.filled(filled);
    }
}

package dev.cairn.log;

import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.FilterSet;
import dev.cairn.filter.LogMessage;
import java.util.ArrayList;
import java.util.List;

/// The subscription filters of one log group, ready to ask.
final class GroupSubscriptions {
    private final List<SubscriptionFilter> filters;
    private final FilterSet set;

    GroupSubscriptions(List<SubscriptionFilter> filters) {
        this.filters = List.copyOf(filters);
        List<FilterPattern> read = new ArrayList<>();
        filters.forEach(filter -> read.add(MetricFilter.read(filter.pattern())));
        this.set = FilterSet.of(read);
    }

    /// The filters that take a message.
    List<SubscriptionFilter> taking(byte[] utf8) {
        if (filters.isEmpty()) {
            return List.of();
        }
        List<SubscriptionFilter> taking = new ArrayList<>();
        for (int id : set.taking(LogMessage.of(utf8))) {
            taking.add(filters.get(id));
        }
        return taking;
    }
}

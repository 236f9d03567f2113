package dev.cairn.log;

import dev.cairn.filter.FilterPattern;
import dev.cairn.filter.FilterSet;
import dev.cairn.filter.LogMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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

    /// Tells the filters that take a message.
    void ask(byte[] utf8, Consumer<SubscriptionFilter> takes) {
        if (filters.isEmpty()) {
            return;
        }
        for (int id : set.taking(LogMessage.of(utf8))) {
            takes.accept(filters.get(id));
        }
    }
}

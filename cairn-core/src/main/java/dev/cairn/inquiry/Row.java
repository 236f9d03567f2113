package dev.cairn.inquiry;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a question works on: a message, or what some were summed up to.
///
/// Values are texts; a number is a text that reads as one. To be used by one thread.
final class Row {
    private final Map<String, String> values;

    /// The message's, in thousandths of a second since 1970; of sums the newest message's.
    final long time;

    /// Names the message in its group; null for sums.
    final @Nullable String pointer;

    Row(Map<String, String> values, long time, @Nullable String pointer) {
        this.values = new HashMap<>(values);
        this.time = time;
        this.pointer = pointer;
    }

    @Nullable String get(String field) {
        return values.get(field);
    }

    void put(String field, @Nullable String value) {
        if (value == null) {
            values.remove(field);
        } else {
            values.put(field, value);
        }
    }

    /// What it takes, about.
    long chars() {
        long chars = 64;
        for (Map.Entry<String, String> one : values.entrySet()) {
            chars += one.getKey().length() + one.getValue().length() + 32L;
        }
        return chars;
    }
}

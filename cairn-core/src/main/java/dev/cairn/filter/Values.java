package dev.cairn.filter;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the numbered fields of one message are; a field has no value, one, or, behind a wildcard,
/// several.
final class Values {
    private final @Nullable List<Value>[] byField;

    @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types.
    Values(int fields) {
        byField = new List[fields];
    }

    void add(int field, Value value) {
        List<Value> there = byField[field];
        if (there == null) {
            byField[field] = List.of(value);
        } else if (there.size() == 1) {
            List<Value> several = new ArrayList<>(there);
            several.add(value);
            byField[field] = several;
        } else {
            there.add(value);
        }
    }

    List<Value> of(int field) {
        List<Value> there = byField[field];
        return there == null ? List.of() : there;
    }
}

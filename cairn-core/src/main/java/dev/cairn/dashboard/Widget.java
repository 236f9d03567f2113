package dev.cairn.dashboard;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// One query of a dashboard.
///
/// @param alias what its queries are found by, and what starts one; unique in account and region
/// @param view how a console is to show the result, as its maker said: nothing here reads it
public record Widget(String alias, QueryTemplate query, Map<String, String> view) {
    public Widget {
        view = Collections.unmodifiableMap(new TreeMap<>(view));
    }
}

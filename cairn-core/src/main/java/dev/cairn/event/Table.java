package dev.cairn.event;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads the tables that stand as text beside the code: one row a line, cells set apart by spaces.
final class Table {
    private Table() {}

    static List<String[]> rows(String text) {
        return text.lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.strip().split(" +", -1))
                .toList();
    }

    /// @throws IllegalStateException when a key stands twice
    static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new HashMap<>();
        for (String[] row : rows(text)) {
            if (row.length != 2 || pairs.put(row[0], row[1]) != null) {
                throw new IllegalStateException("expected one row with two cells: " + row[0]);
            }
        }
        return Map.copyOf(pairs);
    }

    /// Rows whose first cell is a service and whose others are words of it, as `service/word`.
    static Set<String> words(String text) {
        Set<String> words = new HashSet<>();
        for (String[] row : rows(text)) {
            for (int i = 1; i < row.length; i++) {
                words.add(row[0] + "/" + row[i]);
            }
        }
        return Set.copyOf(words);
    }
}

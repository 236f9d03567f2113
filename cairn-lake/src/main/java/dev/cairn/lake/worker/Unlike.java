package dev.cairn.lake.worker;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// Gives names that differ in more than the case of their letters: `arn`, `arn_2`.
final class Unlike {
    private final Set<String> taken = new HashSet<>();

    String next(String name) {
        var unlike = name;
        for (var number = 2; !taken.add(unlike.toLowerCase(Locale.ROOT)); number++) {
            unlike = name + "_" + number;
        }
        return unlike;
    }
}

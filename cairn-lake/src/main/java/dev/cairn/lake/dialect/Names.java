package dev.cairn.lake.dialect;

import java.util.Locale;

/// Words for messages.
final class Names {
    private Names() {}

    /// `CreateTable` as `CREATE TABLE`.
    static String words(String className) {
        return className.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toUpperCase(Locale.ROOT);
    }
}

package dev.cairn.gateway.source;

import dev.cairn.gateway.decoding.Named;
import java.util.Set;

/// Names of events of programs that are not AWS's, in the manner of AWS's: a verb first, each word
/// with a capital letter.
final class EventNames {
    /// As long as AWS's longest, with room to spare.
    private static final int CHARS_MAX = 128;

    private static final Set<String> READS =
            Set.of(
                    "Get",
                    "List",
                    "Head",
                    "Describe",
                    "Watch",
                    "Stat",
                    "Search",
                    "Check",
                    "Info",
                    "Read",
                    "Download",
                    "View",
                    "Options");

    private EventNames() {}

    /// A name of letters and digits: what else stands between words goes, and the words begin
    /// large.
    ///
    /// @return [Named#UNKNOWN] for text without any
    static String of(String... words) {
        var name = new StringBuilder();
        for (var word : words) {
            var begins = true;
            for (var i = 0; i < word.length() && name.length() < CHARS_MAX; i++) {
                var c = word.charAt(i);
                if (c >= 128 || !Character.isLetterOrDigit(c)) {
                    begins = true;
                } else {
                    name.append(begins ? Character.toUpperCase(c) : c);
                    begins = false;
                }
            }
        }
        return name.isEmpty() ? Named.UNKNOWN : name.toString();
    }

    /// The first word of a name.
    static String verb(String name) {
        var end = 1;
        while (end < name.length() && !Character.isUpperCase(name.charAt(end))) {
            end++;
        }
        return name.isEmpty() ? "" : name.substring(0, end);
    }

    /// Whether a call of that name changes nothing, as far as its verb tells.
    static boolean reads(String name) {
        return READS.contains(verb(name));
    }
}

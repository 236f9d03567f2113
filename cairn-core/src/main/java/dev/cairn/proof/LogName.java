package dev.cairn.proof;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// When a log file was delivered, as its key says.
final class LogName {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmX");
    private static final Pattern FILE =
            Pattern.compile(".*_([0-9]{8}T[0-9]{4}Z)_[A-Za-z0-9]+\\.json\\.gz");
    private static final Pattern DAY = Pattern.compile("([0-9]{4})/([0-9]{2})/([0-9]{2})(?:/.*)?");

    private LogName() {}

    /// The minute of delivery; empty when the name is not a log file's.
    static Optional<Instant> minute(String key) {
        Matcher match = FILE.matcher(key.substring(key.lastIndexOf('/') + 1));
        if (!match.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.from(STAMP.parse(match.group(1))));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /// The folder of the day that a key stands in: `2026/11/21`; empty when it stands in none.
    static String day(String folder, String key) {
        Matcher match = DAY.matcher(key.substring(folder.length()));
        return match.matches() ? match.group(1) + "/" + match.group(2) + "/" + match.group(3) : "";
    }
}

package dev.cairn.server.configuration;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Values by key, from the weakest source to the strongest: defaults, a properties file, `CAIRN_…`
/// variables, the command line.
public final class Settings {
    /// Variables that other parts of the project read, so not misspelt settings.
    private static final Set<String> OTHER_VARIABLES =
            Set.of("CAIRN_JAVA_OPTS", "CAIRN_REAL_DATA", "CAIRN_CLIENTS", "CAIRN_TOKEN");

    private static final Map<String, Setting> BY_KEY = byKey();

    private final Map<Setting, String> values = new EnumMap<>(Setting.class);

    /// Every setting at its default.
    public Settings() {
        for (var setting : Setting.values()) {
            values.put(setting, setting.defaultText());
        }
    }

    private static Map<String, Setting> byKey() {
        var keys = new TreeMap<String, Setting>();
        for (var setting : Setting.values()) {
            keys.put(setting.key(), setting);
        }
        return keys;
    }

    /// Sets one value.
    ///
    /// @param from where it was written, for messages: a file, a variable, `--set`
    /// @throws SettingException when there is no such key; the message names the nearest
    public void set(String key, String value, String from) throws SettingException {
        var setting = BY_KEY.get(key);
        if (setting == null) {
            throw new SettingException(
                    "unknown setting '%s' (%s); the nearest is '%s'"
                            .formatted(key, from, nearest(key)));
        }
        values.put(setting, value.strip());
    }

    /// Reads a properties file.
    public void readFile(Path file) throws SettingException, IOException {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IllegalArgumentException malformed) {
            throw new SettingException(
                    file + " is not a properties file: " + malformed.getMessage());
        }
        for (var name : properties.stringPropertyNames()) {
            set(name, properties.getProperty(name), file.toString());
        }
    }

    /// Reads the `CAIRN_…` variables of an environment.
    public void readEnvironment(Map<String, String> environment) throws SettingException {
        for (var entry : environment.entrySet()) {
            if (!entry.getKey().startsWith("CAIRN_") || OTHER_VARIABLES.contains(entry.getKey())) {
                continue;
            }
            Setting found = null;
            for (var setting : Setting.values()) {
                if (setting.variable().equals(entry.getKey())) {
                    found = setting;
                }
            }
            if (found == null) {
                var key = entry.getKey().substring(6).toLowerCase(Locale.ROOT).replace('_', '.');
                throw new SettingException(
                        "unknown variable '%s'; the nearest setting is '%s'"
                                .formatted(entry.getKey(), nearest(key)));
            }
            values.put(found, entry.getValue().strip());
        }
    }

    public String text(Setting setting) {
        return Objects.requireNonNull(values.get(setting));
    }

    /// @throws SettingException when it is not a whole number within the range
    public long number(Setting setting, long min, long max) throws SettingException {
        try {
            var number = Long.parseLong(text(setting));
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Told below, with what was expected.
        }
        throw unusable(setting, "a whole number from " + min + " to " + max);
    }

    /// @throws SettingException when it is none of the words
    public String choice(Setting setting, String... words) throws SettingException {
        if (!List.of(words).contains(text(setting))) {
            throw unusable(setting, "one of " + String.join(", ", words));
        }
        return text(setting);
    }

    /// @throws SettingException when it is neither `true` nor `false`
    public boolean flag(Setting setting) throws SettingException {
        return switch (text(setting)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw unusable(setting, "true or false");
        };
    }

    /// A number with `ms`, `s`, `m`, `h` or `d` behind it.
    public Duration duration(Setting setting) throws SettingException {
        var duration = parseDuration(text(setting));
        if (duration == null) {
            throw unusable(setting, "a duration such as 200ms, 30s, 15m, 24h or 90d");
        }
        return duration;
    }

    /// Like [#duration], or null for `forever`.
    public @Nullable Duration durationOrForever(Setting setting) throws SettingException {
        return text(setting).equals("forever") ? null : duration(setting);
    }

    /// A number with nothing, `KB`, `MB` or `GB` (powers of 1024) behind it.
    public long bytes(Setting setting, long min, long max) throws SettingException {
        var bytes = parseBytes(text(setting));
        if (bytes.isPresent() && bytes.getAsLong() >= min && bytes.getAsLong() <= max) {
            return bytes.getAsLong();
        }
        throw unusable(
                setting,
                "a size such as 256KB, 16MB or 1GB, from %d to %d bytes".formatted(min, max));
    }

    /// The number of bytes that a text like `16MB` names; empty when it names none.
    public static OptionalLong parseBytes(String text) {
        var digits = text.replaceFirst("(KB|MB|GB)$", "");
        long unit =
                switch (text.substring(digits.length())) {
                    case "KB" -> 1L << 10;
                    case "MB" -> 1L << 20;
                    case "GB" -> 1L << 30;
                    default -> 1;
                };
        try {
            return OptionalLong.of(Math.multiplyExact(Long.parseLong(digits), unit));
        } catch (NumberFormatException | ArithmeticException _) {
            return OptionalLong.empty();
        }
    }

    /// The duration that a text like `90d` names; null when it names none.
    public static @Nullable Duration parseDuration(String text) {
        var digits = text.replaceFirst("(ms|s|m|h|d|w|y)$", "");
        if (!digits.matches("\\d{1,9}")) {
            return null;
        }
        var number = Long.parseLong(digits);
        return switch (text.substring(digits.length())) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            case "w" -> Duration.ofDays(7 * number);
            case "y" -> Duration.ofDays(365 * number);
            default -> null;
        };
    }

    private SettingException unusable(Setting setting, String expected) {
        return new SettingException(
                "%s: expected %s, got '%s'".formatted(setting.key(), expected, text(setting)));
    }

    private static String nearest(String key) {
        var best = "";
        var bestDistance = Integer.MAX_VALUE;
        for (var candidate : BY_KEY.keySet()) {
            var distance = distance(key, candidate);
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    /// Levenshtein's distance.
    private static int distance(String a, String b) {
        var previous = new int[b.length() + 1];
        for (var j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (var i = 1; i <= a.length(); i++) {
            var current = new int[b.length() + 1];
            current[0] = i;
            for (var j = 1; j <= b.length(); j++) {
                var replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}

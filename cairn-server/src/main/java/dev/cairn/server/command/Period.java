package dev.cairn.server.command;

import dev.cairn.server.configuration.Settings;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The time a question is about: `--since 90d`, or `--from` and `--to`.
final class Period {
    @Option(
            names = "--since",
            paramLabel = "AGO",
            description = "Events of the last 15m, 24h, 90d, 5y, ...")
    private @Nullable String since;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Events from then on: 2026-11-21 or 2026-11-21T08:00:00Z.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Events up to then.")
    private @Nullable String to;

    /// Adds the bounds to a call's query.
    void addTo(Map<String, List<String>> query) throws CommandException {
        if (since != null) {
            var ago = Settings.parseDuration(since);
            if (ago == null) {
                throw new CommandException(
                        "--since: expected a time such as 15m, 24h, 90d or 5y, got '" + since + "'",
                        CommandException.USAGE);
            }
            if (from != null) {
                throw new CommandException(
                        "--since and --from: expected one of them", CommandException.USAGE);
            }
            query.put("from", List.of(InstantSource.system().instant().minus(ago).toString()));
        }
        if (from != null) {
            query.put("from", List.of(time("--from", from).toString()));
        }
        if (to != null) {
            query.put("to", List.of(time("--to", to).toString()));
        }
    }

    static Instant time(String option, String text) throws CommandException {
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException malformed) {
            throw new CommandException(
                    option
                            + ": expected a time such as 2026-11-21 or 2026-11-21T08:00:00Z, got '"
                            + text
                            + "'",
                    CommandException.USAGE);
        }
    }
}

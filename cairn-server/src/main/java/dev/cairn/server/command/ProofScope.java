package dev.cairn.server.command;

import dev.cairn.proof.Scope;
import dev.cairn.server.configuration.Settings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which part of a bucket is proved.
final class ProofScope {
    @Option(
            names = "--since",
            paramLabel = "AGO",
            description = "Only what was delivered in the last 24h, 90d, 1y, ...")
    private @Nullable String since;

    @Option(
            names = "--account",
            paramLabel = "ID",
            description = "Only this account; may be given again.")
    private Set<String> accounts = new LinkedHashSet<>();

    @Option(
            names = "--region",
            paramLabel = "NAME",
            description = "Only this region; may be given again.")
    private Set<String> regions = new LinkedHashSet<>();

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Files read at once (default: ${DEFAULT-VALUE}).")
    private int jobs = 16;

    /// @param copy whether it is a copy of a bucket, of which only a name is known
    Scope of(BucketPlace place, boolean copy) throws CommandException {
        return new Scope(
                place.bucket(), place.prefix(), from(), Optional.empty(), copy, accounts, regions);
    }

    Hands hands() {
        return new Hands(jobs);
    }

    private Optional<Instant> from() throws CommandException {
        if (since == null) {
            return Optional.empty();
        }
        var ago = Settings.parseDuration(since);
        if (ago == null) {
            throw new CommandException(
                    "--since: expected a time such as 24h, 90d or 1y, got '" + since + "'",
                    CommandException.USAGE);
        }
        return Optional.of(InstantSource.system().instant().minus(ago));
    }
}

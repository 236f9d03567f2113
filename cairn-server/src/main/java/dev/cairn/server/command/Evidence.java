package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import dev.cairn.proof.Expectation;
import dev.cairn.proof.Head;
import dev.cairn.proof.Heads;
import dev.cairn.proof.Malformed;
import dev.cairn.proof.Scope;
import dev.cairn.proof.TrustedKeys;
import dev.cairn.proof.Unsealed;
import dev.cairn.proof.Verification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a bucket is held against: none of it comes from the bucket.
///
/// @param listing the keys as ListPublicKeys gives them, for each region one document
/// @param source where keys and heads come from, in words
record Evidence(TrustedKeys keys, String listing, Expectation expectation, String source) {
    /// Clocks differ.
    private static final Duration KEYS_AHEAD = Duration.ofDays(1);

    /// From files alone.
    ///
    /// @param head null when none is known
    static Evidence of(Path keys, @Nullable Path head) throws CommandException {
        var listing = read(keys);
        return new Evidence(
                keys(listing, keys.toString()),
                new String(listing, StandardCharsets.UTF_8),
                head == null ? Expectation.NONE : Expectation.of(heads(head)),
                "keys from %s, heads from %s".formatted(keys, head == null ? "nowhere" : head));
    }

    /// From a server, asked through a connection that stays open as long as this is used.
    ///
    /// @param buckets to be judged; only names of regions are taken from there
    /// @param head what was noted before and must be there, too; null for nothing
    static Evidence of(Connection connection, Buckets buckets, Scope scope, @Nullable Path head)
            throws CommandException, ArchiveException, InterruptedException {
        var testimony = asked(() -> new ServerTestimony(connection, scope.bucket()));
        var regions = new TreeSet<>(testimony.regions());
        regions.addAll(regions(buckets, scope, testimony));
        var listing = new StringBuilder();
        for (var region : regions) {
            var keys = asked(() -> listPublicKeys(connection, region));
            listing.append(keys.toPrettyString()).append('\n');
        }
        return new Evidence(
                keys(listing.toString().getBytes(StandardCharsets.UTF_8), "the server"),
                listing.toString(),
                head == null ? testimony : new Both(Expectation.of(heads(head)), testimony),
                "keys and heads from %s%s"
                        .formatted(
                                connection.endpoint(), head == null ? "" : ", heads from " + head));
    }

    /// All keys of a region that digests were or may be signed with.
    private static JsonNode listPublicKeys(Connection connection, String region)
            throws CommandException, InterruptedException {
        var input =
                TrailCalls.input()
                        .put("StartTime", 0)
                        .put(
                                "EndTime",
                                InstantSource.system().instant().plus(KEYS_AHEAD).getEpochSecond());
        return new TrailCalls(connection).cloudTrail(region, "ListPublicKeys", input);
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask() throws CommandException, InterruptedException;
    }

    /// A server that does not answer, or refuses, leaves nothing to judge with.
    private static <T> T asked(Question<T> question) throws CommandException, InterruptedException {
        try {
            return question.ask();
        } catch (CommandException failure) {
            throw new CommandException(
                    "could not judge: " + failure.getMessage(), CommandException.USAGE);
        }
    }

    private static Set<String> regions(Buckets buckets, Scope scope, ServerTestimony testimony)
            throws CommandException, ArchiveException {
        try {
            return Verification.regions(buckets, scope);
        } catch (ArchiveException failure) {
            if (failure.kind() == ArchiveException.Kind.NO_SUCH_BUCKET
                    && testimony.heads().stream().anyMatch(scope::covers)) {
                throw new CommandException(
                        "NOT proved: the bucket %s is gone, with the digests that the server knows to have been there"
                                .formatted(scope.bucket()),
                        CommandException.FAILED);
            }
            throw failure;
        }
    }

    /// What is known together.
    private record Both(Expectation noted, Expectation server) implements Expectation {
        @Override
        public List<Head> heads() {
            var all = new ArrayList<>(server.heads());
            noted.heads().stream().filter(head -> !all.contains(head)).forEach(all::add);
            return all;
        }

        @Override
        public Optional<Set<String>> pending(String bucket, String account)
                throws ArchiveException {
            return server.pending(bucket, account);
        }

        @Override
        public List<Unsealed> unsealed() throws ArchiveException {
            var all = new ArrayList<>(server.unsealed());
            all.addAll(noted.unsealed());
            return all.stream().distinct().toList();
        }
    }

    private static Heads heads(Path file) throws CommandException {
        try {
            return Heads.parse(read(file));
        } catch (Malformed malformed) {
            throw new CommandException(
                    file + ": " + malformed.getMessage(), CommandException.USAGE);
        }
    }

    private static TrustedKeys keys(byte[] listing, String from) throws CommandException {
        TrustedKeys keys;
        try {
            keys = TrustedKeys.parse(listing);
        } catch (Malformed malformed) {
            throw new CommandException(
                    from + ": " + malformed.getMessage(), CommandException.USAGE);
        }
        if (keys.isEmpty()) {
            throw new CommandException(
                    "expected public keys from %s, found none".formatted(from),
                    CommandException.USAGE);
        }
        return keys;
    }

    private static byte[] read(Path file) throws CommandException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot read " + file + ": " + failure.getMessage(), CommandException.USAGE);
        }
    }
}

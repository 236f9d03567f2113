package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import dev.cairn.proof.Expectation;
import dev.cairn.proof.Head;
import dev.cairn.proof.Unsealed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What a running server says of a bucket (its GetTestimony): trusted instead of the bucket.
///
/// The caller's rights decide of which accounts it speaks; of the others nothing is known.
final class ServerTestimony implements Expectation {
    private static final String PATH = "/cairn/v1/testimony";

    private final Connection connection;
    private final List<Head> heads = new ArrayList<>();
    private final Set<String> regions = new TreeSet<>();

    /// The one account that the server speaks of; empty when it is all.
    private Optional<String> account = Optional.empty();

    /// Asks for the heads; the rest is asked when it is wanted.
    ///
    /// @param bucket only what is in it
    ServerTestimony(Connection connection, String bucket)
            throws CommandException, InterruptedException {
        this.connection = connection;
        for (var head : ask("heads")) {
            if (head.path("bucket").asText().equals(bucket)) {
                regions.add(head.path("region").asText());
                heads.add(
                        new Head(
                                bucket,
                                head.path("digest").asText(),
                                Instant.ofEpochSecond(head.path("digestEndTime").asLong()),
                                head.path("signature").asText()));
            }
        }
    }

    /// The regions whose chains the server knows.
    Set<String> regions() {
        return Set.copyOf(regions);
    }

    @Override
    public List<Head> heads() {
        return List.copyOf(heads);
    }

    @Override
    public Optional<Set<String>> pending(String bucket, String of) throws ArchiveException {
        if (account.isPresent() && !account.get().equals(of)) {
            return Optional.empty();
        }
        var keys = new HashSet<String>();
        for (var file : asked("pending")) {
            if (file.path("bucket").asText().equals(bucket)
                    && file.path("accountId").asText().equals(of)) {
                keys.add(file.path("key").asText());
            }
        }
        return Optional.of(keys);
    }

    @Override
    public List<Unsealed> unsealed() throws ArchiveException {
        var spans = new ArrayList<Unsealed>();
        for (var span : asked("unsealed")) {
            spans.add(
                    new Unsealed(
                            span.path("bucket").asText(),
                            span.path("base").asText(),
                            Instant.ofEpochSecond(span.path("from").asLong()),
                            Instant.ofEpochSecond(span.path("to").asLong()),
                            span.path("sealedBy").asText()));
        }
        return spans;
    }

    private List<JsonNode> asked(String part) throws ArchiveException {
        try {
            return ask(part);
        } catch (CommandException failure) {
            throw new ArchiveException(
                    Kind.UNAVAILABLE,
                    "NoTestimony",
                    "the server does not say what it delivered: " + failure.getMessage(),
                    failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ArchiveException(Kind.UNAVAILABLE, "NoTestimony", "interrupted", interrupted);
        }
    }

    private List<JsonNode> ask(String part) throws CommandException, InterruptedException {
        var all = new ArrayList<JsonNode>();
        var token = "";
        do {
            var page =
                    connection.get(
                            PATH,
                            token.isEmpty()
                                    ? Map.of("part", List.of(part))
                                    : Map.of("part", List.of(part), "nextToken", List.of(token)));
            page.path(part).forEach(all::add);
            account = Optional.ofNullable(page.path("accountId").asText(null));
            token = page.path("nextToken").asText("");
        } while (!token.isEmpty());
        return all;
    }
}

package dev.cairn.server.courier;

import dev.cairn.catalog.CatalogException;
import dev.cairn.connection.Authorization;
import dev.cairn.connection.Connection;
import dev.cairn.connection.ConnectionArn;
import dev.cairn.connection.Connections;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Connections that are to get their first token. One whose server is away is asked again after a
/// pause that doubles up to [#PAUSE_MAX]; one that is refused is DEAUTHORIZED.
public final class Authorizations implements Rounds.Bag<Connection> {
    public static final int AT_ONCE = 32;
    static final Duration PAUSE_MAX = Duration.ofMinutes(5);

    /// For one account.
    private static final int AT_ONCE_OF_ACCOUNT = 8;

    private static final int PAGE = 100;
    private static final Logger LOG = LoggerFactory.getLogger(Authorizations.class);

    private final Connections connections;
    private final Tokens tokens;
    private final InstantSource clock;
    private final Map<ConnectionArn, Pause> pauses = new HashMap<>();
    private final Map<String, Integer> busy = new HashMap<>();

    /// @param of when the connection was changed last: a change is worth asking at once
    /// @param until nobody asks before; the end of time while somebody is asking
    private record Pause(Instant of, int tries, Instant until) {
        boolean isOver(Connection connection, Instant now) {
            return !isAsking() && (isOfOther(connection) || !now.isBefore(until));
        }

        boolean isAsking() {
            return until.equals(Instant.MAX);
        }

        boolean isOfOther(Connection connection) {
            return !of.equals(connection.modified());
        }
    }

    public Authorizations(Connections connections, Tokens tokens, InstantSource clock) {
        this.connections = connections;
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public synchronized List<Connection> due(Instant now, int limit) throws CatalogException {
        var due = new ArrayList<Connection>();
        var seen = new HashSet<ConnectionArn>();
        var after = Optional.<ConnectionArn>empty();
        List<Connection> page;
        do {
            page = connections.authorizing(after, PAGE);
            for (var one : page) {
                after = Optional.of(one.arn());
                seen.add(one.arn());
                if (due.size() < limit && begin(one, now)) {
                    due.add(one);
                }
            }
        } while (page.size() == PAGE && due.size() < limit);
        if (page.size() < PAGE) {
            // All were seen: the others want no token any more.
            pauses.entrySet()
                    .removeIf(one -> !seen.contains(one.getKey()) && !one.getValue().isAsking());
        }
        return due;
    }

    private boolean begin(Connection connection, Instant now) {
        var account = connection.arn().place().account();
        var pause = pauses.get(connection.arn());
        if ((pause != null && !pause.isOver(connection, now))
                || busy.getOrDefault(account, 0) == AT_ONCE_OF_ACCOUNT) {
            return false;
        }
        var tries = pause == null || pause.isOfOther(connection) ? 0 : pause.tries();
        pauses.put(connection.arn(), new Pause(connection.modified(), tries + 1, Instant.MAX));
        busy.merge(account, 1, Integer::sum);
        return true;
    }

    @Override
    public void carry(Connection connection) throws CatalogException {
        var credentials = connections.credentials(connection);
        if (credentials.isEmpty()
                || !(credentials.get().authorization() instanceof Authorization.OAuth oauth)) {
            return; // It was changed meanwhile.
        }
        switch (tokens.first(connection, oauth)) {
            case Tokens.Had.Token _ ->
                    connections.settle(
                            connection, Connection.State.AUTHORIZED, "", clock.instant());
            case Tokens.Had.None(var reason) -> {
                LOG.warn("{} must wait: {}", name(connection), reason);
                connections.settle(
                        connection, Connection.State.AUTHORIZING, reason, clock.instant());
            }
            case Tokens.Had.Refused(var reason) -> {
                LOG.warn("{} is refused: {}", name(connection), reason);
                connections.settle(
                        connection, Connection.State.DEAUTHORIZED, reason, clock.instant());
            }
        }
    }

    @Override
    public synchronized void ended(Connection connection) {
        busy.computeIfPresent(
                connection.arn().place().account(), (_, count) -> count == 1 ? null : count - 1);
        try {
            if (connections.find(connection.arn()).stream()
                    .noneMatch(now -> now.state() == Connection.State.AUTHORIZING)) {
                pauses.remove(connection.arn());
                return;
            }
        } catch (CatalogException unknown) {
            LOG.warn("{} will be asked again: {}", name(connection), unknown.getMessage());
        }
        pauses.computeIfPresent(
                connection.arn(),
                (_, pause) ->
                        new Pause(
                                pause.of(),
                                pause.tries(),
                                clock.instant().plus(pause(pause.tries()))));
    }

    /// Of so many is known when they are asked again.
    synchronized int pausing() {
        return pauses.size();
    }

    private static Duration pause(int tries) {
        var pause = Duration.ofSeconds(1L << Math.min(tries - 1, 16));
        return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
    }

    @Override
    public String name(Connection connection) {
        return "the token of %s".formatted(connection.arn());
    }
}

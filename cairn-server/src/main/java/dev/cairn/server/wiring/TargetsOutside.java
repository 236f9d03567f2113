package dev.cairn.server.wiring;

import dev.cairn.bus.Courier;
import dev.cairn.bus.Destination;
import dev.cairn.bus.Dispatches;
import dev.cairn.bus.Dispatches.Parcel;
import dev.cairn.bus.Pace;
import dev.cairn.bus.Refusal;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.connection.ApiDestination;
import dev.cairn.connection.ApiDestinations;
import dev.cairn.connection.Connections;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.secret.Vault;
import dev.cairn.server.courier.ApiCourier;
import dev.cairn.server.courier.Authorizations;
import dev.cairn.server.courier.FunctionCourier;
import dev.cairn.server.courier.LambdaServer;
import dev.cairn.server.courier.Rounds;
import dev.cairn.server.courier.TargetCalls;
import dev.cairn.server.courier.Tokens;
import dev.cairn.server.operation.Reach;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// Targets of rules that are outside of this server: API destinations, with their connections, and
/// functions.
final class TargetsOutside implements Courier, Reach {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Post post;
    private final Semaphore due = new Semaphore(0);
    private final Semaphore authorizing = new Semaphore(0);
    private final Connections connections;
    private final ApiDestinations destinations;
    private final Tokens tokens;
    private final ApiCourier apis;
    private final Optional<FunctionCourier> functions;
    private final InstantSource clock;
    private final List<Runnable> closings = new ArrayList<>();

    /// @param lambda where functions are; empty when there are none
    TargetsOutside(
            Catalog catalog,
            Vault vault,
            Post post,
            Optional<LambdaServer> lambda,
            InstantSource clock) {
        this.post = post;
        this.clock = clock;
        this.connections = new Connections(catalog, vault, authorizing::release);
        this.destinations = new ApiDestinations(catalog);
        this.tokens = new Tokens(post.calls(), clock);
        this.apis = new ApiCourier(destinations, connections, post.calls(), tokens, clock);
        this.functions =
                lambda.map(server -> new FunctionCourier(server, post.callsAnywhere(), clock));
    }

    Connections connections() {
        return connections;
    }

    ApiDestinations destinations() {
        return destinations;
    }

    Reach reach() {
        return this;
    }

    /// There is something new to tell.
    void wake() {
        due.release();
    }

    /// Starts telling what is new, and once a second what is to be tried again.
    void start(Dispatches dispatches, Dispatches.Refusals refusals) {
        var calls = new TargetCalls(dispatches, new Pace(this::perSecond), this, refusals, clock);
        start("targets-outside", "targets of rules wait", calls, TargetCalls.AT_ONCE, due);
        start(
                "connections",
                "connections wait for a token",
                new Authorizations(connections, tokens, clock),
                Authorizations.AT_ONCE,
                authorizing);
    }

    private <P> void start(
            String name, String waiting, Rounds.Bag<P> bag, int atOnce, Semaphore wake) {
        var rounds = new Rounds<>(bag, atOnce, wake, clock);
        var lookout = new Lookout(name, waiting, LOOK, wake, rounds::look);
        lookout.start();
        closings.add(() -> {
            lookout.close();
            rounds.close();
        });
    }

    /// What is under way is told again after the next start.
    void close() {
        closings.forEach(Runnable::run);
    }

    private int perSecond(Destination destination) throws CatalogException {
        return destination instanceof Destination.ToApi(var arn)
                ? destinations
                        .find(arn)
                        .flatMap(ApiDestination::perSecondMax)
                        .orElse(ApiDestination.PER_SECOND_MAX)
                : ApiDestination.PER_SECOND_MAX;
    }

    @Override
    public Outcome carry(Parcel parcel) throws InterruptedException {
        return switch (parcel.target().destination()) {
            case Destination.ToApi _ -> apis.carry(parcel);
            case Destination.ToFunction _ ->
                    functions.isPresent() ? functions.get().carry(parcel) : noLambda();
            case Destination.ToQueue _,
                    Destination.ToTopic _,
                    Destination.ToGroup _,
                    Destination.ToBus _ ->
                    throw new IllegalArgumentException(
                            "expected a target outside, got " + parcel.target().arn());
        };
    }

    private Outcome noLambda() {
        return new Outcome.Failed(
                new Refusal("NO_RESOURCE", "lambda.endpoint names no Lambda", true),
                clock.instant());
    }

    @Override
    public Optional<String> refusal(String host) {
        return post.refusal(host);
    }

    @Override
    public boolean callsFunctions() {
        return functions.isPresent();
    }
}

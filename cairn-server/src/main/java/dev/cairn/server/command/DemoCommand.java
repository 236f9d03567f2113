package dev.cairn.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.testkit.event.EventGenerator;
import dev.cairn.testkit.event.Story;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = "Runs Cairn with a month of made-up traffic, and says what to try.",
        footerHeading = "%nExamples:%n",
        footer = {"  cairn demo", "  cairn demo --data /tmp/cairn-demo --port 0 --events 200000"})
final class DemoCommand implements Callable<Integer> {
    private static final int BATCH = 500;
    private static final Duration MONTH = Duration.ofDays(30);

    @Mixin private ServeOptions options = new ServeOptions("cairn-demo");

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "20000",
            description = "How many events (default: ${DEFAULT-VALUE}).")
    private int events;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed makes the same traffic (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public Integer call() throws Exception {
        Configuration configuration = options.configuration();
        var stop = StopSignal.listen();
        try (var cairn = ServeCommand.start(configuration)) {
            stop.serving();
            var now = InstantSource.system().instant();
            var settings = EventGenerator.Settings.month(now.minus(MONTH), Math.max(1, events));
            try (var connection =
                    new Connection(
                            cairn.endpoint(),
                            ServerChoice.owner(configuration.data()),
                            configuration.region(),
                            InstantSource.system(),
                            ServerChoice.trust(cairn))) {
                fill(connection, settings, now, stop);
            }
            if (!stop.asked()) {
                Console.out().println(ServeCommand.ready(cairn.endpoint().toString()));
                tell(configuration, settings);
            }
            stop.await();
        } finally {
            stop.closed();
        }
        return 0;
    }

    private void fill(
            Connection connection, EventGenerator.Settings settings, Instant now, StopSignal stop)
            throws CommandException, InterruptedException {
        var known = new HashSet<String>();
        for (JsonNode account :
                connection
                        .get("/cairn/v1/accounts", Map.of("limit", List.of("1000")))
                        .path("accounts")) {
            known.add(account.path("accountId").asText());
        }
        if (known.containsAll(settings.accounts())) {
            return; // Filled by an earlier demo.
        }
        record(connection, settings, now, stop);
        if (stop.asked()) {
            return;
        }
        // The accounts come last: they tell the next demo that this one was filled to the end.
        for (var account : settings.accounts()) {
            if (!known.contains(account)) {
                var body = new ObjectMapper().createObjectNode().put("accountId", account);
                connection.call(
                        "POST",
                        "/cairn/v1/accounts",
                        Map.of(),
                        body.toString().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private void record(
            Connection connection, EventGenerator.Settings settings, Instant now, StopSignal stop)
            throws CommandException, InterruptedException {
        var generator = new EventGenerator(seed, settings);
        generator.place(
                now.minus(Duration.ofHours(5)),
                Story.termination(
                        settings.accounts().getFirst(),
                        settings.regions().getFirst(),
                        "bob",
                        "i-0abc1234def567890"));
        generator.place(
                now.minus(Duration.ofHours(30)),
                Story.accessKeyTheft(
                        settings.accounts().getFirst(),
                        settings.regions().getFirst(),
                        "alice",
                        "bob"));
        try (var bar = Progress.events("demo")) {
            var done = 0;
            while (!generator.done() && !stop.asked()) {
                var batch = new ByteArrayOutputStream();
                for (var i = 0; i < BATCH && !generator.done(); i++) {
                    batch.writeBytes(generator.next());
                    batch.write('\n');
                    done++;
                }
                connection.call("POST", "/intake/v1/events", Map.of(), batch.toByteArray());
                bar.at(done);
            }
        }
    }

    private void tell(Configuration configuration, EventGenerator.Settings settings) {
        var data = " --data " + configuration.data();
        var err = Console.err();
        err.println();
        err.println(
                "A month of made-up traffic in the accounts "
                        + String.join(", ", settings.accounts())
                        + ". Try, in another terminal:");
        err.println();
        err.println("  ./cairn who i-0abc1234def567890" + data);
        err.println("  ./cairn search 'errorCode:AccessDenied' --since 7d" + data);
        err.println("  ./cairn search 'eventName:StopLogging OR eventName:CreateAccessKey'" + data);
        err.println("  ./cairn status" + data);
        err.println(
                "  eval \"$(./cairn env --account "
                        + settings.accounts().getFirst()
                        + data
                        + ")\"");
        err.println(
                "  aws cloudtrail lookup-events --max-items 5 --endpoint-url \"$AWS_ENDPOINT_URL\"");
    }
}

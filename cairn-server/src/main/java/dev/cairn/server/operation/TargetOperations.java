package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.bus.BusName;
import dev.cairn.bus.Destination;
import dev.cairn.bus.EventBuses;
import dev.cairn.bus.EventPath;
import dev.cairn.bus.RuleName;
import dev.cairn.bus.Target;
import dev.cairn.bus.TargetInput;
import dev.cairn.bus.TargetName;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.queue.QueueName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// EventBridge's operations on the targets of rules.
///
/// Source: Amazon EventBridge API Reference.
final class TargetOperations {
    private static final String ID = "Id";
    private static final String ARN = "Arn";
    private static final String ROLE = "RoleArn";
    private static final String INPUT = "Input";
    private static final String PATH = "InputPath";
    private static final String TRANSFORMER = "InputTransformer";
    private static final String PATHS = "InputPathsMap";
    private static final String TEMPLATE = "InputTemplate";
    private static final String HTTP = "HttpParameters";
    private static final String HTTP_PATH = "PathParameterValues";
    private static final String HTTP_HEADERS = "HeaderParameters";
    private static final String HTTP_QUERY = "QueryStringParameters";
    private static final String RETRY = "RetryPolicy";
    private static final String ATTEMPTS = "MaximumRetryAttempts";
    private static final String AGE = "MaximumEventAgeInSeconds";
    private static final String DEAD_LETTERS = "DeadLetterConfig";

    private static final List<String> NOT_BUILT =
            List.of(
                    "KinesisParameters",
                    "RunCommandParameters",
                    "EcsParameters",
                    "BatchParameters",
                    "SqsParameters",
                    "RedshiftDataParameters",
                    "SageMakerPipelineParameters",
                    "AppSyncParameters");

    /// How many targets are read at once where an ARN picks some.
    private static final int READ = 500;

    private final EventBuses buses;
    private final Reach reach;

    TargetOperations(EventBuses buses, Reach reach) {
        this.buses = buses;
        this.reach = reach;
    }

    ObjectNode put(Invocation call, Transaction tx) throws CatalogException {
        var rule = BusCall.rule(call, "Rule");
        var targets = new ArrayList<Target>();
        for (var asked : call.input().path("Targets")) {
            targets.add(target(rule, asked));
        }
        buses.put(tx, rule, targets);
        return noneFailed();
    }

    ObjectNode remove(Invocation call, Transaction tx) throws CatalogException {
        var ids = new TreeSet<String>();
        call.input().path("Ids").forEach(id -> ids.add(id.asText()));
        buses.removeTargets(tx, BusCall.rule(call, "Rule"), ids);
        return noneFailed();
    }

    private static ObjectNode noneFailed() {
        var output = JsonNodeFactory.instance.objectNode().put("FailedEntryCount", 0);
        output.putArray("FailedEntries");
        return output;
    }

    private Target target(RuleName rule, JsonNode asked) {
        var id = asked.path(ID).asText();
        for (var member : NOT_BUILT) {
            if (asked.has(member)) {
                throw BusService.notBuilt(member);
            }
        }
        var arn = asked.path(ARN).asText();
        var destination = destination(rule, arn);
        var input = input(id, asked);
        if (destination instanceof Destination.ToBus && !(input instanceof TargetInput.Whole)) {
            throw BusService.invalid(
                    "Target %s is an event bus, which takes events as they are: without Input, InputPath and InputTransformer."
                            .formatted(id));
        }
        return new Target(
                new TargetName(rule, id),
                arn,
                asked.path(ROLE).asText(""),
                input,
                http(destination, asked.path(HTTP)),
                new Target.Retry(
                        number(asked.path(RETRY).path(ATTEMPTS)),
                        number(asked.path(RETRY).path(AGE)).map(Duration::ofSeconds)),
                deadLetters(asked));
    }

    /// @throws Failure for what a rule cannot have as a target
    Destination destination(RuleName rule, String arn) {
        var destination =
                Destination.ofArn(arn)
                        .orElseThrow(() ->
                                arn.matches("arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+")
                                        ? BusService.notBuilt("The target " + arn)
                                        : BusService.invalid(
                                                "Parameter %s is not valid. Reason: Provided Arn is not in correct format."
                                                        .formatted(arn)));
        if (destination instanceof Destination.ToBus(BusName bus)) {
            if (bus.equals(rule.bus())) {
                throw BusService.invalid("A rule cannot have its own event bus as a target.");
            }
            if (!bus.place().account().equals(rule.bus().place().account())) {
                throw BusService.notBuilt("A bus of another account as a target");
            }
        }
        if (destination instanceof Destination.ToGroup(var group)
                && !group.account().equals(rule.bus().place().account())) {
            throw BusService.invalid("The log group of another account cannot be a target.");
        }
        if (destination instanceof Destination.ToApi(var api)
                && !api.place().equals(rule.bus().place())) {
            throw BusService.invalid(
                    "The API destination of another account or region cannot be a target.");
        }
        if (destination instanceof Destination.ToFunction(var function)) {
            if (!reach.callsFunctions()) {
                throw BusService.notBuilt(
                        "The target %s, as long as the setting lambda.endpoint names no Lambda,"
                                .formatted(arn));
            }
            if (!function.account().equals(rule.bus().place().account())) {
                throw BusService.invalid("The function of another account cannot be a target.");
            }
        }
        return destination;
    }

    private static Target.Http http(Destination destination, JsonNode asked) {
        if (asked.isMissingNode()) {
            return Target.Http.NONE;
        }
        if (!(destination instanceof Destination.ToApi)) {
            throw BusService.invalid("HttpParameters are for targets that are API destinations.");
        }
        var path = new ArrayList<String>();
        asked.path(HTTP_PATH).forEach(one -> path.add(one.asText()));
        return new Target.Http(
                path, named(asked.path(HTTP_HEADERS)), named(asked.path(HTTP_QUERY)));
    }

    private static Map<String, String> named(JsonNode asked) {
        var named = new TreeMap<String, String>();
        asked.properties().forEach(one -> named.put(one.getKey(), one.getValue().asText()));
        return named;
    }

    private static TargetInput input(String id, JsonNode asked) {
        var given = List.of(INPUT, PATH, TRANSFORMER).stream().filter(asked::has).toList();
        if (given.size() > 1) {
            throw BusService.invalid(
                    "Only one of Input, InputPath, or InputTransformer must be provided for target %s."
                            .formatted(id));
        }
        if (asked.has(INPUT)) {
            var json = asked.path(INPUT).asText();
            if (!TargetInput.isJson(json)) {
                throw BusService.invalid("JSON syntax error in input for target %s".formatted(id));
            }
            return new TargetInput.Constant(json);
        }
        if (asked.has(PATH)) {
            return new TargetInput.Part(path(id, asked.path(PATH).asText()));
        }
        return asked.has(TRANSFORMER)
                ? template(id, asked.path(TRANSFORMER))
                : new TargetInput.Whole();
    }

    private static TargetInput template(String id, JsonNode asked) {
        var paths = new TreeMap<String, String>();
        asked.path(PATHS)
                .properties()
                .forEach(one -> {
                    if (one.getKey().startsWith("AWS")) {
                        throw BusService.invalid(
                                "InputPathsMap of target %s has the name %s: those that begin with AWS are reserved."
                                        .formatted(id, one.getKey()));
                    }
                    paths.put(one.getKey(), path(id, one.getValue().asText()));
                });
        var template = new TargetInput.Template(paths, asked.path(TEMPLATE).asText());
        if (!template.unknown().isEmpty()) {
            throw BusService.invalid(
                    "InputTemplate for target %s contains invalid placeholder %s."
                            .formatted(id, template.unknown().iterator().next()));
        }
        return template;
    }

    private static String path(String id, String path) {
        if (EventPath.of(path).isEmpty()) {
            throw BusService.invalid(
                    "Invalid JSON path for target %s: expected such as $.detail.items[0].id, got %s"
                            .formatted(id, path));
        }
        return path;
    }

    private static Optional<Integer> number(JsonNode asked) {
        return asked.isMissingNode() ? Optional.empty() : Optional.of(asked.asInt());
    }

    private static Optional<String> deadLetters(JsonNode asked) {
        var arn = asked.path(DEAD_LETTERS).path(ARN);
        if (arn.isMissingNode()) {
            return Optional.empty();
        }
        if (QueueName.ofArn(arn.asText()).isEmpty()) {
            throw BusService.invalid(
                    "Parameter DeadLetterConfig is not valid. Reason: expected the ARN of a standard queue, got "
                            + arn.asText());
        }
        return Optional.of(arn.asText());
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var rule = BusCall.rule(call, "Rule");
        buses.expect(rule.bus());
        buses.expect(rule);
        var limit = BusCall.limit(call);
        var found = buses.targets(rule, NameToken.after(call, "NextToken"), limit + 1);
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("Targets");
        found.stream().limit(limit).map(TargetOperations::shown).forEach(items::add);
        if (found.size() > limit) {
            output.put("NextToken", NameToken.of(found.get(limit - 1).name().id()));
        }
        return output;
    }

    private static ObjectNode shown(Target target) {
        var shown =
                JsonNodeFactory.instance
                        .objectNode()
                        .put(ID, target.name().id())
                        .put(ARN, target.arn());
        if (!target.role().isEmpty()) {
            shown.put(ROLE, target.role());
        }
        switch (target.input()) {
            case TargetInput.Whole() -> {}
            case TargetInput.Constant(var json) -> shown.put(INPUT, json);
            case TargetInput.Part(var path) -> shown.put(PATH, path);
            case TargetInput.Template(var paths, var text) -> {
                var transformer = shown.putObject(TRANSFORMER);
                if (!paths.isEmpty()) {
                    var map = transformer.putObject(PATHS);
                    paths.forEach(map::put);
                }
                transformer.put(TEMPLATE, text);
            }
        }
        if (!target.http().isNone()) {
            show(target.http(), shown.putObject(HTTP));
        }
        target.deadLetters().ifPresent(arn -> shown.putObject(DEAD_LETTERS).put(ARN, arn));
        if (target.retry().attempts().isPresent() || target.retry().age().isPresent()) {
            var retry = shown.putObject(RETRY);
            target.retry().attempts().ifPresent(some -> retry.put(ATTEMPTS, some));
            target.retry().age().ifPresent(age -> retry.put(AGE, age.toSeconds()));
        }
        return shown;
    }

    private static void show(Target.Http http, ObjectNode shown) {
        if (!http.path().isEmpty()) {
            http.path().forEach(shown.putArray(HTTP_PATH)::add);
        }
        if (!http.headers().isEmpty()) {
            http.headers().forEach(shown.putObject(HTTP_HEADERS)::put);
        }
        if (!http.query().isEmpty()) {
            http.query().forEach(shown.putObject(HTTP_QUERY)::put);
        }
    }

    /// The names of the rules that have a target of an ARN.
    ObjectNode rules(Invocation call) throws CatalogException {
        var bus = BusCall.bus(call, "EventBusName");
        buses.expect(bus);
        var limit = BusCall.limit(call);
        var found = ofTarget(bus, call.text("TargetArn", ""));
        found.removeIf(name -> name.compareTo(after(call)) <= 0);
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("RuleNames");
        found.stream().limit(limit).forEach(items::add);
        if (found.size() > limit) {
            output.put(
                    "NextToken", NameToken.of(found.stream().skip(limit - 1L).findFirst().get()));
        }
        return output;
    }

    private static String after(Invocation call) {
        return NameToken.after(call, "NextToken");
    }

    /// A bus has at most [EventBuses#RULES_MAX] rules: they are gone through at once.
    private Set<String> ofTarget(BusName bus, String arn) throws CatalogException {
        var found = new TreeSet<String>();
        var after = Optional.<TargetName>empty();
        List<Target> page;
        do {
            page = buses.targets(bus, after, READ);
            for (var target : page) {
                if (target.arn().equals(arn)) {
                    found.add(target.name().rule().name());
                }
                after = Optional.of(target.name());
            }
        } while (page.size() == READ);
        return found;
    }
}

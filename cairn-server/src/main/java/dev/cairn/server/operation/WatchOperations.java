package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.bus.BusName;
import dev.cairn.bus.Destination;
import dev.cairn.bus.RuleName;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.topic.Subscription;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import dev.cairn.watch.AtMost;
import dev.cairn.watch.Threshold;
import dev.cairn.watch.Watch;
import dev.cairn.watch.WatchCondition;
import dev.cairn.watch.WatchName;
import dev.cairn.watch.WatchState;
import dev.cairn.watch.WatchTelling;
import dev.cairn.watch.Watches;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Cairn's own operations on watches, but for their test, which [WatchTests] has.
///
/// Whoever removes or pauses a watch is told of to the topic that it told: nobody switches one off
/// unseen.
final class WatchOperations {
    private static final int PAGE = 100;
    private static final String ADDRESS = "address";
    private static final String MAIL = "mailto:";

    /// What the topic of a watch that tells an address is called, before its name.
    private static final String OWN_TOPIC = "cairn-watch-";

    private final Watches watches;
    private final WatchTelling telling;
    private final Topics topics;
    private final TopicSubscriptions subscriptions;
    private final TargetOperations targets;
    private final WatchSets sets = new WatchSets();

    WatchOperations(
            Operations.WatchParts parts,
            Topics topics,
            TopicSubscriptions subscriptions,
            TargetOperations targets) {
        this.watches = parts.watches();
        this.telling = parts.telling();
        this.topics = topics;
        this.subscriptions = subscriptions;
        this.targets = targets;
    }

    /// A change whose callers are told what is wrong with a condition before the transaction
    /// begins: to read one takes its time.
    private interface Work {
        ObjectNode run(Invocation call, Transaction tx) throws CatalogException;
    }

    private Operation.Change change(Work work, java.util.function.Consumer<Invocation> check) {
        return new Operation.Change() {
            @Override
            public ObjectNode run(Invocation call, Transaction tx) throws CatalogException {
                return work.run(call, tx);
            }

            @Override
            public void prepare(Invocation call) throws CatalogException {
                check.accept(call);
                telling.prepare(call.now());
            }
        };
    }

    Operation.Change create() {
        return change(
                this::create,
                call -> {
                    watch(call).condition().check();
                    address(call);
                });
    }

    Operation.Change delete() {
        return change(this::delete, _ -> {});
    }

    Operation.Change pause() {
        return change((call, tx) -> pause(call, tx, true), _ -> {});
    }

    Operation.Change resume() {
        return change((call, tx) -> pause(call, tx, false), _ -> {});
    }

    Operation.Change enable() {
        return change(
                this::enable,
                call -> {
                    ofSet(call).forEach(watch -> watch.condition().check());
                    address(call);
                });
    }

    // What is asked for.

    /// The condition that a call names.
    ///
    /// @throws Failure UNSUPPORTED_OPERATION for what is not built
    static WatchCondition condition(Invocation call) {
        var kind = call.text("kind", "");
        if (kind.equals("sql")) {
            throw new Failure(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    "A watch by SQL is not built. docs/gaps.md says what is missing and why");
        }
        return WatchCondition.of(kind, call.text("text", ""));
    }

    static WatchName name(Invocation call) {
        return WatchName.checked(call.caller().account(), call.text("name", ""));
    }

    private Watch watch(Invocation call) {
        var threshold = threshold(call);
        return new Watch(
                name(call),
                condition(call),
                Optional.ofNullable(call.input().path("region").textValue()),
                topic(call),
                pace(call, threshold),
                threshold,
                reaction(call),
                new Watch.Words(call.text("sentence", ""), "", ""),
                false,
                "",
                call.now());
    }

    /// How many events it takes, where the call says so.
    static Optional<Threshold> threshold(Invocation call) {
        var given = call.input().path("moreThan");
        return given.isMissingNode()
                ? Optional.empty()
                : Optional.of(
                        Threshold.checked(
                                given.path("events").asLong(),
                                given.path("seconds").asLong(),
                                Optional.ofNullable(given.path("per").textValue())));
    }

    private static AtMost pace(Invocation call, Optional<Threshold> threshold) {
        var given = call.input().path("atMost");
        return given.isMissingNode()
                ? threshold.isEmpty() ? AtMost.DEFAULT : AtMost.DEFAULT_OF_BURSTS
                : AtMost.checked(given.path("messages").asLong(), given.path("seconds").asLong());
    }

    /// What is to be called, where the call says so: what a rule of the topic's region may have as
    /// a target, but for buses and log groups.
    private Optional<String> reaction(Invocation call) {
        var arn = call.text("reaction", "");
        if (arn.isEmpty()) {
            return Optional.empty();
        }
        if (arn.startsWith("https://")) {
            throw invalid(
                    "reaction: expected an ARN; for a URL make an API destination (aws events create-api-destination)");
        }
        var place = new Place(call.caller().account(), topic(call).region());
        var rule = new RuleName(BusName.ofDefault(place), "reaction");
        return switch (targets.destination(rule, arn)) {
            case Destination.ToFunction _,
                    Destination.ToApi _,
                    Destination.ToQueue _,
                    Destination.ToTopic _ ->
                    Optional.of(arn);
            case Destination.ToBus _, Destination.ToGroup _ ->
                    throw invalid(
                            "reaction: expected a function, an API destination, a queue or a topic, got "
                                    + arn);
        };
    }

    /// The topic that a call names, by its name in the region that is called, or by its ARN. Who
    /// names an address instead means a topic of the watch's own.
    private static TopicArn topic(Invocation call) {
        var asked = call.text("topic", "");
        var account = call.caller().account();
        if (asked.isEmpty() == call.text(ADDRESS, "").isEmpty()) {
            throw invalid("expected a topic, or an address");
        }
        var named = asked.isEmpty() ? OWN_TOPIC + call.text("set", call.text("name", "")) : asked;
        if (asked.isEmpty() && !TopicArn.isName(named)) {
            throw invalid(
                    "address: expected a watch without a dot in its name, or a topic to tell");
        }
        var arn =
                TopicArn.isName(named)
                        ? new TopicArn(call.region(), account, named)
                        : TopicArn.of(named)
                                .orElseThrow(() ->
                                        invalid(
                                                "topic: expected a topic's name or ARN, got '%s'"
                                                        .formatted(named)));
        if (!arn.account().equals(account)) {
            throw invalid("topic: expected one of the account " + account + ", got " + arn);
        }
        return arn;
    }

    private static Failure invalid(String words) {
        return new Failure(ErrorCode.VALIDATION, words);
    }

    /// Where mails or requests go, where the call says so: as a subscription of the topic.
    private Optional<Topics.Wanted> address(Invocation call) {
        var address = call.text(ADDRESS, "");
        if (address.isEmpty()) {
            return Optional.empty();
        }
        var mail = address.startsWith(MAIL);
        if (!mail && !address.startsWith("https://")) {
            throw invalid("address: expected mailto:you@example.org, or a URL with https");
        }
        var wanted =
                new Topics.Wanted(
                        topic(call),
                        call.caller().account(),
                        mail ? Subscription.Protocol.EMAIL : Subscription.Protocol.HTTPS,
                        mail ? address.substring(MAIL.length()) : address,
                        Subscription.Terms.DEFAULTS);
        try {
            subscriptions.checkEndpoint(wanted.protocol(), wanted.endpoint());
        } catch (Failure refused) {
            throw invalid("address: " + refused.message().replaceFirst("^.* Reason: ", ""));
        }
        return Optional.of(wanted);
    }

    /// Sees to it that a topic is there, and that it has the subscription that is wanted.
    private void see(Transaction tx, TopicArn topic, Invocation call) throws CatalogException {
        var subscriber = address(call);
        if (topics.find(tx, topic).isEmpty()) {
            if (subscriber.isEmpty() && !call.input().path("makeTopic").asBoolean(false)) {
                throw new Failure(
                        ErrorCode.RESOURCE_NOT_FOUND,
                        "There is no topic %s; make it first, or with makeTopic (--make-topic)"
                                .formatted(topic));
            }
            topics.create(tx, topic, Map.of(), Map.of());
        }
        if (subscriber.isPresent()) {
            topics.subscribe(tx, subscriber.get(), false, call.now());
        }
    }

    // What is done.

    private ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        var watch = watch(call);
        see(tx, watch.topic(), call);
        watches.create(tx, List.of(watch));
        return answer(watch, WatchState.NONE);
    }

    private ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        var gone = watches.remove(tx, name(call));
        telling.ended(tx, gone.watch(), gone.state(), "removed", call.caller().arn(), call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    private ObjectNode pause(Invocation call, Transaction tx, boolean paused)
            throws CatalogException {
        var done = watches.pause(tx, name(call), paused);
        if (paused && done.changed()) {
            // What it holds is told in time all the same.
            telling.ended(
                    tx, done.watch(), WatchState.NONE, "paused", call.caller().arn(), call.now());
        }
        return answer(done.watch(), watches.state(tx, done.watch().name()));
    }

    ObjectNode get(Invocation call) throws CatalogException {
        var name = name(call);
        var watch = watches.expect(name);
        var output = answer(watch, watches.state(name));
        var givenUp = watches.givenUp(name);
        var shown = (ObjectNode) output.path("watch");
        if (givenUp > 0) {
            shown.put("valuesGivenUp", givenUp);
        }
        if (watch.reaction().isPresent()) {
            var reactions = watches.reactions(name);
            shown.put("reactions", reactions.asked()).put("reactionsLeftOut", reactions.leftOut());
        }
        return output;
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var limit = call.number("limit", PAGE);
        var page = watches.list(call.caller().account(), NameToken.after(call, "nextToken"), limit);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("watches");
        for (var watch : page) {
            list.add(json(watch, watches.state(watch.name())));
        }
        if (page.size() == limit) {
            output.put("nextToken", NameToken.of(page.getLast().name().name()));
        }
        return output;
    }

    // Sets.

    private WatchSets.WatchSetText set(Invocation call) {
        var name = call.text("set", "");
        return sets.named(name)
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.RESOURCE_NOT_FOUND,
                                "There is no set of watches '%s'; there are %s"
                                        .formatted(
                                                name,
                                                String.join(
                                                        ", ",
                                                        sets.all().stream()
                                                                .map(WatchSets.WatchSetText::name)
                                                                .toList()))));
    }

    private List<Watch> ofSet(Invocation call) {
        var exceptions = new ArrayList<String>();
        for (var one : call.input().path("exceptions")) {
            if (!one.asText().matches("arn:aws:[A-Za-z0-9:/+=,.@_-]+")) {
                throw invalid("exceptions: expected ARNs of callers, got '" + one.asText() + "'");
            }
            exceptions.add(one.asText());
        }
        var set = set(call);
        if (!exceptions.isEmpty()
                && set.items().stream().noneMatch(WatchSets.Item::hasExceptions)) {
            throw invalid("exceptions: the set " + set.name() + " knows none");
        }
        var asked = threshold(call);
        if (asked.isPresent()
                && set.items().stream().allMatch(item -> item.threshold().isEmpty())) {
            throw invalid("moreThan: the set " + set.name() + " counts nothing");
        }
        return set.items().stream()
                .map(item -> watch(call, set, item.counting(asked), exceptions))
                .toList();
    }

    private Watch watch(
            Invocation call,
            WatchSets.WatchSetText set,
            WatchSets.Item item,
            List<String> exceptions) {
        return item.watch(
                set,
                call.caller().account(),
                topic(call),
                pace(call, item.threshold()),
                reaction(call),
                exceptions,
                call.now());
    }

    /// Makes the watches of a set that are not there. Those that are stay as they are, and are
    /// named where they do not do what is asked for.
    private ObjectNode enable(Invocation call, Transaction tx) throws CatalogException {
        var wanted = ofSet(call);
        var topic = wanted.getFirst().topic();
        see(tx, topic, call);
        var output = JsonNodeFactory.instance.objectNode().put("topicArn", topic.toString());
        var made = output.putArray("made");
        var kept = output.putArray("kept");
        var differing = output.putArray("differing");
        var missing = new ArrayList<Watch>();
        for (var watch : wanted) {
            var there = watches.find(tx, watch.name());
            if (there.isEmpty()) {
                missing.add(watch);
                made.add(watch.name().name());
                continue;
            }
            kept.add(watch.name().name());
            var how = difference(there.get(), watch);
            if (!how.isEmpty()) {
                differing.addObject().put("name", watch.name().name()).put("how", how);
            }
        }
        watches.create(tx, missing);
        return output;
    }

    /// How a watch that is there is another than the one that is asked for; empty when it is not.
    private static String difference(Watch there, Watch wanted) {
        var how = new ArrayList<String>();
        if (there.paused()) {
            how.add("is paused");
        }
        if (!there.condition().equals(wanted.condition())) {
            how.add("waits for something else");
        }
        there.region().ifPresent(region -> how.add("sees " + region + " only"));
        if (!there.topic().equals(wanted.topic())) {
            how.add("tells " + there.topic());
        }
        if (!there.atMost().equals(wanted.atMost())) {
            how.add("tells at most " + there.atMost());
        }
        if (!there.threshold().equals(wanted.threshold())) {
            how.add(
                    there.threshold()
                            .map(threshold -> "tells of more than " + threshold)
                            .orElse("tells of each"));
        }
        if (!there.reaction().equals(wanted.reaction())) {
            how.add("calls " + there.reaction().orElse("nothing"));
        }
        return String.join(", ", how);
    }

    ObjectNode sets(Invocation call) {
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("sets");
        for (var set : sets.all()) {
            var shown =
                    list.addObject().put("name", set.name()).put("description", set.description());
            var items = shown.putArray("watches");
            for (var item : set.items()) {
                var shownItem = items.addObject();
                item.threshold().ifPresent(threshold -> put(shownItem, threshold));
                shownItem
                        .put("name", item.name())
                        .put("kind", item.kind())
                        .put("text", item.condition(List.of()).text())
                        .put("sentence", item.words().say())
                        .put("means", item.words().means())
                        .put("act", item.words().act());
            }
        }
        return output;
    }

    // How it is shown.

    private static ObjectNode answer(Watch watch, WatchState state) {
        var output = JsonNodeFactory.instance.objectNode();
        output.set("watch", json(watch, state));
        return output;
    }

    private static ObjectNode json(Watch watch, WatchState state) {
        var json =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("name", watch.name().name())
                        .put("kind", watch.condition().kind())
                        .put("text", watch.condition().text())
                        .put("topicArn", watch.topic().toString())
                        .put("sentence", watch.sentence())
                        .put("paused", watch.paused())
                        .put("createTime", watch.created().getEpochSecond())
                        .put("taken", state.taken())
                        .put("told", state.told())
                        .put("held", state.held().map(WatchState.Held::count).orElse(0L));
        json.putObject("atMost")
                .put("messages", watch.atMost().messages())
                .put("seconds", watch.atMost().period().toSeconds());
        watch.region().ifPresent(region -> json.put("region", region));
        watch.threshold().ifPresent(threshold -> put(json, threshold));
        watch.reaction().ifPresent(reaction -> json.put("reaction", reaction));
        put(json, "means", watch.words().means());
        put(json, "act", watch.words().act());
        put(json, "set", watch.of());
        put(json, "refused", state.refused());
        state.held()
                .ifPresent(held ->
                        json.put("heldSince", seconds(held.since()))
                                .put("heldUntil", seconds(held.due())));
        state.last()
                .ifPresent(last ->
                        json.put("lastTime", seconds(last.time())).put("lastEventId", last.id()));
        return json;
    }

    private static void put(ObjectNode json, Threshold threshold) {
        var shown =
                json.putObject("moreThan")
                        .put("events", threshold.more())
                        .put("seconds", threshold.period().toSeconds());
        threshold.per().ifPresent(per -> shown.put("per", per));
    }

    private static long seconds(Instant time) {
        return time.getEpochSecond();
    }

    private static void put(ObjectNode json, String name, String text) {
        if (!text.isEmpty()) {
            json.put(name, text);
        }
    }
}

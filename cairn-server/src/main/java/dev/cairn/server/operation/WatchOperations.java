package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.topic.TopicArn;
import dev.cairn.topic.Topics;
import dev.cairn.watch.AtMost;
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

    private final Watches watches;
    private final WatchTelling telling;
    private final Topics topics;
    private final WatchSets sets = new WatchSets();

    WatchOperations(Operations.WatchParts parts, Topics topics) {
        this.watches = parts.watches();
        this.telling = parts.telling();
        this.topics = topics;
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
        return change(this::create, call -> watch(call).condition().check());
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
                this::enable, call -> ofSet(call).forEach(watch -> watch.condition().check()));
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

    private static Watch watch(Invocation call) {
        return new Watch(
                name(call),
                condition(call),
                Optional.ofNullable(call.input().path("region").textValue()),
                topic(call),
                pace(call),
                new Watch.Words(call.text("sentence", ""), "", ""),
                false,
                "",
                call.now());
    }

    private static AtMost pace(Invocation call) {
        var given = call.input().path("atMost");
        return given.isMissingNode()
                ? AtMost.DEFAULT
                : AtMost.checked(given.path("messages").asLong(), given.path("seconds").asLong());
    }

    /// The topic that a call names, by its name in the region that is called, or by its ARN.
    private static TopicArn topic(Invocation call) {
        var named = call.text("topic", "");
        var account = call.caller().account();
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

    /// Sees to it that a topic is there.
    private void see(Transaction tx, TopicArn topic, Invocation call) throws CatalogException {
        if (topics.find(tx, topic).isPresent()) {
            return;
        }
        if (!call.input().path("makeTopic").asBoolean(false)) {
            throw new Failure(
                    ErrorCode.RESOURCE_NOT_FOUND,
                    "There is no topic %s; make it first, or with makeTopic (--make-topic)"
                            .formatted(topic));
        }
        topics.create(tx, topic, Map.of(), Map.of());
    }

    // What is done.

    private ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        var watch = watch(call);
        see(tx, watch.topic(), call);
        watches.create(tx, watch);
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
        return answer(watches.expect(name), watches.state(name));
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
        return WatchSets.watches(
                set, call.caller().account(), topic(call), pace(call), exceptions, call.now());
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
        for (var watch : wanted) {
            var there = watches.find(tx, watch.name());
            if (there.isEmpty()) {
                watches.create(tx, watch);
                made.add(watch.name().name());
                continue;
            }
            kept.add(watch.name().name());
            var how = difference(there.get(), watch);
            if (!how.isEmpty()) {
                differing.addObject().put("name", watch.name().name()).put("how", how);
            }
        }
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
                items.addObject()
                        .put("name", item.name())
                        .put("kind", "filter")
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

    private static long seconds(Instant time) {
        return time.getEpochSecond();
    }

    private static void put(ObjectNode json, String name, String text) {
        if (!text.isEmpty()) {
            json.put(name, text);
        }
    }
}

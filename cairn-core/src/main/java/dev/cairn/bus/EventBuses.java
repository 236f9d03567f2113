package dev.cairn.bus;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.pattern.EventPattern;
import dev.cairn.pattern.EventPatternException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The event buses of all accounts, with their rules and targets. Any thread may call any method;
/// those with a transaction change things, or see what the transaction sees.
///
/// Every account has a default bus in every region; it has a document only when it has tags.
///
/// Source: Amazon EventBridge API Reference.
public final class EventBuses {
    /// How many buses an account may have in a region, and rules on a bus, and targets of a rule:
    /// what EventBridge allows before anyone asks for more.
    public static final int BUSES_MAX = 100;

    /// As [#BUSES_MAX].
    public static final int RULES_MAX = 300;

    /// As [#BUSES_MAX].
    public static final int TARGETS_MAX = 5;

    /// The most tags of a bus or rule.
    public static final int TAGS_MAX = 50;

    private static final String CHANGES = "event-buses";
    private static final String CHANGES_KEY = "counters";
    private static final String GENERATION = "generation";

    private final Catalog catalog;

    public EventBuses(Catalog catalog) {
        this.catalog = catalog;
    }

    /// Rises with each change of a bus, rule or target.
    public long generation() throws CatalogException {
        return generation(catalog.get(CHANGES, CHANGES_KEY));
    }

    /// As [#generation()], as a transaction sees it.
    public long generation(Transaction tx) throws CatalogException {
        return generation(tx.get(CHANGES, CHANGES_KEY));
    }

    private static long generation(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? 0 : Long.parseLong(Fields.of(document.get()).text(GENERATION));
    }

    private static void countChange(Transaction tx) throws CatalogException {
        Optional<Document> document = tx.get(CHANGES, CHANGES_KEY);
        String json =
                Fields.none().with(GENERATION, Long.toString(generation(document) + 1)).json();
        if (document.isEmpty()) {
            tx.create(CHANGES, CHANGES_KEY, json);
        } else {
            tx.replace(document.get(), json);
        }
    }

    // Buses.

    /// Empty when there is none of that name.
    public Optional<EventBus> find(BusName name) throws CatalogException {
        return bus(name, catalog.get(BusDocuments.BUS, name.key()));
    }

    private static Optional<EventBus> bus(BusName name, Optional<Document> document)
            throws CatalogException {
        if (document.isPresent()) {
            return Optional.of(BusDocuments.bus(document.get()));
        }
        return name.isDefault()
                ? Optional.of(new EventBus(name, "", Instant.EPOCH, Instant.EPOCH, Map.of()))
                : Optional.empty();
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public EventBus expect(BusName name) throws CatalogException {
        return find(name).orElseThrow(() -> noBus(name));
    }

    /// As [#expect(BusName)], as a transaction sees it.
    public EventBus expect(Transaction tx, BusName name) throws CatalogException {
        return bus(name, tx.get(BusDocuments.BUS, name.key())).orElseThrow(() -> noBus(name));
    }

    /// EventBridge's words for a bus that is not there.
    public static Failure noBus(BusName name) {
        return new Failure(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Event bus %s does not exist.".formatted(name.name()));
    }

    /// An account's buses of a region in order of name, without a default one that has no document.
    ///
    /// @param prefix that their names begin with; empty for all
    /// @param after the last name of the page before; empty for the first page
    public List<EventBus> list(Place place, String prefix, String after, int limit)
            throws CatalogException {
        String all = BusName.prefix(place);
        List<EventBus> buses = new ArrayList<>();
        for (Document document :
                catalog.list(
                        BusDocuments.BUS,
                        all + prefix,
                        after.isEmpty() ? "" : all + after,
                        limit)) {
            buses.add(BusDocuments.bus(document));
        }
        return buses;
    }

    /// @throws Failure RESOURCE_ALREADY_EXISTS, LIMIT_EXCEEDED
    public void create(
            Transaction tx, BusName name, String description, Map<String, String> tags, Instant at)
            throws CatalogException {
        if (name.isDefault() || tx.get(BusDocuments.BUS, name.key()).isPresent()) {
            throw new Failure(
                    ErrorCode.RESOURCE_ALREADY_EXISTS,
                    "Event bus %s already exists.".formatted(name.name()));
        }
        if (tx.list(BusDocuments.BUS, BusName.prefix(name.place()), "", BUSES_MAX).size()
                >= BUSES_MAX) {
            throw tooMany("An account has at most %d event buses in a region.", BUSES_MAX);
        }
        Instant now = at.truncatedTo(ChronoUnit.MILLIS);
        tx.create(
                BusDocuments.BUS,
                name.key(),
                BusDocuments.json(new EventBus(name, description, now, now, checked(tags))));
        countChange(tx);
    }

    /// Does nothing when there is none, as on AWS.
    ///
    /// @throws Failure VALIDATION when it is the default one, or has rules
    public void delete(Transaction tx, BusName name) throws CatalogException {
        if (name.isDefault()) {
            throw invalid("Cannot delete event bus default.");
        }
        if (!tx.list(BusDocuments.RULE, RuleName.prefix(name), "", 1).isEmpty()) {
            throw invalid("Event bus can't be deleted since it has rules.");
        }
        Optional<Document> document = tx.get(BusDocuments.BUS, name.key());
        if (document.isPresent()) {
            tx.delete(document.get());
            countChange(tx);
        }
    }

    /// @throws Failure RESOURCE_NOT_FOUND, LIMIT_EXCEEDED
    public void tag(Transaction tx, BusName name, Map<String, String> tags, Instant now)
            throws CatalogException {
        EventBus bus = expect(tx, name);
        Map<String, String> all = new TreeMap<>(bus.tags());
        all.putAll(tags);
        write(tx, bus.withTags(checked(all), now.truncatedTo(ChronoUnit.MILLIS)));
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public void untag(Transaction tx, BusName name, Collection<String> keys, Instant now)
            throws CatalogException {
        EventBus bus = expect(tx, name);
        Map<String, String> rest = new TreeMap<>(bus.tags());
        keys.forEach(rest::remove);
        write(tx, bus.withTags(rest, now.truncatedTo(ChronoUnit.MILLIS)));
    }

    private static void write(Transaction tx, EventBus bus) throws CatalogException {
        put(tx, BusDocuments.BUS, bus.name().key(), BusDocuments.json(bus));
    }

    // Rules.

    /// Whether any account has a rule.
    boolean hasRules() throws CatalogException {
        return !catalog.list(BusDocuments.RULE, "", "", 1).isEmpty();
    }

    public Optional<Rule> find(RuleName name) throws CatalogException {
        Optional<Document> document = catalog.get(BusDocuments.RULE, name.key());
        return document.isEmpty()
                ? Optional.empty()
                : Optional.of(BusDocuments.rule(document.get()));
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public Rule expect(RuleName name) throws CatalogException {
        return find(name).orElseThrow(() -> noRule(name));
    }

    /// As [#expect(RuleName)], as a transaction sees it.
    Rule expect(Transaction tx, RuleName name) throws CatalogException {
        return BusDocuments.rule(document(tx, name));
    }

    private static Document document(Transaction tx, RuleName name) throws CatalogException {
        return tx.get(BusDocuments.RULE, name.key()).orElseThrow(() -> noRule(name));
    }

    private static Failure noRule(RuleName name) {
        return new Failure(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Rule %s does not exist on EventBus %s.".formatted(name.name(), name.bus().name()));
    }

    /// A bus's rules in order of name.
    ///
    /// @param prefix that their names begin with; empty for all
    /// @param after the last name of the page before; empty for the first page
    public List<Rule> rules(BusName bus, String prefix, String after, int limit)
            throws CatalogException {
        String all = RuleName.prefix(bus);
        List<Rule> rules = new ArrayList<>();
        for (Document document :
                catalog.list(
                        BusDocuments.RULE,
                        all + prefix,
                        after.isEmpty() ? "" : all + after,
                        limit)) {
            rules.add(BusDocuments.rule(document));
        }
        return rules;
    }

    /// Makes a rule, or gives one that is there another look; it keeps its tags then, as on AWS.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND, INVALID_EVENT_PATTERN, VALIDATION, LIMIT_EXCEEDED
    public void put(Transaction tx, Rule rule, Instant now) throws CatalogException {
        expect(tx, rule.name().bus());
        check(rule);
        Optional<Document> document = tx.get(BusDocuments.RULE, rule.name().key());
        if (document.isPresent()) {
            Map<String, String> tags = BusDocuments.rule(document.get()).tags();
            tx.replace(document.get(), BusDocuments.json(rule.withTags(tags)));
        } else {
            if (tx.list(BusDocuments.RULE, RuleName.prefix(rule.name().bus()), "", RULES_MAX).size()
                    >= RULES_MAX) {
                throw tooMany("An event bus has at most %d rules.", RULES_MAX);
            }
            checked(rule.tags());
            tx.create(BusDocuments.RULE, rule.name().key(), BusDocuments.json(rule));
        }
        Schedules.follow(tx, rule, now);
        countChange(tx);
    }

    private static void check(Rule rule) {
        if (rule.pattern().isEmpty() && rule.schedule().isEmpty()) {
            throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
        }
        if (rule.schedule().isPresent() && !rule.name().bus().isDefault()) {
            throw invalid("ScheduleExpression is supported only on the default event bus.");
        }
        if (rule.pattern().isPresent()) {
            pattern(rule.pattern().get());
        }
    }

    /// Reads what a caller gives as a pattern.
    ///
    /// @throws Failure INVALID_EVENT_PATTERN, with the reason
    public static EventPattern pattern(String json) {
        try {
            return EventPattern.ofStranger(json);
        } catch (EventPatternException wrong) {
            throw new Failure(
                    ErrorCode.INVALID_EVENT_PATTERN,
                    "Event pattern is not valid. Reason: " + wrong.message());
        }
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public void switchTo(Transaction tx, RuleName name, Rule.State state, Instant now)
            throws CatalogException {
        expect(tx, name.bus());
        Document document = document(tx, name);
        Rule rule = BusDocuments.rule(document).with(state);
        tx.replace(document, BusDocuments.json(rule));
        Schedules.follow(tx, rule, now);
        countChange(tx);
    }

    /// Does nothing when there is none, as on AWS.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND when there is no such bus; VALIDATION when it has targets
    public void delete(Transaction tx, RuleName name) throws CatalogException {
        expect(tx, name.bus());
        if (!tx.list(BusDocuments.TARGET, TargetName.prefix(name), "", 1).isEmpty()) {
            throw invalid("Rule can't be deleted since it has targets.");
        }
        Optional<Document> document = tx.get(BusDocuments.RULE, name.key());
        if (document.isPresent()) {
            tx.delete(document.get());
            Schedules.forget(tx, name);
            countChange(tx);
        }
    }

    /// @throws Failure RESOURCE_NOT_FOUND, LIMIT_EXCEEDED
    public void tag(Transaction tx, RuleName name, Map<String, String> tags)
            throws CatalogException {
        Document document = document(tx, name);
        Rule rule = BusDocuments.rule(document);
        Map<String, String> all = new TreeMap<>(rule.tags());
        all.putAll(tags);
        tx.replace(document, BusDocuments.json(rule.withTags(checked(all))));
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public void untag(Transaction tx, RuleName name, Collection<String> keys)
            throws CatalogException {
        Document document = document(tx, name);
        Rule rule = BusDocuments.rule(document);
        Map<String, String> rest = new TreeMap<>(rule.tags());
        keys.forEach(rest::remove);
        tx.replace(document, BusDocuments.json(rule.withTags(rest)));
    }

    // Targets.

    /// A rule's targets in order of id.
    ///
    /// @param after the last id of the page before; empty for the first page
    public List<Target> targets(RuleName rule, String after, int limit) throws CatalogException {
        String all = TargetName.prefix(rule);
        return targets(
                catalog.list(BusDocuments.TARGET, all, after.isEmpty() ? "" : all + after, limit));
    }

    /// All targets of a bus's rules, by rule, in order of id.
    ///
    /// @param after the last one of the page before; empty for the first page
    public List<Target> targets(BusName bus, Optional<TargetName> after, int limit)
            throws CatalogException {
        return targets(
                catalog.list(
                        BusDocuments.TARGET,
                        RuleName.prefix(bus),
                        after.map(TargetName::key).orElse(""),
                        limit));
    }

    private static List<Target> targets(List<Document> documents) throws CatalogException {
        List<Target> targets = new ArrayList<>();
        for (Document document : documents) {
            targets.add(BusDocuments.target(document));
        }
        return targets;
    }

    /// Gives a rule targets, in the place of those with the same ids.
    ///
    /// @param targets all of this rule
    /// @throws Failure RESOURCE_NOT_FOUND, LIMIT_EXCEEDED
    public void put(Transaction tx, RuleName rule, List<Target> targets) throws CatalogException {
        expect(tx, rule.bus());
        document(tx, rule);
        for (Target target : targets) {
            put(tx, BusDocuments.TARGET, target.name().key(), BusDocuments.json(target));
        }
        if (tx.list(BusDocuments.TARGET, TargetName.prefix(rule), "", TARGETS_MAX + 1).size()
                > TARGETS_MAX) {
            throw tooMany("A rule has at most %d targets.", TARGETS_MAX);
        }
        countChange(tx);
    }

    /// Ids that no target has are passed over.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public void removeTargets(Transaction tx, RuleName rule, Collection<String> ids)
            throws CatalogException {
        expect(tx, rule.bus());
        document(tx, rule);
        for (String id : ids) {
            Optional<Document> document =
                    tx.get(BusDocuments.TARGET, new TargetName(rule, id).key());
            if (document.isPresent()) {
                tx.delete(document.get());
            }
        }
        countChange(tx);
    }

    private static void put(Transaction tx, String kind, String key, String json)
            throws CatalogException {
        Optional<Document> there = tx.get(kind, key);
        if (there.isPresent()) {
            tx.replace(there.get(), json);
        } else {
            tx.create(kind, key, json);
        }
    }

    private static Map<String, String> checked(Map<String, String> tags) {
        if (tags.size() > TAGS_MAX) {
            throw tooMany("A resource has at most %d tags.", TAGS_MAX);
        }
        return tags;
    }

    private static Failure invalid(String words) {
        return new Failure(ErrorCode.VALIDATION, words);
    }

    private static Failure tooMany(String words, int most) {
        return new Failure(ErrorCode.LIMIT_EXCEEDED, words.formatted(most));
    }
}

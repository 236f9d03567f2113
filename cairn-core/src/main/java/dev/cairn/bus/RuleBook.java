package dev.cairn.bus;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.pattern.EventPatternException;
import dev.cairn.pattern.PatternSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The rules of the buses that were asked last, ready to judge by. Any thread may ask.
public final class RuleBook {
    /// So many rules are kept in all: a large one takes some ten KB of memory.
    static final int RULES_KEPT = 20_000;

    private final Map<BusName, Page> pages = new LinkedHashMap<>(16, 0.75f, true);
    private long generation = -1;
    private int rules;

    /// The rules of one bus.
    ///
    /// @param all patterns of the rules that act
    /// @param ofPassive patterns of those that get management calls which change nothing
    /// @param targets by the rule's name
    public record Page(
            PatternSet all, PatternSet ofPassive, Map<String, List<Target>> targets, int rules) {
        /// Whom an event is to be told to, and which rules could not be asked.
        ///
        /// @param targets of all rules that want it
        /// @param tooComplex names of the rules for which it has too many values
        public record Wanted(int rules, List<Target> targets, List<String> tooComplex) {}

        /// Asks all rules.
        public Wanted wanted(BusEvent event) {
            PatternSet.Verdict verdict = (event.passive() ? ofPassive : all).judge(event.json());
            List<Target> whom = new ArrayList<>();
            for (String rule : verdict.taken()) {
                whom.addAll(targets.getOrDefault(rule, List.of()));
            }
            return new Wanted(verdict.taken().size(), whom, List.copyOf(verdict.tooComplex()));
        }
    }

    /// How a page is read: from the catalog, or as a transaction sees it.
    private interface Reading {
        long generation() throws CatalogException;

        List<Document> list(String kind, String prefix, String after) throws CatalogException;
    }

    /// The rules of a bus, as of a generation of all of them.
    ///
    /// @param generation of [EventBuses#generation()]; what is read may be newer
    public Page page(Catalog catalog, long generation, BusName bus) throws CatalogException {
        return page(
                bus,
                new Reading() {
                    @Override
                    public long generation() {
                        return generation;
                    }

                    @Override
                    public List<Document> list(String kind, String prefix, String after)
                            throws CatalogException {
                        return catalog.list(kind, prefix, after, Catalog.LIMIT_MAX);
                    }
                });
    }

    /// The rules of a bus, as a transaction sees them.
    public Page page(Transaction tx, EventBuses buses, BusName bus) throws CatalogException {
        return page(
                bus,
                new Reading() {
                    @Override
                    public long generation() throws CatalogException {
                        return buses.generation(tx);
                    }

                    @Override
                    public List<Document> list(String kind, String prefix, String after)
                            throws CatalogException {
                        return tx.list(kind, prefix, after, Catalog.LIMIT_MAX);
                    }
                });
    }

    private synchronized Page page(BusName bus, Reading reading) throws CatalogException {
        long now = reading.generation();
        if (now != generation) {
            pages.clear();
            rules = 0;
            generation = now;
        }
        Page there = pages.get(bus);
        if (there != null) {
            return there;
        }
        Page made = read(bus, reading);
        pages.put(bus, made);
        rules += 1 + made.rules();
        Iterator<Page> oldest = pages.values().iterator();
        while (rules > RULES_KEPT) {
            rules -= 1 + oldest.next().rules();
            oldest.remove();
        }
        return made;
    }

    private static Page read(BusName bus, Reading reading) throws CatalogException {
        Map<String, String> all = new HashMap<>();
        Map<String, String> ofPassive = new HashMap<>();
        for (Document document : documents(BusDocuments.RULE, bus, reading)) {
            Rule rule = BusDocuments.rule(document);
            if (rule.pattern().isPresent() && rule.state() != Rule.State.DISABLED) {
                all.put(rule.name().name(), rule.pattern().get());
                if (rule.state() == Rule.State.ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS) {
                    ofPassive.put(rule.name().name(), rule.pattern().get());
                }
            }
        }
        Map<String, List<Target>> targets = new HashMap<>();
        if (!all.isEmpty()) {
            for (Document document : documents(BusDocuments.TARGET, bus, reading)) {
                Target target = BusDocuments.target(document);
                targets.computeIfAbsent(target.name().rule().name(), _ -> new ArrayList<>())
                        .add(target);
            }
        }
        try {
            return new Page(new PatternSet(all), new PatternSet(ofPassive), targets, all.size());
        } catch (EventPatternException e) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "expected patterns that were checked when put, on the bus " + bus.arn(),
                    e);
        }
    }

    private static List<Document> documents(String kind, BusName bus, Reading reading)
            throws CatalogException {
        List<Document> all = new ArrayList<>();
        List<Document> page;
        do {
            page =
                    reading.list(
                            kind, RuleName.prefix(bus), all.isEmpty() ? "" : all.getLast().key());
            all.addAll(page);
        } while (page.size() == Catalog.LIMIT_MAX);
        return all;
    }
}

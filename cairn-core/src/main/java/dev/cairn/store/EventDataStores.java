package dev.cairn.store;

import dev.cairn.access.Policy;
import dev.cairn.access.ResourcePolicy;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Ledger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The event data stores of a catalog.
///
/// **Changes take effect at a position.** Each change makes a new version, which holds from the
/// ends that the ledger's partitions have while the change's transaction runs, so that for each
/// position it is settled for ever whether a store takes it.
///
/// **What a reader must do.** Read events of the ledger first, then ask [#course], which takes its
/// turn with changes: one that came before is seen, and one that comes later holds from positions
/// behind the events that were read. What is decided then stays decided, whenever it is decided
/// again.
///
/// Any thread may call any method.
public final class EventDataStores {
    /// How long a deleted store can be restored.
    public static final Duration PENDING_DELETION = Duration.ofDays(7);

    /// Of an account in a region, those about to be deleted counted.
    /// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
    public static final int STORES_MAX = 10;

    /// How many versions a store may have that its reader still needs.
    public static final int VERSIONS_MAX = 1000;

    /// The most tags of a store.
    public static final int TAGS_MAX = 50;

    /// What a store's policy may be about.
    private static final Set<String> ASKED_BY =
            Set.of(
                    "cloudtrail:StartQuery",
                    "cloudtrail:CancelQuery",
                    "cloudtrail:ListQueries",
                    "cloudtrail:DescribeQuery",
                    "cloudtrail:GetQueryResults",
                    "cloudtrail:GenerateQuery",
                    "cloudtrail:GenerateQueryResultsSummary",
                    "cloudtrail:GetEventDataStore");

    private static final String STATE = "event-data-store";
    private static final String VERSION = "event-data-store-version";

    private final Catalog catalog;
    private final Ledger ledger;

    public EventDataStores(Catalog catalog, Ledger ledger) {
        this.catalog = catalog;
        this.ledger = ledger;
    }

    // What readers need.

    /// Every store there is, those about to be deleted included. A glance: for what it takes of
    /// events that were read, ask [#course].
    public List<StoreState> all() throws CatalogException {
        return states(catalog::list, "");
    }

    /// A store with all that its reader needs to decide about events read before; empty when it is
    /// gone.
    public Optional<StoreCourse> course(EventDataStore store) throws CatalogException {
        return catalog.<Optional<StoreCourse>, RuntimeException>write(tx -> {
            Optional<Document> document = tx.get(STATE, key(store));
            if (document.isEmpty()) {
                return Optional.empty();
            }
            List<StoreVersion> versions = new ArrayList<>();
            for (Document version : versions(tx, store)) {
                versions.add(StoreDocuments.version(version));
            }
            return Optional.of(new StoreCourse(StoreDocuments.state(document.get()), versions));
        });
    }

    /// Lets go of versions that hold for no position from these on.
    ///
    /// @param needed by partition, the first offset that is not dealt with
    public void release(EventDataStore store, List<Long> needed) throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            List<Document> documents = versions(tx, store);
            for (int i = 0; i + 1 < documents.size(); i++) {
                List<Long> next = StoreDocuments.version(documents.get(i + 1)).from();
                boolean over = true;
                for (int partition = 0; partition < next.size(); partition++) {
                    over &= next.get(partition) <= needed.get(partition);
                }
                if (!over) {
                    break;
                }
                tx.delete(documents.get(i));
            }
            return true;
        });
    }

    /// Removes a store for ever whose time to be restored is over. Its table is removed afterwards.
    ///
    /// @return whether it was removed
    public boolean removeDue(EventDataStore store, Instant now) throws CatalogException {
        return catalog.<Boolean, RuntimeException>write(tx -> {
            Optional<Document> document = tx.get(STATE, key(store));
            if (document.isEmpty()) {
                return false;
            }
            Instant deleted = StoreDocuments.state(document.get()).deleted();
            if (deleted == null || now.isBefore(deleted.plus(PENDING_DELETION))) {
                return false;
            }
            for (Document version : versions(tx, store)) {
                tx.delete(version);
            }
            tx.delete(document.get());
            return true;
        });
    }

    // What the API needs.

    /// The store of that account, region and id.
    public Optional<StoreState> find(String account, String region, String id)
            throws CatalogException {
        return state(catalog.get(STATE, within(account, region) + id));
    }

    /// The store of that account, region and id, as a transaction sees it.
    public Optional<StoreState> find(Transaction tx, String account, String region, String id)
            throws CatalogException {
        return state(tx.get(STATE, within(account, region) + id));
    }

    /// The stores of an account in a region, in order of id.
    public List<StoreState> of(String account, String region) throws CatalogException {
        return states(catalog::list, within(account, region));
    }

    /// Makes a store.
    ///
    /// @throws Failure EVENT_DATA_STORE_ALREADY_EXISTS, EVENT_DATA_STORE_MAX_LIMIT_EXCEEDED,
    ///   TAGS_LIMIT_EXCEEDED
    public StoreState create(
            Transaction tx,
            EventDataStore store,
            boolean ingesting,
            Map<String, String> tags,
            Instant now)
            throws CatalogException {
        List<StoreState> others = checkName(tx, store);
        checkLimit(others.size(), store);
        StoreState state =
                new StoreState(
                        store, ingesting, now, now, null, checked(new TreeMap<>(tags)), null, null);
        tx.create(STATE, key(store), StoreDocuments.json(state));
        add(tx, state, null);
        return state;
    }

    /// Gives a store other settings. Id, account and region stay, and whether it takes what comes
    /// through channels.
    ///
    /// @throws Failure EVENT_DATA_STORE_NOT_FOUND, EVENT_DATA_STORE_ALREADY_EXISTS,
    ///   INACTIVE_EVENT_DATA_STORE, INVALID_EVENT_SELECTORS, CONFLICT
    public StoreState update(Transaction tx, EventDataStore store, Instant now)
            throws CatalogException {
        StoreState old = active(tx, store);
        checkName(tx, store);
        if (old.store().takesActivity() != store.takesActivity()) {
            throw new Failure(
                    ErrorCode.INVALID_EVENT_SELECTORS,
                    "An event data store takes either CloudTrail events or ActivityAuditLog ones, and stays with them.");
        }
        return change(
                tx,
                new StoreState(
                        store.fedBy(old.store().channels()),
                        old.ingesting(),
                        old.created(),
                        now,
                        null,
                        old.tags(),
                        old.federationRole(),
                        old.policy()));
    }

    /// Has a store fed by other channels than before, from here on.
    ///
    /// @param channels their ARNs, those that feed it already included
    /// @throws Failure EVENT_DATA_STORE_NOT_FOUND, CONFLICT
    public void feed(Transaction tx, EventDataStore store, Set<String> channels)
            throws CatalogException {
        StoreState old = expect(tx, store);
        change(
                tx,
                new StoreState(
                        old.store().fedBy(channels),
                        old.ingesting(),
                        old.created(),
                        old.updated(),
                        old.deleted(),
                        old.tags(),
                        old.federationRole(),
                        old.policy()));
    }

    /// Starts or stops the taking of events.
    ///
    /// @throws Failure EVENT_DATA_STORE_NOT_FOUND, INVALID_EVENT_DATA_STORE_CATEGORY where channels
    ///   decide it, INVALID_EVENT_DATA_STORE_STATUS when it is so already or about to be deleted,
    ///   CONFLICT
    public StoreState ingest(Transaction tx, EventDataStore store, boolean ingesting, Instant now)
            throws CatalogException {
        StoreState old = expect(tx, store);
        if (old.store().takesActivity()) {
            throw new Failure(
                    ErrorCode.INVALID_EVENT_DATA_STORE_CATEGORY,
                    "Expected an event data store of CloudTrail events, got %s, which channels feed."
                            .formatted(store.arn()));
        }
        if (old.deleted() != null || old.ingesting() == ingesting) {
            throw new Failure(
                    ErrorCode.INVALID_EVENT_DATA_STORE_STATUS,
                    "Expected an event data store that is %s, got %s, which is %s."
                            .formatted(
                                    ingesting
                                            ? StoreState.Status.STOPPED_INGESTION
                                            : StoreState.Status.ENABLED,
                                    store.arn(),
                                    old.status()));
        }
        return change(
                tx,
                new StoreState(
                        old.store(),
                        ingesting,
                        old.created(),
                        now,
                        null,
                        old.tags(),
                        old.federationRole(),
                        old.policy()));
    }

    /// Marks a store to be deleted. It takes nothing more, and can be restored for
    /// [#PENDING_DELETION].
    ///
    /// @throws Failure EVENT_DATA_STORE_NOT_FOUND, EVENT_DATA_STORE_TERMINATION_PROTECTED,
    ///   EVENT_DATA_STORE_FEDERATION_ENABLED, INACTIVE_EVENT_DATA_STORE, CHANNEL_EXISTS_FOR_EDS,
    ///   CONFLICT
    public void delete(Transaction tx, EventDataStore store, Instant now) throws CatalogException {
        StoreState old = active(tx, store);
        if (old.store().terminationProtection()) {
            throw new Failure(
                    ErrorCode.EVENT_DATA_STORE_TERMINATION_PROTECTED,
                    "The event data store %s cannot be deleted: termination protection is enabled."
                            .formatted(store.arn()));
        }
        if (!old.store().channels().isEmpty()) {
            throw new Failure(
                    ErrorCode.CHANNEL_EXISTS_FOR_EDS,
                    "The event data store %s cannot be deleted: it is a destination of %s."
                            .formatted(store.arn(), String.join(", ", old.store().channels())));
        }
        if (old.federationRole() != null) {
            throw federated(store);
        }
        change(
                tx,
                new StoreState(
                        old.store(),
                        old.ingesting(),
                        old.created(),
                        now,
                        now,
                        old.tags(),
                        old.federationRole(),
                        old.policy()));
    }

    /// Takes a deletion back.
    ///
    /// @throws Failure EVENT_DATA_STORE_NOT_FOUND, INVALID_EVENT_DATA_STORE_STATUS when it is not
    ///   about to be deleted, CONFLICT
    public StoreState restore(Transaction tx, EventDataStore store, Instant now)
            throws CatalogException {
        StoreState old = expect(tx, store);
        if (old.deleted() == null) {
            throw new Failure(
                    ErrorCode.INVALID_EVENT_DATA_STORE_STATUS,
                    "Expected an event data store that is PENDING_DELETION, got %s, which is %s."
                            .formatted(store.arn(), old.status()));
        }
        return change(
                tx,
                new StoreState(
                        old.store(),
                        old.ingesting(),
                        old.created(),
                        now,
                        null,
                        old.tags(),
                        old.federationRole(),
                        old.policy()));
    }

    /// Gives a store other tags.
    ///
    /// @throws Failure EVENT_DATA_STORE_NOT_FOUND, INACTIVE_EVENT_DATA_STORE, TAGS_LIMIT_EXCEEDED
    public void tag(Transaction tx, EventDataStore store, Map<String, String> tags)
            throws CatalogException {
        StoreState old = active(tx, store);
        tx.replace(
                expectDocument(tx, store),
                StoreDocuments.json(
                        new StoreState(
                                old.store(),
                                old.ingesting(),
                                old.created(),
                                old.updated(),
                                old.deleted(),
                                checked(new TreeMap<>(tags)),
                                old.federationRole(),
                                old.policy())));
    }

    /// Opens the table of a store to other engines, or closes it to them.
    ///
    /// @param role the ARN that is named for it; null to close it
    /// @throws Failure EVENT_DATA_STORE_NOT_FOUND, INACTIVE_EVENT_DATA_STORE,
    ///   EVENT_DATA_STORE_FEDERATION_ENABLED when it is open already
    public void federate(Transaction tx, EventDataStore store, @Nullable String role)
            throws CatalogException {
        StoreState old = active(tx, store);
        if (role != null && old.federationRole() != null) {
            throw federated(store);
        }
        tx.replace(
                expectDocument(tx, store),
                StoreDocuments.json(
                        new StoreState(
                                old.store(),
                                old.ingesting(),
                                old.created(),
                                old.updated(),
                                old.deleted(),
                                old.tags(),
                                role,
                                old.policy())));
    }

    /// Gives a store a resource policy.
    ///
    /// @throws Failure EVENT_DATA_STORE_NOT_FOUND, INACTIVE_EVENT_DATA_STORE;
    ///   RESOURCE_POLICY_NOT_VALID when it is none, or about something else
    public void guard(Transaction tx, EventDataStore store, String policy) throws CatalogException {
        StoreState old = active(tx, store);
        ResourcePolicy.check(policy, store.arn(), ASKED_BY);
        tx.replace(expectDocument(tx, store), StoreDocuments.json(old.guarded(policy)));
    }

    /// Takes a store's resource policy away.
    ///
    /// @throws Failure EVENT_DATA_STORE_NOT_FOUND, INACTIVE_EVENT_DATA_STORE,
    ///   RESOURCE_POLICY_NOT_FOUND
    public void unguard(Transaction tx, EventDataStore store) throws CatalogException {
        StoreState old = active(tx, store);
        if (old.policy() == null) {
            throw new Failure(ErrorCode.RESOURCE_POLICY_NOT_FOUND);
        }
        tx.replace(expectDocument(tx, store), StoreDocuments.json(old.guarded(null)));
    }

    /// What a store's policy says; [Policy#NONE] when it has none.
    public static Policy policy(StoreState state) throws CatalogException {
        return ResourcePolicy.of(state.policy(), state.store().arn());
    }

    private static Failure federated(EventDataStore store) {
        return new Failure(
                ErrorCode.EVENT_DATA_STORE_FEDERATION_ENABLED,
                "Federation is enabled for the event data store %s; disable it first."
                        .formatted(store.arn()));
    }

    private StoreState change(Transaction tx, StoreState state) throws CatalogException {
        tx.replace(expectDocument(tx, state.store()), StoreDocuments.json(state));
        List<Document> versions = versions(tx, state.store());
        if (versions.size() >= VERSIONS_MAX) {
            throw new Failure(
                    ErrorCode.CONFLICT,
                    "The event data store was changed %d times while events were pending. Try again when it has caught up."
                            .formatted(VERSIONS_MAX));
        }
        add(tx, state, versions.getLast());
        return state;
    }

    /// Adds a version. Its predecessor goes where it held for no position.
    private void add(Transaction tx, StoreState state, @Nullable Document lastDocument)
            throws CatalogException {
        List<Long> from = new ArrayList<>();
        for (int partition = 0; partition < ledger.partitions(); partition++) {
            from.add(ledger.span(partition).end());
        }
        int number = 1;
        if (lastDocument != null) {
            StoreVersion last = StoreDocuments.version(lastDocument);
            number = last.number() + 1;
            if (last.from().equals(from)) {
                tx.delete(lastDocument);
            }
        }
        StoreVersion version =
                new StoreVersion(
                        number, state.store(), state.status() == StoreState.Status.ENABLED, from);
        tx.create(
                VERSION,
                "%s/%010d".formatted(key(state.store()), number),
                StoreDocuments.json(version));
    }

    private static List<Document> versions(Transaction tx, EventDataStore store)
            throws CatalogException {
        return tx.list(VERSION, key(store) + "/", "", Catalog.LIMIT_MAX);
    }

    private static List<StoreState> checkName(Transaction tx, EventDataStore store)
            throws CatalogException {
        List<StoreState> others =
                states(tx::list, within(store.account(), store.region())).stream()
                        .filter(other -> !other.store().id().equals(store.id()))
                        .toList();
        for (StoreState other : others) {
            if (other.store().name().equals(store.name())) {
                throw new Failure(
                        ErrorCode.EVENT_DATA_STORE_ALREADY_EXISTS,
                        "An event data store with the name %s already exists: %s"
                                .formatted(store.name(), other.store().arn()));
            }
        }
        return others;
    }

    private static void checkLimit(int others, EventDataStore store) {
        if (others >= STORES_MAX) {
            throw new Failure(
                    ErrorCode.EVENT_DATA_STORE_MAX_LIMIT_EXCEEDED,
                    "The account %s already has %d event data stores in %s."
                            .formatted(store.account(), others, store.region()));
        }
    }

    private static Map<String, String> checked(Map<String, String> tags) {
        if (tags.size() > TAGS_MAX) {
            throw new Failure(
                    ErrorCode.TAGS_LIMIT_EXCEEDED,
                    "Expected at most %d tags, got %d.".formatted(TAGS_MAX, tags.size()));
        }
        return tags;
    }

    private interface Listing {
        List<Document> list(String kind, String keyPrefix, String after, int limit)
                throws CatalogException;
    }

    private static List<StoreState> states(Listing listing, String prefix) throws CatalogException {
        List<StoreState> states = new ArrayList<>();
        String after = "";
        List<Document> page;
        do {
            page = listing.list(STATE, prefix, after, Catalog.LIMIT_MAX);
            for (Document document : page) {
                states.add(StoreDocuments.state(document));
                after = document.key();
            }
        } while (page.size() == Catalog.LIMIT_MAX);
        return List.copyOf(states);
    }

    private static Optional<StoreState> state(Optional<Document> document) throws CatalogException {
        return document.isEmpty()
                ? Optional.empty()
                : Optional.of(StoreDocuments.state(document.get()));
    }

    private static StoreState expect(Transaction tx, EventDataStore store) throws CatalogException {
        return StoreDocuments.state(expectDocument(tx, store));
    }

    /// @throws Failure INACTIVE_EVENT_DATA_STORE when it is about to be deleted
    private static StoreState active(Transaction tx, EventDataStore store) throws CatalogException {
        StoreState state = expect(tx, store);
        if (state.deleted() != null) {
            throw inactive(store);
        }
        return state;
    }

    /// The refusal to work with a store that is about to be deleted.
    public static Failure inactive(EventDataStore store) {
        return new Failure(
                ErrorCode.INACTIVE_EVENT_DATA_STORE,
                "The event data store %s is PENDING_DELETION; it can only be restored."
                        .formatted(store.arn()));
    }

    private static Document expectDocument(Transaction tx, EventDataStore store)
            throws CatalogException {
        return tx.get(STATE, key(store))
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                                "There is no event data store %s.".formatted(store.arn())));
    }

    private static String key(EventDataStore store) {
        return within(store.account(), store.region()) + store.id();
    }

    /// The account's length comes first, so that no account's stores stand among another's.
    private static String within(String account, String region) {
        return account.length() + ":" + account + "/" + region + "/";
    }
}

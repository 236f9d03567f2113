package dev.cairn.channel;

import dev.cairn.access.Policy;
import dev.cairn.access.ResourcePolicy;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreId;
import dev.cairn.store.StoreState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The channels of a catalog.
///
/// Which channels feed an event data store is said by the store's versions, so that it takes effect
/// at a position, as all that decides what a store takes: each change here changes the stores
/// concerned in the same transaction.
///
/// Any thread may call any method.
public final class Channels {
    /// The most tags of a channel.
    public static final int TAGS_MAX = 50;

    /// Where events of a channel may come from: what is said for everyone, then AWS's partners
    /// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store-integration.html).
    /// One channel of an account and region for each: its quota of 25 is never reached.
    private static final Set<String> SOURCES =
            Set.of(
                    "Custom",
                    "CloudStorageSecurityConsole",
                    "Clumio",
                    "CrowdStrike",
                    "CyberArk",
                    "GitHub",
                    "IBMMulticloud",
                    "KongGatewayEnterprise",
                    "LaunchDarkly",
                    "MontyCloud",
                    "NetskopeCloudExchange",
                    "OktaSystemLogEvents",
                    "OneLogin",
                    "Shoreline",
                    "Snyk",
                    "WizAuditLogs");

    private static final Set<String> ASKED_BY = Set.of("cloudtrail-data:PutAuditEvents");

    private static final String KIND = "channel";
    private static final String TAG = "tag:";

    private final Catalog catalog;
    private final EventDataStores stores;

    public Channels(Catalog catalog, EventDataStores stores) {
        this.catalog = catalog;
        this.stores = stores;
    }

    /// The channel of that account, region and id.
    public Optional<Channel> find(String account, String region, String id)
            throws CatalogException {
        return channel(catalog.get(KIND, within(account, region) + id));
    }

    /// The channel of that account, region and id, as a transaction sees it.
    public Optional<Channel> find(Transaction tx, String account, String region, String id)
            throws CatalogException {
        return channel(tx.get(KIND, within(account, region) + id));
    }

    /// The channels of an account in a region, in order of id: fewer than there are sources.
    public List<Channel> of(String account, String region) throws CatalogException {
        return channels(catalog.list(KIND, within(account, region), "", Catalog.LIMIT_MAX));
    }

    /// Makes a channel.
    ///
    /// @throws Failure INVALID_SOURCE, CHANNEL_ALREADY_EXISTS, TAGS_LIMIT_EXCEEDED, and what is
    ///   wrong with its destinations, as [#update]
    public void create(Transaction tx, Channel channel) throws CatalogException {
        if (!SOURCES.contains(channel.source())) {
            throw new Failure(
                    ErrorCode.INVALID_SOURCE,
                    "Expected Custom or the name of a partner of AWS's for Source, got %s."
                            .formatted(channel.source()));
        }
        for (Channel other :
                channels(
                        tx.list(
                                KIND,
                                within(channel.account(), channel.region()),
                                "",
                                Catalog.LIMIT_MAX))) {
            if (other.source().equals(channel.source())) {
                throw exists(
                        "A channel for the source %s already exists: %s"
                                .formatted(other.source(), other.arn()));
            }
            checkName(channel, other);
        }
        checkTags(channel.tags());
        tx.create(KIND, key(channel), json(channel));
        feed(tx, channel, Set.of());
    }

    /// Gives a channel another name and other destinations.
    ///
    /// @throws Failure CHANNEL_NOT_FOUND, CHANNEL_ALREADY_EXISTS; of its destinations
    ///   INVALID_PARAMETER when one comes twice, EVENT_DATA_STORE_NOT_FOUND,
    ///   INVALID_EVENT_DATA_STORE_CATEGORY, INACTIVE_EVENT_DATA_STORE, CONFLICT
    public void update(Transaction tx, Channel channel) throws CatalogException {
        Document document = expect(tx, channel);
        for (Channel other :
                channels(
                        tx.list(
                                KIND,
                                within(channel.account(), channel.region()),
                                "",
                                Catalog.LIMIT_MAX))) {
            if (!other.id().equals(channel.id())) {
                checkName(channel, other);
            }
        }
        Set<String> before = new HashSet<>(channel(document).destinations());
        tx.replace(document, json(channel));
        feed(tx, channel, before);
    }

    /// Removes a channel: it feeds nothing from here on.
    ///
    /// @throws Failure CHANNEL_NOT_FOUND, CONFLICT
    public void delete(Transaction tx, Channel channel) throws CatalogException {
        Document document = expect(tx, channel);
        Set<String> before = new HashSet<>(channel(document).destinations());
        tx.delete(document);
        feed(tx, channel.renamed(channel.name(), List.of()), before);
    }

    /// Gives a channel other tags.
    ///
    /// @throws Failure CHANNEL_NOT_FOUND, TAGS_LIMIT_EXCEEDED
    public void tag(Transaction tx, Channel channel, Map<String, String> tags)
            throws CatalogException {
        checkTags(tags);
        Document document = expect(tx, channel);
        tx.replace(document, json(channel(document).tagged(tags)));
    }

    /// Gives a channel a resource policy.
    ///
    /// @throws Failure CHANNEL_NOT_FOUND; RESOURCE_POLICY_NOT_VALID when it is none, or about
    ///   something else
    public void guard(Transaction tx, Channel channel, String policy) throws CatalogException {
        Document document = expect(tx, channel);
        ResourcePolicy.check(policy, channel.arn(), ASKED_BY);
        tx.replace(document, json(channel(document).guarded(policy)));
    }

    /// Takes a channel's resource policy away.
    ///
    /// @throws Failure CHANNEL_NOT_FOUND, RESOURCE_POLICY_NOT_FOUND
    public void unguard(Transaction tx, Channel channel) throws CatalogException {
        Document document = expect(tx, channel);
        Channel old = channel(document);
        if (old.policy() == null) {
            throw new Failure(ErrorCode.RESOURCE_POLICY_NOT_FOUND);
        }
        tx.replace(document, json(old.guarded(null)));
    }

    /// What a channel's policy says; [Policy#NONE] when it has none.
    public static Policy policy(Channel channel) throws CatalogException {
        return ResourcePolicy.of(channel.policy(), channel.arn());
    }

    // ---- destinations ---------------------------------------------------------------------------

    /// Tells the stores concerned.
    private void feed(Transaction tx, Channel channel, Set<String> before) throws CatalogException {
        Set<String> now = new HashSet<>();
        for (String arn : channel.destinations()) {
            if (!now.add(arn)) {
                throw new Failure(
                        ErrorCode.INVALID_PARAMETER,
                        "The destination %s occurs more than once.".formatted(arn));
            }
            StoreState state = destination(tx, arn);
            if (!before.contains(arn)) {
                Set<String> channels = new TreeSet<>(state.store().channels());
                channels.add(channel.arn());
                stores.feed(tx, state.store(), channels);
            }
        }
        for (String arn : before) {
            if (!now.contains(arn)) {
                EventDataStore store = store(tx, arn).store();
                Set<String> channels = new TreeSet<>(store.channels());
                channels.remove(channel.arn());
                stores.feed(tx, store, channels);
            }
        }
    }

    private StoreState destination(Transaction tx, String arn) throws CatalogException {
        StoreState state = store(tx, arn);
        if (!state.store().takesActivity()) {
            throw new Failure(
                    ErrorCode.INVALID_EVENT_DATA_STORE_CATEGORY,
                    "Expected an event data store whose selector has eventCategory ActivityAuditLog, got %s."
                            .formatted(arn));
        }
        if (state.status() != StoreState.Status.ENABLED) {
            throw EventDataStores.inactive(state.store());
        }
        return state;
    }

    private StoreState store(Transaction tx, String arn) throws CatalogException {
        StoreId id = StoreId.of(arn);
        return stores.find(tx, id.account(), id.region(), id.id())
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.EVENT_DATA_STORE_NOT_FOUND,
                                "There is no event data store %s.".formatted(arn)));
    }

    // ---- documents ------------------------------------------------------------------------------

    private static void checkName(Channel channel, Channel other) {
        if (other.name().equals(channel.name())) {
            throw exists(
                    "A channel with the name %s already exists: %s"
                            .formatted(other.name(), other.arn()));
        }
    }

    private static void checkTags(Map<String, String> tags) {
        if (tags.size() > TAGS_MAX) {
            throw new Failure(
                    ErrorCode.TAGS_LIMIT_EXCEEDED,
                    "Expected at most %d tags, got %d.".formatted(TAGS_MAX, tags.size()));
        }
    }

    private static Failure exists(String message) {
        return new Failure(ErrorCode.CHANNEL_ALREADY_EXISTS, message);
    }

    private static Document expect(Transaction tx, Channel channel) throws CatalogException {
        return tx.get(KIND, key(channel))
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.CHANNEL_NOT_FOUND,
                                "There is no channel %s.".formatted(channel.arn())));
    }

    private static List<Channel> channels(List<Document> documents) throws CatalogException {
        List<Channel> channels = new ArrayList<>();
        for (Document document : documents) {
            channels.add(channel(document));
        }
        return List.copyOf(channels);
    }

    private static Optional<Channel> channel(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(channel(document.get()));
    }

    private static Channel channel(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        Map<String, String> tags = new TreeMap<>();
        for (String name : fields.names()) {
            if (name.startsWith(TAG)) {
                tags.put(name.substring(TAG.length()), fields.text(name));
            }
        }
        return new Channel(
                fields.text("id"),
                fields.text("account"),
                fields.text("region"),
                fields.text("name"),
                fields.text("source"),
                List.of(fields.text("destinations").split(",", -1)),
                tags,
                fields.find("policy").orElse(null));
    }

    private static String json(Channel channel) {
        Fields fields =
                Fields.none()
                        .with("id", channel.id())
                        .with("account", channel.account())
                        .with("region", channel.region())
                        .with("name", channel.name())
                        .with("source", channel.source())
                        .with("destinations", String.join(",", channel.destinations()));
        String policy = channel.policy();
        if (policy != null) {
            fields = fields.with("policy", policy);
        }
        for (Map.Entry<String, String> tag : channel.tags().entrySet()) {
            fields = fields.with(TAG + tag.getKey(), tag.getValue());
        }
        return fields.json();
    }

    private static String key(Channel channel) {
        return within(channel.account(), channel.region()) + channel.id();
    }

    /// The account's length comes first, so that no account's channels stand among another's.
    private static String within(String account, String region) {
        return account.length() + ":" + account + "/" + region + "/";
    }
}

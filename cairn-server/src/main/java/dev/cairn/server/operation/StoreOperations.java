package dev.cairn.server.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Action;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secrets;
import dev.cairn.selector.Selectors;
import dev.cairn.store.EventDataStore;
import dev.cairn.store.EventDataStore.Billing;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.regex.Pattern;

/// CloudTrail's operations on event data stores: Create-, Update-, Delete-, Restore-, Get- and
/// ListEventDataStores, Start- and StopEventDataStoreIngestion, Enable- and DisableFederation.
///
/// Source: AWS CloudTrail API Reference.
final class StoreOperations {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PAGE_MAX = 1000;
    private static final Pattern ROLE = Pattern.compile("arn:aws[a-z-]*:iam::[0-9]{12}:role/.+");
    private static final String SELECTORS = "AdvancedEventSelectors";

    private final EventDataStores stores;
    private final NamedStores named;
    private final StoreRights rights;
    private final StoreImports imports;
    private final Secrets secrets;

    StoreOperations(EventDataStores stores, StoreImports imports, Secrets secrets) {
        this.imports = imports;
        this.stores = stores;
        this.named = new NamedStores(stores);
        this.rights = new StoreRights(stores);
        this.secrets = secrets;
    }

    // Changes.

    ObjectNode create(Invocation call, Transaction transaction) throws CatalogException {
        checkBuilt(call);
        var input = call.input();
        var selectors = selectors(call, Selectors.STORE_DEFAULT);
        var ingesting = input.path("StartIngestion").asBoolean(true);
        if (selectors.takesActivity() && !ingesting) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "What channels feed cannot be started later: StartIngestion is for CloudTrail events.");
        }
        var billing =
                Billing.valueOf(
                        call.text("BillingMode", Billing.EXTENDABLE_RETENTION_PRICING.name()));
        var tags = TrailTags.read(input.path("TagsList"));
        var state =
                stores.create(
                        transaction,
                        checked(
                                new EventDataStore(
                                        secrets.uuid(),
                                        call.caller().account(),
                                        call.region(),
                                        call.text("Name", ""),
                                        selectors,
                                        input.path("MultiRegionEnabled").asBoolean(true),
                                        call.number("RetentionPeriod", billing.days()),
                                        input.path("TerminationProtectionEnabled").asBoolean(true),
                                        billing)),
                        ingesting,
                        tags,
                        call.now());
        var output = described(state);
        var list = output.putArray("TagsList");
        state.tags().forEach((key, value) -> list.addObject().put("Key", key).put("Value", value));
        return output;
    }

    /// Members that are absent stay as they were.
    ObjectNode update(Invocation call, Transaction transaction) throws CatalogException {
        checkBuilt(call);
        var input = call.input();
        if (input.size() < 2) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected at least one member beside EventDataStore that says what to change.");
        }
        var old = new NamedStores(stores, transaction).expect(call).store();
        var billing = Billing.valueOf(call.text("BillingMode", old.billing().name()));
        if (billing == Billing.FIXED_RETENTION_PRICING && billing != old.billing()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "The BillingMode of an event data store cannot be changed from EXTENDABLE_RETENTION_PRICING to FIXED_RETENTION_PRICING.");
        }
        return described(
                stores.update(
                        transaction,
                        checked(
                                new EventDataStore(
                                        old.id(),
                                        old.account(),
                                        old.region(),
                                        call.text("Name", old.name()),
                                        selectors(call, old.selectors()),
                                        input.path("MultiRegionEnabled")
                                                .asBoolean(old.multiRegion()),
                                        call.number("RetentionPeriod", old.retentionDays()),
                                        input.path("TerminationProtectionEnabled")
                                                .asBoolean(old.terminationProtection()),
                                        billing)),
                        call.now()));
    }

    ObjectNode delete(Invocation call, Transaction transaction) throws CatalogException {
        var store = expect(call, transaction);
        if (imports.ongoing(transaction, store)) {
            throw new Failure(
                    ErrorCode.EVENT_DATA_STORE_HAS_ONGOING_IMPORT,
                    "The event data store %s cannot be deleted: log files are being imported into it."
                            .formatted(store.arn()));
        }
        stores.delete(transaction, store, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode restore(Invocation call, Transaction transaction) throws CatalogException {
        return described(stores.restore(transaction, expect(call, transaction), call.now()));
    }

    ObjectNode start(Invocation call, Transaction transaction) throws CatalogException {
        stores.ingest(transaction, expect(call, transaction), true, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode stop(Invocation call, Transaction transaction) throws CatalogException {
        stores.ingest(transaction, expect(call, transaction), false, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    /// Opens the table of a store to other engines, by way of [TableCatalog].
    ObjectNode enableFederation(Invocation call, Transaction transaction) throws CatalogException {
        var store = expect(call, transaction);
        var role = call.text("FederationRoleArn", "");
        if (!ROLE.matcher(role).matches()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected the ARN of a role as FederationRoleArn, such as arn:aws:iam::%s:role/lake, got %s."
                            .formatted(store.account(), role));
        }
        stores.federate(transaction, store, role);
        return JsonNodeFactory.instance
                .objectNode()
                .put("EventDataStoreArn", store.arn())
                .put("FederationStatus", "ENABLED")
                .put("FederationRoleArn", role);
    }

    ObjectNode disableFederation(Invocation call, Transaction transaction) throws CatalogException {
        var store = expect(call, transaction);
        stores.federate(transaction, store, null);
        return JsonNodeFactory.instance
                .objectNode()
                .put("EventDataStoreArn", store.arn())
                .put("FederationStatus", "DISABLED");
    }

    private EventDataStore expect(Invocation call, Transaction transaction)
            throws CatalogException {
        return new NamedStores(stores, transaction).expect(call).store();
    }

    private static Selectors selectors(Invocation call, Selectors otherwise) {
        return call.input().hasNonNull(SELECTORS)
                ? Selectors.readOfStore(call.input().toString())
                : otherwise;
    }

    private static EventDataStore checked(EventDataStore store) {
        if (store.retentionDays() > store.billing().daysMax()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected a RetentionPeriod of at most %d days with %s, got %d."
                            .formatted(
                                    store.billing().daysMax(),
                                    store.billing(),
                                    store.retentionDays()));
        }
        return store;
    }

    private static void checkBuilt(Invocation call) {
        if (!call.text("KmsKeyId", "").isEmpty()) {
            throw notBuilt("KmsKeyId");
        }
        if (call.input().path("OrganizationEnabled").asBoolean(false)) {
            throw notBuilt("OrganizationEnabled");
        }
    }

    private static Failure notBuilt(String member) {
        return new Failure(
                ErrorCode.UNSUPPORTED_OPERATION,
                "Cairn does not do what %s asks for yet; docs/gaps.md says what is missing and why"
                        .formatted(member));
    }

    // Reading.

    /// Whoever the store's policy lets in may get it as well.
    BuiltOperation get() {
        var action = Action.read("cloudtrail", "GetEventDataStore");
        return BuiltOperation.needing(
                action,
                (Operation.Read) this::get,
                call -> rights.onNamed(action, call, call.text("EventDataStore", "")));
    }

    private ObjectNode get(Invocation call) throws CatalogException {
        var asked = call.text("EventDataStore", "");
        var state = named.expect(StoreRights.owner(call, asked), call.region(), asked);
        var role = state.federationRole();
        var output =
                described(state).put("FederationStatus", role == null ? "DISABLED" : "ENABLED");
        if (role != null) {
            output.put("FederationRoleArn", role);
        }
        output.putArray("PartitionKeys")
                .addObject()
                .put("Name", "calendarday")
                .put("Type", "string");
        return output;
    }

    /// ARNs and names, as AWS lists them today; the other members are deprecated.
    ObjectNode list(Invocation call) throws CatalogException {
        var after = NameToken.after(call, "NextToken");
        var page = call.number("MaxResults", PAGE_MAX);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("EventDataStores");
        var last = "";
        for (var state : stores.of(call.caller().account(), call.region())) {
            var id = state.store().id();
            if (id.compareTo(after) <= 0) {
                continue;
            }
            if (list.size() == page) {
                return output.put("NextToken", NameToken.of(last));
            }
            list.addObject()
                    .put("EventDataStoreArn", state.store().arn())
                    .put("Name", state.store().name());
            last = id;
        }
        return output;
    }

    private static ObjectNode described(StoreState state) {
        var store = state.store();
        var output =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("EventDataStoreArn", store.arn())
                        .put("Name", store.name())
                        .put("Status", state.status().name());
        try {
            output.setAll((ObjectNode) JSON.readTree(store.selectors().json()));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("selectors are written as JSON", impossible);
        }
        return output.put("MultiRegionEnabled", store.multiRegion())
                .put("OrganizationEnabled", false)
                .put("RetentionPeriod", store.retentionDays())
                .put("TerminationProtectionEnabled", store.terminationProtection())
                .put("CreatedTimestamp", seconds(state.created()))
                .put("UpdatedTimestamp", seconds(state.updated()))
                .put("BillingMode", store.billing().name());
    }

    private static BigDecimal seconds(Instant time) {
        return BigDecimal.valueOf(time.toEpochMilli(), 3);
    }
}

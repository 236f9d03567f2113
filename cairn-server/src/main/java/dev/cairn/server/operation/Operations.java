package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Action;
import dev.cairn.access.Target;
import dev.cairn.account.Accounts;
import dev.cairn.alarm.AlarmHistory;
import dev.cairn.alarm.Alarms;
import dev.cairn.archive.BucketRegister;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Violations;
import dev.cairn.bus.Dispatches;
import dev.cairn.bus.EventBuses;
import dev.cairn.bus.RuleBook;
import dev.cairn.catalog.Catalog;
import dev.cairn.channel.Channels;
import dev.cairn.connection.ApiDestinations;
import dev.cairn.connection.Connections;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.digest.RegionKeys;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.history.History;
import dev.cairn.kms.Aliases;
import dev.cairn.kms.KeyUse;
import dev.cairn.kms.KmsKeys;
import dev.cairn.ledger.Ledger;
import dev.cairn.log.GroupEvents;
import dev.cairn.log.LogGroups;
import dev.cairn.log.StoredEvents;
import dev.cairn.log.Subscribers;
import dev.cairn.metric.Metrics;
import dev.cairn.notice.Notices;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Queues;
import dev.cairn.secret.Secrets;
import dev.cairn.store.EventDataStores;
import dev.cairn.topic.Outbound;
import dev.cairn.topic.Topics;
import dev.cairn.trail.Deliveries;
import dev.cairn.trail.Trails;
import dev.cairn.watch.WatchTelling;
import dev.cairn.watch.Watches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The table of services that Cairn speaks and of their operations that are built. The
/// compatibility page is generated from it.
public final class Operations {
    private final Map<String, ServedService> bySigningName;
    private final ChannelTraffic traffic = new ChannelTraffic();

    /// @param parts what the operations work on
    public Operations(Parts parts) {
        var models = new ServiceCatalog();
        var services = new HashMap<String, ServedService>();
        for (var service :
                List.of(
                        cloudTrail(models, parts),
                        cloudTrailData(models, parts),
                        sns(models, parts),
                        QueueService.of(model(models, "sqs"), parts.queues()),
                        KmsService.of(model(models, "kms"), parts.kms()),
                        LogService.of(model(models, "logs"), parts.logs()),
                        MetricService.of(model(models, "monitoring"), parts.metrics()),
                        BusService.of(model(models, "events"), parts.buses()),
                        sts(models),
                        cairn(parts))) {
            services.put(service.signingName(), service);
        }
        bySigningName = Map.copyOf(services);
    }

    /// What operations work on.
    ///
    /// @param readObjects reads many objects of a bucket
    /// @param deliveryInterval how often trails deliver
    /// @param rootKeyMayHaveEnded run after a revocation in the default account, once it stands or
    ///   has failed
    /// @param region the region that commands use when none is named
    public record Parts(
            Accounts accounts,
            History history,
            Searches searches,
            Tails tails,
            StatusSource status,
            Testimonies testimonies,
            Recounts recounts,
            Imports imports,
            Reports reports,
            Trails trails,
            TrailBuckets trailBuckets,
            TrailKeys trailKeys,
            BucketPolicies bucketPolicies,
            Operation.Many readObjects,
            Deliveries deliveries,
            Readers readers,
            Duration deliveryInterval,
            Catalog catalog,
            Principals principals,
            RegionKeys keys,
            TopicParts topics,
            QueueParts queues,
            KmsParts kms,
            StoreParts stores,
            LogParts logs,
            MetricParts metrics,
            BusParts buses,
            WatchParts watches,
            Runnable rootKeyMayHaveEnded,
            String region,
            int lookupRate) {}

    /// What SNS's operations work on.
    public record TopicParts(
            Topics topics, Outbound outbound, Notices notices, Receivers receivers) {}

    /// What SQS's operations work on.
    public record QueueParts(
            Catalog catalog,
            Ledger ledger,
            Queues queues,
            Messages messages,
            QueueArrivals arrivals,
            InstantSource clock) {}

    /// What CloudWatch Logs' operations work on.
    ///
    /// @param events what is in groups
    /// @param stored what callers put there
    /// @param subscribers to whom messages are passed on
    /// @param queries questions about them
    public record LogParts(
            LogGroups groups,
            GroupEvents events,
            StoredEvents stored,
            Subscribers subscribers,
            LogQueries queries,
            Secrets secrets) {}

    /// What KMS's operations work on.
    public record KmsParts(KmsKeys keys, Aliases aliases, KeyUse use, Access access) {}

    /// What CloudWatch's operations work on.
    public record MetricParts(
            Catalog catalog, Metrics metrics, Alarms alarms, AlarmHistory history) {}

    /// What EventBridge's operations work on.
    ///
    /// @param reach what Cairn can reach, and may
    public record BusParts(
            Catalog catalog,
            EventBuses buses,
            RuleBook book,
            Dispatches dispatches,
            Connections connections,
            ApiDestinations destinations,
            Reach reach,
            Secrets secrets) {}

    /// What Cairn's own operations on watches work on.
    public record WatchParts(Watches watches, WatchTelling telling) {}

    /// What CloudTrail's operations on event data stores, channels and dashboards work on.
    public record StoreParts(
            EventDataStores stores,
            Queries queries,
            Channels channels,
            Dashboards dashboards,
            Ledger ledger,
            ImportParts imports,
            TableVersions versions,
            Secrets secrets) {}

    /// What imports into event data stores work on.
    ///
    /// @param buckets of which log files are read
    /// @param elsewhere the account whose callers may read buckets that are not Cairn's own; empty
    ///   where they are
    public record ImportParts(
            StoreImports imports, BucketRegister buckets, Optional<String> elsewhere) {}

    private ServedService cloudTrailData(ServiceCatalog models, Parts parts) {
        return new ServedService(
                "cloudtrail-data",
                "cloudtrail-data.amazonaws.com",
                model(models, "cloudtrail-data"),
                Map.of(
                        PutAuditEvents.NAME,
                        new PutAuditEvents(
                                        parts.stores().channels(), parts.stores().ledger(), traffic)
                                .built()));
    }

    private ServedService cloudTrail(ServiceCatalog models, Parts parts) {
        var trails =
                new TrailOperations(
                        parts.trails(),
                        parts.trailBuckets(),
                        parts.trailKeys(),
                        parts.topics().notices(),
                        parts.logs().groups());
        var selectors = new TrailSelectors(parts.trails());
        var tags =
                new TrailTags(
                        parts.trails(),
                        parts.stores().stores(),
                        parts.stores().channels(),
                        parts.stores().dashboards());
        var channels =
                new ChannelOperations(
                        parts.stores().channels(),
                        parts.stores().stores(),
                        traffic,
                        parts.stores().secrets());
        var policies =
                new ResourcePolicies(
                        parts.stores().channels(),
                        parts.stores().stores(),
                        parts.stores().dashboards());
        var stores =
                new StoreOperations(
                        parts.stores().stores(),
                        parts.stores().imports().imports(),
                        parts.stores().secrets());
        var imports = new ImportOperations(parts.stores().stores(), parts.stores().imports());
        var queries = queries(parts);
        var dashboards =
                new DashboardOperations(
                        parts.stores().dashboards(),
                        parts.stores().stores(),
                        queries,
                        new WidgetQueries(parts.stores().stores(), parts.stores().queries()),
                        parts.stores().secrets());
        return new ServedService(
                "cloudtrail",
                "cloudtrail.amazonaws.com",
                model(models, "cloudtrail"),
                Map.ofEntries(
                        reads(
                                "LookupEvents",
                                new LookupEvents(
                                        parts.history(), new RateLimit(parts.lookupRate()))),
                        writes("CreateTrail", trails.create()),
                        writes("UpdateTrail", trails.update()),
                        writes("DeleteTrail", trails::delete),
                        reads("GetTrail", trails::get),
                        reads("DescribeTrails", trails::describe),
                        reads("ListTrails", trails::list),
                        reads(
                                "GetTrailStatus",
                                new TrailStatus(
                                        parts.trails(),
                                        parts.deliveries(),
                                        parts.topics().notices(),
                                        parts.logs().groups())),
                        writes("StartLogging", trails::startLogging),
                        writes("StopLogging", trails::stopLogging),
                        writes("PutEventSelectors", selectors::put),
                        reads("GetEventSelectors", selectors::get),
                        writes("PutEventConfiguration", selectors::putConfiguration),
                        reads("GetEventConfiguration", selectors::getConfiguration),
                        writes("CreateEventDataStore", stores::create),
                        writes("UpdateEventDataStore", stores::update),
                        writes("DeleteEventDataStore", stores::delete),
                        writes("RestoreEventDataStore", stores::restore),
                        Map.entry("GetEventDataStore", stores.get()),
                        reads("ListEventDataStores", stores::list),
                        writes("StartEventDataStoreIngestion", stores::start),
                        writes("StopEventDataStoreIngestion", stores::stop),
                        writes("EnableFederation", stores::enableFederation),
                        writes("DisableFederation", stores::disableFederation),
                        Map.entry("StartQuery", queries.start()),
                        Map.entry("CancelQuery", queries.cancel()),
                        Map.entry("DescribeQuery", queries.describe()),
                        Map.entry("GetQueryResults", queries.results()),
                        Map.entry("ListQueries", queries.list()),
                        reads("GenerateQuery", queries::generate),
                        reads("SearchSampleQueries", new SampleQueries()::search),
                        writes("CreateDashboard", dashboards::create),
                        writes("UpdateDashboard", dashboards::update),
                        writes("DeleteDashboard", dashboards::delete),
                        reads("GetDashboard", dashboards::get),
                        reads("ListDashboards", dashboards::list),
                        Map.entry("StartDashboardRefresh", dashboards.refresh()),
                        Map.entry("StartImport", imports.start()),
                        messages("StopImport", imports::stop),
                        reads("GetImport", imports::get),
                        reads("ListImports", imports::list),
                        reads("ListImportFailures", imports::failures),
                        writes("CreateChannel", channels::create),
                        writes("UpdateChannel", channels::update),
                        writes("DeleteChannel", channels::delete),
                        reads("GetChannel", channels::get),
                        reads("ListChannels", channels::list),
                        writes("PutResourcePolicy", policies::put),
                        writes("DeleteResourcePolicy", policies::delete),
                        reads("GetResourcePolicy", policies::get),
                        writes("AddTags", tags::add),
                        writes("RemoveTags", tags::remove),
                        reads("ListTags", tags::list),
                        reads("ListPublicKeys", new ListPublicKeys(parts.keys()))));
    }

    private static QueryOperations queries(Parts parts) {
        return new QueryOperations(
                parts.stores().stores(),
                parts.stores().queries(),
                parts.stores().dashboards(),
                parts.trailBuckets());
    }

    private static Map.Entry<String, BuiltOperation> reads(String name, Operation.Read operation) {
        return Map.entry(name, BuiltOperation.own(Action.read("cloudtrail", name), operation));
    }

    private static Map.Entry<String, BuiltOperation> writes(
            String name, Operation.Change operation) {
        return Map.entry(name, BuiltOperation.own(Action.operate("cloudtrail", name), operation));
    }

    private static Map.Entry<String, BuiltOperation> messages(
            String name, Operation.Message operation) {
        return Map.entry(name, BuiltOperation.own(Action.operate("cloudtrail", name), operation));
    }

    private static ServedService sns(ServiceCatalog models, Parts parts) {
        var topics = parts.topics().topics();
        var themselves = new TopicOperations(topics);
        var subscriptions = new TopicSubscriptions(topics, parts.topics().receivers());
        var messages = new TopicMessages(topics, parts.catalog());
        var built = new HashMap<String, BuiltOperation>();
        built.put("CreateTopic", snsOwn("CreateTopic", (Operation.Change) themselves::create));
        built.put("ListTopics", snsOwn("ListTopics", (Operation.Read) themselves::list));
        built.put(
                "ConfirmSubscription",
                snsOwn("ConfirmSubscription", (Operation.Change) subscriptions::confirm));
        built.put(
                "Unsubscribe",
                snsOwn("Unsubscribe", (Operation.Change) subscriptions::unsubscribe));
        built.put(
                "ListSubscriptions",
                snsOwn("ListSubscriptions", (Operation.Read) subscriptions::list));
        built.put(
                "GetSubscriptionAttributes",
                snsOwn("GetSubscriptionAttributes", (Operation.Read) subscriptions::attributes));
        built.put(
                "SetSubscriptionAttributes",
                snsOwn("SetSubscriptionAttributes", (Operation.Change) subscriptions::set));
        Map.<String, Operation>of(
                        "DeleteTopic", (Operation.Change) themselves::delete,
                        "GetTopicAttributes", (Operation.Read) themselves::attributes,
                        "SetTopicAttributes", (Operation.Change) themselves::set,
                        "Subscribe", subscriptions.subscribe(),
                        "ListSubscriptionsByTopic", (Operation.Read) subscriptions::listOfTopic)
                .forEach((name, operation) ->
                        built.put(name, TopicCall.onTopic(topics, snsAction(name), operation)));
        Map.<String, Operation>of(
                        "TagResource", (Operation.Change) themselves::tag,
                        "UntagResource", (Operation.Change) themselves::untag,
                        "ListTagsForResource", (Operation.Read) themselves::tags)
                .forEach((name, operation) ->
                        built.put(name, TopicCall.onTopic(topics, snsAction(name), operation)));
        // As in IAM, who may publish may publish batches.
        var publish = Action.operate("sns", "Publish");
        built.put(
                "Publish",
                TopicCall.onTopic(topics, publish, (Operation.Message) messages::publish)
                        .withDataPlane(_ -> true));
        built.put(
                "PublishBatch",
                TopicCall.onTopic(topics, publish, (Operation.Message) messages::publishBatch)
                        .withDataPlane(_ -> true));
        return new ServedService(
                "sns", "sns.amazonaws.com", model(models, "sns"), Map.copyOf(built));
    }

    private static BuiltOperation snsOwn(String name, Operation operation) {
        return BuiltOperation.own(snsAction(name), operation);
    }

    private static Action snsAction(String name) {
        return name.startsWith("Get") || name.startsWith("List")
                ? Action.read("sns", name)
                : Action.operate("sns", name);
    }

    /// S3, whose operations [dev.cairn.server.bucket] has.
    public static ServedService s3() {
        return new ServedService(
                "s3", "s3.amazonaws.com", model(new ServiceCatalog(), "s3"), Map.of());
    }

    private static ServedService sts(ServiceCatalog models) {
        return new ServedService(
                "sts",
                "sts.amazonaws.com",
                model(models, "sts"),
                Map.of(
                        "GetCallerIdentity",
                        BuiltOperation.own(
                                Action.read("sts", "GetCallerIdentity"), new GetCallerIdentity())));
    }

    private static ServedService cairn(Parts parts) {
        var accounts =
                new AccountOperations(
                        parts.accounts(), parts.rootKeyMayHaveEnded(), parts.region());
        var searches = parts.searches();
        var principals = new PrincipalOperations(parts.principals());
        var deadLetters = new DeadLetters(parts.topics().outbound());
        var credentials =
                new Credentials(parts.accounts(), parts.principals(), parts.history(), searches);
        var tables = new TableCatalog(parts.stores().stores(), parts.stores().versions());
        var watches =
                new WatchOperations(
                        parts.watches(),
                        parts.topics().topics(),
                        new TopicSubscriptions(parts.topics().topics(), parts.topics().receivers()),
                        new TargetOperations(parts.buses().buses(), parts.buses().reach()));
        var watchTests = new WatchTests(parts.watches().watches(), parts.history(), searches);
        return new ServedService(
                "cairn",
                "cairn.amazonaws.com",
                ownModel(),
                Map.ofEntries(
                        Map.entry(
                                "SearchEvents",
                                BuiltOperation.own(
                                        Action.read("cairn", "SearchEvents"),
                                        (Operation.Read) searches::search)),
                        Map.entry(
                                "WhoTouched",
                                BuiltOperation.own(
                                        Action.read("cairn", "WhoTouched"),
                                        (Operation.Read) searches::who)),
                        Map.entry(
                                "DownloadEvents",
                                BuiltOperation.own(
                                        Action.read("cairn", "DownloadEvents"),
                                        (Operation.Download) searches::download)),
                        Map.entry(
                                "TailEvents",
                                BuiltOperation.own(
                                                Action.read("cairn", "TailEvents"),
                                                (Operation.Read) parts.tails()::tail)
                                        .withDataPlane(parts.tails()::goesOn)),
                        Map.entry("FollowQuery", queries(parts).follow()),
                        watching("GetWatch", watches::get),
                        watching("ListWatches", watches::list),
                        watching("TestWatch", watchTests::test),
                        watching("ListWatchSets", watches::sets),
                        watching("CreateWatch", watches.create()),
                        watching("DeleteWatch", watches.delete()),
                        watching("PauseWatch", watches.pause()),
                        watching("ResumeWatch", watches.resume()),
                        watching("EnableWatchSet", watches.enable()),
                        iceberg("GetIcebergConfiguration", tables::configuration),
                        iceberg("ListIcebergNamespaces", tables::namespaces),
                        iceberg("GetIcebergNamespace", tables::namespace),
                        iceberg("ListIcebergTables", tables::tables),
                        iceberg("GetIcebergTable", tables::table),
                        Map.entry(
                                "GetStatus",
                                BuiltOperation.own(
                                        Action.read("cairn", "GetStatus"),
                                        (Operation.Read) parts.status()::status)),
                        Map.entry(
                                "GetTestimony",
                                BuiltOperation.own(
                                        Action.read("cairn", "GetTestimony"),
                                        (Operation.Read) parts.testimonies()::testimony)),
                        Map.entry(
                                "ReadObjects",
                                BuiltOperation.own(
                                        Action.read("cairn", "ReadObjects"), parts.readObjects())),
                        Map.entry(
                                "RecountTrail",
                                BuiltOperation.own(
                                        Action.read("cairn", "RecountTrail"),
                                        (Operation.Download) parts.recounts()::recount)),
                        Map.entry(
                                "GetUsage",
                                BuiltOperation.own(
                                        Action.read("cairn", "GetUsage"),
                                        (Operation.Read) new TrailUsage(parts.catalog()))),
                        Map.entry(
                                "GetWeekReport",
                                BuiltOperation.own(
                                        Action.read("cairn", "GetWeekReport"),
                                        (Operation.Download) parts.reports()::week)),
                        Map.entry(
                                "ListCredentials",
                                BuiltOperation.own(
                                        Action.LIST_CREDENTIALS,
                                        (Operation.Download) credentials::list)),
                        Map.entry(
                                "SendWeekReport",
                                BuiltOperation.own(
                                        Action.SEND_REPORT,
                                        (Operation.Change) parts.reports()::send)),
                        Map.entry(
                                "GetReportSchedule",
                                BuiltOperation.own(
                                        Action.SEND_REPORT,
                                        (Operation.Read) parts.reports()::schedule)),
                        Map.entry(
                                "DiagnoseTrail",
                                BuiltOperation.own(
                                        Action.read("cairn", "DiagnoseTrail"),
                                        (Operation.Read) new TrailDiagnosis(parts))),
                        Map.entry(
                                "ListDeadLetters",
                                BuiltOperation.own(
                                        Action.read("cairn", "ListDeadLetters"),
                                        (Operation.Read) deadLetters::list)),
                        Map.entry(
                                "RetryDeadLetters",
                                BuiltOperation.own(
                                        Action.operate("cairn", "RetryDeadLetters"),
                                        (Operation.Change) deadLetters::retry)),
                        Map.entry(
                                "ImportEvents",
                                BuiltOperation.own(
                                        Action.RECORD_EVENTS_OF_OTHER_ACCOUNTS,
                                        (Operation.Upload) parts.imports()::importFile)),
                        Map.entry(
                                "CreateAccount",
                                BuiltOperation.own(
                                        Action.CREATE_ACCOUNT,
                                        (Operation.Change) accounts::createAccount)),
                        Map.entry(
                                "ListAccounts",
                                BuiltOperation.own(
                                        Action.LIST_ACCOUNTS,
                                        (Operation.Read) accounts::listAccounts)),
                        Map.entry(
                                "GetRootCredentials",
                                new BuiltOperation(
                                        Action.GET_ROOT_KEY,
                                        call -> Target.account(accounts.account(call)),
                                        _ -> false,
                                        (Operation.Change) accounts::getRootCredentials)),
                        Map.entry(
                                "CreateKey",
                                BuiltOperation.onAccount(
                                        Action.CREATE_KEY,
                                        "accountId",
                                        (Operation.Change) accounts::createKey)),
                        Map.entry(
                                "ListKeys",
                                BuiltOperation.onAccount(
                                        Action.LIST_KEYS,
                                        "accountId",
                                        (Operation.Read) accounts::listKeys)),
                        Map.entry(
                                "RevokeKey",
                                BuiltOperation.onAccount(
                                        Action.REVOKE_KEY,
                                        "accountId",
                                        (Operation.Change) accounts::revokeKey)),
                        Map.entry(
                                "CreateToken",
                                BuiltOperation.onAccount(
                                        Action.CREATE_TOKEN,
                                        "accountId",
                                        (Operation.Change) accounts::createToken)),
                        Map.entry(
                                "ListTokens",
                                BuiltOperation.onAccount(
                                        Action.LIST_TOKENS,
                                        "accountId",
                                        (Operation.Read) accounts::listTokens)),
                        Map.entry(
                                "PutPrincipals",
                                BuiltOperation.own(
                                        Action.PUT_PRINCIPALS, (Operation.Change) principals::put)),
                        Map.entry(
                                "ListPrincipals",
                                BuiltOperation.own(
                                        Action.LIST_PRINCIPALS, (Operation.Read) principals::list)),
                        Map.entry(
                                "DeletePrincipal",
                                BuiltOperation.own(
                                        Action.DELETE_PRINCIPAL,
                                        (Operation.Change) principals::delete)),
                        Map.entry(
                                "RevokeToken",
                                BuiltOperation.onAccount(
                                        Action.REVOKE_TOKEN,
                                        "accountId",
                                        (Operation.Change) accounts::revokeToken))));
    }

    private static Map.Entry<String, BuiltOperation> watching(
            String name, Operation.Read operation) {
        return Map.entry(name, BuiltOperation.own(Action.read("cairn", name), operation));
    }

    private static Map.Entry<String, BuiltOperation> watching(
            String name, Operation.Change operation) {
        return Map.entry(name, BuiltOperation.own(Action.operate("cairn", name), operation));
    }

    private static Map.Entry<String, BuiltOperation> iceberg(
            String name, Operation.Read operation) {
        return Map.entry(name, BuiltOperation.own(Action.read("cairn", name), operation));
    }

    private static ServiceModel model(ServiceCatalog models, String name) {
        return models.model(
                models.named(name)
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "expected the model of " + name + " in the build")));
    }

    private static ServiceModel ownModel() {
        try (var in = Operations.class.getResourceAsStream("cairn.json")) {
            if (in == null) {
                throw new IllegalStateException("expected the resource cairn.json");
            }
            return ServiceModel.read(in);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// All services, in order of name.
    public List<ServedService> services() {
        return bySigningName.values().stream()
                .sorted(java.util.Comparator.comparing(ServedService::signingName))
                .toList();
    }

    /// The service that signs with that name.
    public Optional<ServedService> signedAs(String signingName) {
        return Optional.ofNullable(bySigningName.get(signingName));
    }

    /// The service that an unsigned request seems to mean, so that it can be refused in its form.
    public ServedService likely(Request head) {
        var target = head.headers().first("x-amz-target");
        var name =
                head.rawPath().startsWith("/cairn/")
                        ? "cairn"
                        : target.isPresent()
                                ? likely(target.get())
                                : head.headers()
                                                .first("content-type")
                                                .orElse("")
                                                .startsWith("application/x-www-form-urlencoded")
                                        ? "sts"
                                        : "cloudtrail";
        return signedAs(name).orElseThrow();
    }

    private static String likely(String target) {
        return target.startsWith("TrentService.")
                ? "kms"
                : target.startsWith("Logs_")
                        ? "logs"
                        : target.startsWith("AWSEvents.") ? "events" : "cloudtrail";
    }

    /// Whether an operation takes a raw body, which may be large.
    public boolean takesBody(ServedService service, String operation) {
        return service.operation(operation)
                .map(built -> built.operation() instanceof Operation.Upload)
                .orElse(false);
    }

    /// The right that an operation needs which is not built.
    public Action action(ServedService service, String operation) {
        return readOnly(operation)
                ? Action.read(service.signingName(), operation)
                : Action.operate(service.signingName(), operation);
    }

    /// Whether an operation that is not built would change nothing, told by its verb.
    public boolean readOnly(String operation) {
        return operation.matches("(Get|List|Describe|Lookup|Search|Generate).*");
    }

    /// Adds what a request says outside its members: old clients of SQS (AWS SDK for Java 1) name
    /// the queue by the path alone.
    public void complete(
            ServedService service,
            dev.cairn.aws.shape.Operation operation,
            ObjectNode input,
            String rawPath) {
        if (service.signingName().equals("sqs")
                && rawPath.length() > 1
                && !input.has("QueueUrl")
                && operation
                        .input()
                        .map(shape -> shape.members().containsKey("QueueUrl"))
                        .orElse(false)) {
            input.put("QueueUrl", rawPath);
        }
    }

    /// The error for an input that the model does not allow. CloudTrail has errors of its own for
    /// some members; anything else is a ValidationException.
    public Failure refine(ServedService service, String operation, Violations violations) {
        if (service.signingName().equals("sqs")) {
            return QueueService.refine(violations);
        }
        if (service.signingName().equals("monitoring")) {
            return MetricService.refine(violations);
        }
        if (service.signingName().equals("logs")) {
            return new Failure(ErrorCode.INVALID_PARAMETER, violations.message());
        }
        if (operation.equals("LookupEvents")) {
            var path = violations.found().getFirst().path();
            if (path.startsWith("lookupAttributes")) {
                return new Failure(ErrorCode.INVALID_LOOKUP_ATTRIBUTES, violations.message());
            }
            if (path.equals("maxResults")) {
                return new Failure(ErrorCode.INVALID_MAX_RESULTS, violations.message());
            }
            if (path.equals("eventCategory")) {
                return new Failure(ErrorCode.INVALID_EVENT_CATEGORY, violations.message());
            }
        }
        if (operation.equals("PutEventSelectors")
                && violations.found().stream().allMatch(v -> v.path().contains("ventSelectors"))) {
            return new Failure(ErrorCode.INVALID_EVENT_SELECTORS, violations.message());
        }
        if (Set.of("CreateEventDataStore", "UpdateEventDataStore").contains(operation)
                && violations.found().stream().allMatch(v -> v.path().contains("ventSelectors"))) {
            return new Failure(ErrorCode.INVALID_EVENT_SELECTORS, violations.message());
        }
        if (Set.of("CreateTrail", "CreateEventDataStore", "CreateChannel", "AddTags", "RemoveTags")
                        .contains(operation)
                && violations.found().stream()
                        .allMatch(v ->
                                v.path().startsWith("tagsList.") || v.path().startsWith("tags."))) {
            return new Failure(ErrorCode.INVALID_TAG_PARAMETER, violations.message());
        }
        return new Failure(ErrorCode.VALIDATION, violations.message());
    }
}

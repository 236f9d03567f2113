package dev.cairn.server.wiring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.access.Access;
import dev.cairn.account.Accounts;
import dev.cairn.account.Credentials;
import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.ColdFiles;
import dev.cairn.archive.WriteCheck;
import dev.cairn.bus.RuleReader;
import dev.cairn.bus.Telling;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Outbox;
import dev.cairn.channel.Channels;
import dev.cairn.dashboard.Dashboards;
import dev.cairn.dashboard.ScheduledRefreshes;
import dev.cairn.delivery.TrailDelivery;
import dev.cairn.digest.RegionKeys;
import dev.cairn.digest.Sealing;
import dev.cairn.distributed.archive.S3Archive;
import dev.cairn.distributed.archive.S3Destination;
import dev.cairn.embedded.archive.ArchiveKey;
import dev.cairn.embedded.archive.DiskArchive;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.history.HistoryReader;
import dev.cairn.embedded.history.HistorySettings;
import dev.cairn.embedded.history.LuceneHistory;
import dev.cairn.embedded.ledger.LedgerSettings;
import dev.cairn.embedded.ledger.SegmentLedger;
import dev.cairn.embedded.secret.SystemKeys;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.event.Place;
import dev.cairn.failure.Failure;
import dev.cairn.gateway.principal.Principals;
import dev.cairn.gateway.recording.DiskMindingRecorder;
import dev.cairn.gateway.recording.Forwarder;
import dev.cairn.gateway.recording.LedgerRecorder;
import dev.cairn.gateway.source.KubernetesAudit;
import dev.cairn.gateway.source.MinioAudit;
import dev.cairn.gateway.source.OtlpLogs;
import dev.cairn.gateway.source.RadosgwOpsLog;
import dev.cairn.gateway.source.ServiceEvents;
import dev.cairn.gateway.source.SignIns;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.LedgerException;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.log.FilterReader;
import dev.cairn.log.GroupEvents;
import dev.cairn.log.LogGroups;
import dev.cairn.log.StoredEvents;
import dev.cairn.log.StoredSweep;
import dev.cairn.log.Subscribers;
import dev.cairn.queue.Messages;
import dev.cairn.queue.Queues;
import dev.cairn.report.Weeks;
import dev.cairn.secret.Vault;
import dev.cairn.server.bucket.ObjectKeys;
import dev.cairn.server.bucket.ReadObjects;
import dev.cairn.server.bucket.S3Operations;
import dev.cairn.server.bucket.S3Records;
import dev.cairn.server.certificate.ServerCertificate;
import dev.cairn.server.configuration.ColdSettings;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.configuration.TlsSettings;
import dev.cairn.server.configuration.Version;
import dev.cairn.server.door.Authenticator;
import dev.cairn.server.door.FrontDoor;
import dev.cairn.server.door.GatewayQuestions;
import dev.cairn.server.door.Inside;
import dev.cairn.server.door.IntakeDoor;
import dev.cairn.server.door.S3Door;
import dev.cairn.server.door.ServiceDoor;
import dev.cairn.server.door.TopicDoor;
import dev.cairn.server.http.Bodies;
import dev.cairn.server.http.JettyServer;
import dev.cairn.server.lake.LakeImports;
import dev.cairn.server.lake.StoreQueries;
import dev.cairn.server.lake.StoreTables;
import dev.cairn.server.operation.Imports;
import dev.cairn.server.operation.LogQueries;
import dev.cairn.server.operation.Operations;
import dev.cairn.server.operation.OwnKeys;
import dev.cairn.server.operation.PassedKeys;
import dev.cairn.server.operation.QueueArrivals;
import dev.cairn.server.operation.ReaderView;
import dev.cairn.server.operation.Readers;
import dev.cairn.server.operation.Recounts;
import dev.cairn.server.operation.Reports;
import dev.cairn.server.operation.ScheduledDashboards;
import dev.cairn.server.operation.Searches;
import dev.cairn.server.operation.StatusSource;
import dev.cairn.server.operation.Tails;
import dev.cairn.server.operation.Testimonies;
import dev.cairn.server.own.DashboardEvents;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.server.own.ReactionEvents;
import dev.cairn.store.EventDataStores;
import dev.cairn.trail.Trails;
import dev.cairn.watch.WatchReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running Cairn: everything embedded, on one port.
///
/// Starting opens, in this order, the folder, the ledger, the catalog, the history and the port;
/// closing goes the other way round, so that whoever still writes always finds what they write to.
public final class Cairn implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cairn.class);

    /// Receivers that wait for messages may have one in so many of the requests worked on at once.
    private static final int WAITING_SHARE = 2;

    /// Clients send chunks of 64 KiB to a few MiB.
    private static final int S3_CHUNK_BYTES_MAX = 16 << 20;

    /// Where the running server listens, and its process id.
    private static final String NOTE = "server.json";

    private static final int REBUILD_ITEMS = 5000;
    private static final long REBUILD_BYTES = 16 << 20;

    private final Configuration configuration;
    private final Opened opened = new Opened();
    private @Nullable URI endpoint;
    private volatile @Nullable Gateways gateways;

    private Cairn(Configuration configuration) {
        this.configuration = configuration;
    }

    /// Starts, and returns when the port answers.
    ///
    /// @throws StartException when something is in the way; nothing is left open then
    public static Cairn start(Configuration configuration) throws StartException {
        var cairn = new Cairn(configuration);
        var started = false;
        try {
            cairn.open();
            started = true;
            return cairn;
        } catch (DataFolderException
                | LedgerException
                | CatalogException
                | HistoryException
                | ArchiveException
                | Failure
                | IOException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting", interrupted);
        } finally {
            if (!started) {
                cairn.close();
            }
        }
    }

    /// Where it listens, such as `http://127.0.0.1:4580`.
    public URI endpoint() {
        return Objects.requireNonNull(endpoint, "a server that was started has an endpoint");
    }

    /// The file with the certificate that it shows there; empty when it speaks in the clear.
    public Optional<Path> certificate() {
        var files = configuration.tls().files();
        return files == null || !configuration.tls().ownPort()
                ? Optional.empty()
                : Optional.of(files.certificate().toAbsolutePath());
    }

    /// Where the server on a data folder listens, as it noted it there; empty when none is running.
    ///
    /// A note outlives a server that was killed: it counts only while the process that wrote it has
    /// the folder. Not to be asked by a process that has the folder itself (see
    /// [DataFolder#holder]).
    public static Optional<URI> running(Path data) throws IOException {
        return note(data).map(note -> URI.create(note.path("url").asText()));
    }

    /// The file with the certificate that the server shows there; empty when it shows none, or none
    /// is running. Who can read the note may believe it as it is: only the folder's owner writes
    /// it.
    public static Optional<Path> certificate(Path data) throws IOException {
        return note(data)
                .filter(note -> note.has("certificate"))
                .map(note -> Path.of(note.path("certificate").asText()));
    }

    private static Optional<JsonNode> note(Path data) throws IOException {
        var note = data.resolve(NOTE);
        if (!Files.isRegularFile(note)) {
            return Optional.empty();
        }
        var json = new ObjectMapper().readTree(note.toFile());
        var holder = DataFolder.holder(data);
        return holder.isPresent() && holder.getAsLong() == json.path("pid").asLong()
                ? Optional.of(json)
                : Optional.empty();
    }

    private void open()
            throws DataFolderException,
                    LedgerException,
                    CatalogException,
                    HistoryException,
                    ArchiveException,
                    IOException,
                    InterruptedException {
        var clock = InstantSource.system();
        var secrets = new SystemSecrets();
        var certificate = certificate(configuration.tls());
        var folder = keep(DataFolder.openOrCreate(configuration.data()));
        var catalogFile = folder.path().resolve("catalog.db");
        var ledger = keep(SegmentLedger.open(folder.disk(), ledgerSettings(), clock));
        var catalog = keep(SqliteCatalog.open(catalogFile));
        var masterKey =
                MasterKeyChange.key(configuration.keysMaster(), folder.path(), catalog, secrets);
        var vault = new Vault(masterKey, secrets);
        var accounts = Accounts.open(catalog, vault, secrets, clock, accountSettings());
        var trails = new Trails(catalog, ledger, configuration.trailLimitPerRegion());
        var stores = new EventDataStores(catalog, ledger);
        var keys = new RegionKeys(catalog, vault, new SystemKeys());
        var buckets = new BucketRegister(catalog);
        var outbox = new Outbox(catalog, ledger);
        outbox.drain();
        var access = new Access(configuration.accountId());
        var metricKeeper = keep(MetricKeeper.start(catalog, clock));
        var kms = keep(KeyKeeper.start(catalog, outbox, vault, secrets, access, clock));
        var ownCalls =
                new OwnCalls(ledger, outbox, accounts, secrets, clock, configuration.region());
        var objectKeys = new ObjectKeys(kms.parts(), ownCalls, clock);
        Files.createDirectories(folder.path().resolve("archive"));
        var builtIn =
                keep(
                        DiskArchive.open(
                                new DiskArchive.Parts(
                                        folder.disk(),
                                        SqliteCatalog.open(
                                                folder.path()
                                                        .resolve("archive")
                                                        .resolve("index.db")),
                                        buckets,
                                        new WriteCheck(configuration.trailOwnAccountMay()),
                                        ArchiveKey.of(catalog, vault, secrets),
                                        objectKeys,
                                        secrets,
                                        clock,
                                        configuration.archiveCold().map(this::coldFiles))));
        var archive = archive(builtIn, clock);
        var tables =
                keep(
                        StoreTables.start(
                                ledger,
                                stores,
                                folder.path().resolve("lake"),
                                configuration.lake().commitInterval(),
                                clock));
        var lakeImports =
                keep(
                        LakeImports.open(
                                tables::load,
                                stores,
                                catalog,
                                configuration.archiveElsewhere().isEmpty()
                                        ? new OpenObjects(builtIn)
                                        : archive,
                                configuration.importFileBytesMax(),
                                secrets,
                                clock,
                                Duration.ofSeconds(1),
                                Executors.newVirtualThreadPerTaskExecutor()));
        var pendingMax =
                new PendingMax(ledger, clock, configuration.readerPendingMax(), folder.path());
        var historySettings = historySettings();
        var history =
                keep(LuceneHistory.open(folder.path().resolve("history"), historySettings, clock));
        var reader =
                keep(
                        HistoryReader.start(
                                ledger,
                                history,
                                historySettings,
                                clock,
                                pendingMax,
                                new LedgerRetention(
                                        ledger,
                                        clock,
                                        configuration.ledgerRetention(),
                                        partition ->
                                                LongStream.of(
                                                                DeliveryReader.lowest(
                                                                        catalog, trails, partition),
                                                                pendingMax.from(
                                                                        partition,
                                                                        tables.lowest(partition),
                                                                        ledger.span(partition)),
                                                                FilterReader.lowest(
                                                                        catalog, partition),
                                                                RuleReader.lowest(
                                                                        catalog, partition),
                                                                WatchReader.lowest(
                                                                        catalog, partition))
                                                        .min()
                                                        .getAsLong())));
        var queues = new Queues(catalog, secrets, configuration.queueLimitPerRegion());
        var arrivals =
                new QueueArrivals(configuration.httpLimits().concurrentMax() / WAITING_SHARE);
        var messages = new Messages(catalog, queues, secrets, arrivals::ring);
        keep(QueueSweep.start(messages, clock));
        var post =
                new Post(
                        configuration.topics(),
                        catalog,
                        vault,
                        secrets,
                        messages,
                        () -> endpoint().toString(),
                        configuration.readerPendingMax(),
                        clock);
        var alarms = keep(AlarmKeeper.start(catalog, post.topics, metricKeeper, clock));
        var deliveries =
                keep(
                        DeliveryReader.start(
                                new TrailDelivery.Parts(
                                        ledger,
                                        catalog,
                                        archive,
                                        trails,
                                        new Sealing(
                                                catalog,
                                                archive,
                                                keys,
                                                configuration.trailDigestInterval()),
                                        post.notices,
                                        new SecureRandom(),
                                        configuration.readerPendingMax()),
                                configuration.trailDeliveryInterval(),
                                clock));

        var logGroups = new LogGroups(catalog);
        var subscribers = new Subscribers(messages, post.topics);
        var stored = new StoredEvents(catalog, logGroups, metricKeeper.metrics(), subscribers);
        var alerting =
                keep(
                        StepReader.start(
                                "alerting",
                                ledger,
                                new AlertingReader(
                                        catalog,
                                        new FilterReader(
                                                ledger,
                                                catalog,
                                                trails,
                                                logGroups,
                                                metricKeeper.metrics(),
                                                subscribers,
                                                pendingMax::from)),
                                clock));
        keep(LogSweep.start(new StoredSweep(catalog, logGroups), clock));
        var rules =
                keep(
                        RuleKeeper.start(
                                new RuleKeeper.Parts(
                                        ledger,
                                        catalog,
                                        new Telling(messages, post.topics, stored),
                                        messages,
                                        new TargetsOutside(
                                                catalog,
                                                vault,
                                                post,
                                                configuration.lambda(),
                                                clock),
                                        outbox,
                                        new ReactionEvents(secrets),
                                        pendingMax::from,
                                        clock)));
        var watching =
                keep(
                        WatchKeeper.start(
                                ledger,
                                catalog,
                                post.topics,
                                rules.reactions(),
                                pendingMax::from,
                                clock));
        var principals = new Principals(catalog, accounts);
        var historyView = new HistoryView(ledger, history, reader);
        Readers readers =
                () ->
                        Stream.of(
                                        List.<ReaderView>of(
                                                historyView,
                                                alerting,
                                                rules.view(),
                                                watching.view()),
                                        deliveries.views(),
                                        tables.views())
                                .flatMap(List::stream)
                                .toList();
        var status =
                new StatusSource(
                        access,
                        ledger,
                        readers,
                        ownCalls::unrecorded,
                        this::spool,
                        Version.current(),
                        folder.path().toString(),
                        clock.instant());
        var searches = new Searches(history, () -> reader.status().oldestPending(), access);
        var tails = new Tails(ledger, searches, secrets);
        var reports =
                keep(
                        ReportKeeper.start(
                                catalog,
                                history,
                                configuration.reports(),
                                configuration.topics().retryFor(),
                                post::send,
                                clock));
        var s3Operations = new S3Operations(access, buckets, builtIn, Optional.of(objectKeys));
        var wanted = new WantedData(trails, stores, clock);
        var elsewhere = configuration.archiveElsewhere().map(Cairn::elsewhere);
        var storeQueries =
                keep(
                        StoreQueries.open(
                                tables,
                                catalog,
                                folder.path().resolve("lake"),
                                archive,
                                keys,
                                configuration.lake(),
                                secrets,
                                clock));
        var dashboards = new Dashboards(catalog);
        keep(
                DashboardKeeper.start(
                        new ScheduledDashboards(
                                new ScheduledRefreshes(
                                        catalog, outbox, dashboards, new DashboardEvents(secrets)),
                                stores,
                                storeQueries),
                        clock));
        var operations =
                new Operations(
                        new Operations.Parts(
                                accounts,
                                history,
                                searches,
                                tails,
                                status,
                                new Testimonies(catalog, access),
                                new Recounts(access, catalog, trails, archive),
                                new Imports(
                                        ledger,
                                        accounts,
                                        stores,
                                        lakeImports,
                                        configuration.importFileBytesMax()),
                                new Reports(
                                        new Weeks(history),
                                        searches,
                                        reports.post(),
                                        configuration.reports().weekly(),
                                        configuration.reports().to(),
                                        post.takesMail(),
                                        secrets),
                                trails,
                                archive::missingRight,
                                elsewhere.isPresent()
                                        ? new PassedKeys()
                                        : new OwnKeys(kms.parts(), buckets),
                                bucket -> policy(archive, buckets, bucket),
                                new ReadObjects(
                                        s3Operations,
                                        new S3Records(s3Operations, ownCalls, clock),
                                        ownCalls,
                                        wanted,
                                        elsewhere),
                                deliveries,
                                readers,
                                configuration.trailDeliveryInterval(),
                                catalog,
                                principals,
                                keys,
                                new Operations.TopicParts(
                                        post.topics, post.outbound, post.notices, post),
                                new Operations.QueueParts(
                                        catalog, ledger, queues, messages, arrivals, clock),
                                kms.parts(),
                                new Operations.StoreParts(
                                        stores,
                                        storeQueries,
                                        new Channels(catalog, stores),
                                        dashboards,
                                        ledger,
                                        new Operations.ImportParts(
                                                lakeImports,
                                                buckets,
                                                elsewhere.map(_ -> configuration.accountId())),
                                        tables,
                                        secrets),
                                new Operations.LogParts(
                                        logGroups,
                                        new GroupEvents(ledger, trails, catalog, logGroups),
                                        stored,
                                        subscribers,
                                        keep(new LogQueries(clock)),
                                        secrets),
                                alarms.parts(),
                                rules.parts(secrets),
                                watching.parts(),
                                () -> leaveRootKeyAgain(folder.path(), accounts, catalog),
                                configuration.region(),
                                configuration.lookupRate()));
        var bodies =
                new Bodies(
                        spoolFolder(folder.path()),
                        configuration.bodyMemoryMax(),
                        configuration.httpLimits().concurrentMax());
        var authenticator = new Authenticator(accounts, clock);
        var services =
                new ServiceDoor(
                        operations,
                        authenticator,
                        access,
                        ownCalls,
                        clock,
                        new ServiceDoor.Limits(
                                configuration.apiBodyBytesMax(),
                                configuration.importFileBytesMax()),
                        bodies);
        var s3 =
                new S3Door(
                        s3Operations,
                        Operations.s3(),
                        authenticator,
                        ownCalls,
                        wanted,
                        clock,
                        new S3Door.Settings(
                                configuration.archiveHosts(),
                                configuration.apiBodyBytesMax(),
                                S3_CHUNK_BYTES_MAX,
                                configuration.region(),
                                elsewhere),
                        bodies);
        var intake =
                new IntakeDoor(
                        authenticator,
                        access,
                        ledger,
                        clock,
                        new IntakeDoor.Limits(
                                configuration.intakeBodyBytesMax(), configuration.eventBytesMax()),
                        bodies,
                        IntakeDoor.Sources.of(
                                configuration.region(),
                                List.of(
                                        new MinioAudit(principals),
                                        new RadosgwOpsLog(principals),
                                        new KubernetesAudit(),
                                        new OtlpLogs(OtlpLogs.Encoding.PROTOBUF),
                                        new SignIns(),
                                        new ServiceEvents())),
                        ownCalls);
        var http = new HttpCounts();
        var metrics =
                keep(
                        new Metrics(
                                ledger,
                                readers,
                                http::refusedBusy,
                                http::closedWaiting,
                                ownCalls::unrecorded,
                                figure -> {
                                    var known = gateways;
                                    return known == null ? 0 : known.sum(figure);
                                },
                                () -> {
                                    var known = gateways;
                                    return known == null ? 0 : known.crowdedOut();
                                },
                                this::spool));
        keep(
                OwnHealth.start(
                        ledger,
                        readers,
                        catalog,
                        metricKeeper.metrics(),
                        new Place(configuration.accountId(), configuration.region()),
                        clock));
        var inside = new Inside(status, metrics::text, authenticator, access, clock, ownCalls);
        var topics =
                new TopicDoor(
                        post.topics,
                        post.keys,
                        operations.signedAs("sns").orElseThrow(),
                        ownCalls,
                        clock);
        keep(sums(ownCalls, outbox, this::tellOfSampling));
        keep(
                new Keeper(
                                buckets,
                                builtIn,
                                configuration.archiveLifecycleInterval(),
                                clock,
                                System::nanoTime,
                                ownCalls::retentionTimeJumped)
                        .start());
        var server =
                new JettyServer(
                        configuration.host(),
                        configuration.port(),
                        configuration.tls().ownPort() ? certificate : null,
                        configuration.httpLimits(),
                        new FrontDoor(
                                services,
                                s3,
                                intake,
                                new GatewayQuestions(
                                        authenticator, access, ledger, principals, clock, ownCalls),
                                inside,
                                topics));
        http.server = server;
        keep(server);
        server.start();
        keep(tails::stop);
        keep(arrivals::stop);
        endpoint =
                URI.create(
                        "%s://%s:%d"
                                .formatted(
                                        configuration.tls().ownPort() ? "https" : "http",
                                        urlHost(configuration.host()),
                                        server.port()));
        keep(post.startRounds());
        keep(post.startNotices());
        gateways =
                keep(
                        Gateways.start(
                                configuration.gateway(),
                                new Gateways.Parts(
                                        principals,
                                        new DiskMindingRecorder(
                                                new LedgerRecorder(ledger),
                                                folder.disk(),
                                                configuration.diskFreeMin(),
                                                clock),
                                        folder.disk(),
                                        clock,
                                        secrets::uuid,
                                        configuration.region(),
                                        configuration.httpLimits(),
                                        certificate,
                                        ownCalls::refusedByGateway,
                                        ownCalls::crowdedOutOfGateway,
                                        ownCalls::sampledReads)));
        leaveNotes(folder.path(), accounts, catalog);
        LOG.info("serving {} on {}", folder.path(), endpoint);
    }

    private static @Nullable ServerCertificate certificate(TlsSettings tls) throws IOException {
        var files = tls.files();
        return files == null ? null : ServerCertificate.read(files.certificate(), files.key());
    }

    /// Closed after the archive that uses them.
    private ColdFiles coldFiles(ColdSettings place) {
        return keep(ColdPlaces.open(place));
    }

    /// Where trails deliver to.
    private Archive archive(DiskArchive builtIn, InstantSource clock) {
        if (configuration.archiveElsewhere().isEmpty()) {
            return builtIn;
        }
        return keep(
                S3Archive.open(
                        configuration.archiveElsewhere().get(),
                        !configuration.trailOwnAccountMay(),
                        clock));
    }

    private static Optional<String> policy(Archive archive, BucketRegister buckets, String bucket)
            throws CatalogException, ArchiveException {
        return archive instanceof S3Archive s3
                ? s3.policy(bucket)
                : buckets.find(bucket).map(Bucket::policy);
    }

    /// What is told to who looks for buckets here.
    private static String elsewhere(S3Destination destination) {
        return "This Cairn keeps no buckets: those of its trails are at %s (archive.kind=s3)."
                .formatted(destination.endpoint().map(URI::toString).orElse("AWS"));
    }

    /// Makes event history anew from the ledger, with no server on the folder.
    ///
    /// @param progress told how many events were taken so far
    /// @return how many events were taken
    /// @throws StartException when something is in the way
    public static long rebuildHistory(Configuration configuration, LongConsumer progress)
            throws StartException {
        var cairn = new Cairn(configuration);
        try {
            return cairn.rebuild(progress);
        } catch (DataFolderException | LedgerException | HistoryException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        } finally {
            cairn.close();
        }
    }

    private long rebuild(LongConsumer progress)
            throws DataFolderException, LedgerException, HistoryException {
        var clock = InstantSource.system();
        var folder = keep(DataFolder.open(configuration.data()));
        var ledger = keep(SegmentLedger.open(folder.disk(), ledgerSettings(), clock));
        var historyFolder = folder.path().resolve("history");
        LuceneHistory.reset(historyFolder);
        var history = keep(LuceneHistory.open(historyFolder, historySettings(), clock));
        long taken = 0;
        for (var partition = 0; partition < ledger.partitions(); partition++) {
            var span = ledger.span(partition);
            var next = span.first();
            if (next > 0) {
                history.begin(partition, next);
            }
            while (next < span.end()) {
                var slice = readOrSetAside(ledger, new Position(partition, next));
                history.take(slice);
                taken += slice.next() - next;
                next = slice.next();
                progress.accept(taken);
            }
        }
        history.commit();
        return taken;
    }

    /// Nobody is there to wait for the disk: what it does not give now is set aside, and taken by
    /// the next rebuild if it comes back.
    private static Slice readOrSetAside(SegmentLedger ledger, Position from)
            throws LedgerException {
        try {
            return ledger.read(from, REBUILD_ITEMS, REBUILD_BYTES);
        } catch (LedgerException failure) {
            var unreadable = failure.unreadable();
            if (unreadable == null) {
                throw failure;
            }
            LOG.warn("{} events set aside: {}", unreadable.count(), unreadable.reason());
            return new Slice(
                    from.partition(), List.of(unreadable), from.offset() + unreadable.count());
        }
    }

    private <T extends AutoCloseable> T keep(T part) {
        return opened.keep(part);
    }

    private LedgerSettings ledgerSettings() {
        return LedgerSettings.DEFAULTS
                .withPartitions(configuration.partitions())
                .withSegmentBytesMax(configuration.segmentBytes())
                .withQueueBytesMax(configuration.queueBytes())
                .withDiskFreeMin(configuration.diskFreeMin())
                .withDuplicates(configuration.duplicateWindow(), configuration.duplicateIdsMax());
    }

    private HistorySettings historySettings() {
        return HistorySettings.DEFAULT
                .withRetention(configuration.historyRetention())
                .withExpireImported(configuration.expireImported())
                .withIntervals(configuration.historyRefresh(), configuration.historyCommit())
                .withSearchMax(configuration.searchTimeMax());
    }

    private Accounts.Settings accountSettings() {
        return new Accounts.Settings(
                configuration.accountId(),
                configuration.rootAccessKey().isEmpty()
                        ? null
                        : new Credentials(
                                configuration.rootAccessKey(), configuration.rootSecretKey()));
    }

    /// A folder for large request bodies, emptied of what a crash left there.
    private static Path spoolFolder(Path data) throws IOException {
        var spool = Files.createDirectories(data.resolve("spool"));
        try (var leftovers = Files.newDirectoryStream(spool)) {
            for (var leftover : leftovers) {
                Files.delete(leftover);
            }
        }
        return spool;
    }

    private Optional<Forwarder.Status> spool() {
        var known = gateways;
        return known == null ? Optional.empty() : known.spool();
    }

    private void tellOfSampling() throws InterruptedException {
        var known = gateways;
        if (known != null) {
            known.tellOfSampling();
        }
    }

    /// What strangers' requests and unsampled reads add up to, and events that still wait in the
    /// outbox.
    private static AutoCloseable sums(
            OwnCalls ownCalls, Outbox outbox, OwnCalls.Recording unsampledReads) {
        var minutes =
                EachMinute.start(() -> {
                    ownCalls.recordSums();
                    unsampledReads.run();
                    outbox.drain();
                });
        return () -> {
            minutes.close();
            ownCalls.recordSums();
        };
    }

    /// For commands run by the folder's owner: where the server is, and the root credentials.
    private void leaveNotes(Path data, Accounts accounts, SqliteCatalog catalog)
            throws IOException, CatalogException {
        leaveRootKey(data, accounts, catalog);
        var note =
                new ObjectMapper()
                        .createObjectNode()
                        .put("url", endpoint().toString())
                        .put("pid", ProcessHandle.current().pid());
        certificate().ifPresent(file -> note.put("certificate", file.toString()));
        Objects.requireNonNull(gateways).describe(note);
        var file = data.resolve(NOTE);
        note(file, note.toString());
        keep(() -> Files.deleteIfExists(file));
    }

    private static void leaveRootKey(Path data, Accounts accounts, SqliteCatalog catalog)
            throws IOException, CatalogException {
        var root =
                catalog.<Credentials, RuntimeException>write(
                        transaction -> accounts.rootKey(transaction, accounts.defaultAccount()));
        note(
                data.resolve("keys").resolve("root-credentials"),
                "[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n"
                        .formatted(root.accessKeyId(), root.secretAccessKey().reveal()));
    }

    /// After a revocation, which stands whatever becomes of the note.
    private static void leaveRootKeyAgain(Path data, Accounts accounts, SqliteCatalog catalog) {
        try {
            leaveRootKey(data, accounts, catalog);
        } catch (IOException | CatalogException failure) {
            LOG.error("keys/root-credentials may hold a revoked key until the next start", failure);
        }
    }

    /// Leaves a note that only the folder's owner reads, whole or not at all.
    static void note(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        var draft = Files.createTempFile(file.getParent(), "note", ".draft");
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(draft, text);
        Files.move(
                draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static String urlHost(String host) {
        return switch (host) {
            case "0.0.0.0", "::" -> "127.0.0.1";
            default -> host.contains(":") ? "[" + host + "]" : host;
        };
    }

    /// Stops taking requests, finishes those under way, makes everything durable. May be called
    /// more than once.
    @Override
    public void close() {
        opened.close();
    }

    /// Breaks the circle between the metrics, which the door needs, and the server, which needs the
    /// door.
    private static final class HttpCounts {
        private volatile @Nullable JettyServer server;

        private long refusedBusy() {
            var known = server;
            return known == null ? 0 : known.refusedBusy();
        }

        private long closedWaiting() {
            var known = server;
            return known == null ? 0 : known.closedWaiting();
        }
    }
}

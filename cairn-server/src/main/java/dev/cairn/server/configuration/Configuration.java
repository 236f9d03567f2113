package dev.cairn.server.configuration;

import dev.cairn.distributed.archive.S3Destination;
import dev.cairn.secret.Secret;
import dev.cairn.server.courier.LambdaServer;
import dev.cairn.server.http.HttpLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Everything a server is started with, checked.
///
/// @param data the data folder
/// @param historyRetention null for ever
/// @param ledgerRetention null for just as long as history needs it
/// @param trailOwnAccountMay whether a trail may write to a bucket of its account without a policy
/// @param archiveHosts host names that buckets may stand before
/// @param archiveCold where objects move to when they are to be colder
/// @param lambda where functions are; empty when there are none
/// @param archiveElsewhere the S3 that holds the buckets of trails; empty when Cairn does
/// @param rootAccessKey a fixed root key of the default account; empty when it is to be made
public record Configuration(
        Path data,
        String accountId,
        String region,
        String rootAccessKey,
        Secret rootSecretKey,
        String keysMaster,
        String host,
        int port,
        boolean logJson,
        String logLevel,
        HttpLimits httpLimits,
        long bodyMemoryMax,
        int apiBodyBytesMax,
        Duration searchTimeMax,
        int lookupRate,
        @Nullable Duration historyRetention,
        boolean expireImported,
        Duration historyRefresh,
        Duration historyCommit,
        int eventBytesMax,
        int intakeBodyBytesMax,
        long importFileBytesMax,
        Duration duplicateWindow,
        int duplicateIdsMax,
        int partitions,
        long segmentBytes,
        long queueBytes,
        long diskFreeMin,
        @Nullable Duration ledgerRetention,
        Duration readerPendingMax,
        Duration trailDeliveryInterval,
        Duration trailDigestInterval,
        int trailLimitPerRegion,
        boolean trailOwnAccountMay,
        int queueLimitPerRegion,
        List<String> archiveHosts,
        Duration archiveLifecycleInterval,
        Optional<ColdSettings> archiveCold,
        LakeSettings lake,
        TopicSettings topics,
        ReportSettings reports,
        Optional<LambdaServer> lambda,
        Optional<S3Destination> archiveElsewhere,
        GatewaySettings gateway,
        TlsSettings tls) {

    /// The most that one batch of an import brings to the ledger, with room to spare: batches of 4
    /// MB, each ended by an event of up to 1 MB.
    private static final long QUEUE_BYTES_MIN = 8 << 20;

    /// The ledger adds names and a row to each event, and a body is held packed and unpacked: less
    /// than the events once more.
    private static final int BODIES_MIN = 2;

    /// Enough for what clients have written by the time they could read their answer.
    private static final int UNREAD_BYTES_MAX = 8 << 20;

    private static final Duration UNREAD_TIME_MAX = Duration.ofSeconds(1);

    /// @throws SettingException naming the first setting that cannot be used
    public static Configuration of(Path data, Settings settings) throws SettingException {
        var accountId = settings.text(Setting.ACCOUNT_ID);
        if (!accountId.matches("\\d{12}")) {
            throw new SettingException(
                    "account.id: expected twelve digits, got '" + accountId + "'");
        }
        var rootAccessKey = settings.text(Setting.ROOT_ACCESS_KEY);
        var rootSecretKey = settings.text(Setting.ROOT_SECRET_KEY);
        if (rootAccessKey.isEmpty() != rootSecretKey.isEmpty()) {
            throw new SettingException(
                    "auth.root-access-key and auth.root-secret-key: expected both or neither");
        }
        if (!rootAccessKey.isEmpty() && !rootAccessKey.matches("\\w{16,128}")) {
            throw new SettingException(
                    "auth.root-access-key: expected 16 to 128 letters and digits");
        }
        var intakeBodyBytesMax = settings.bytes(Setting.INTAKE_BODY_BYTES_MAX, 1 << 20, 512 << 20);
        var queueBytes = settings.bytes(Setting.LEDGER_QUEUE_BYTES, QUEUE_BYTES_MIN, 1 << 30);
        if (queueBytes < BODIES_MIN * intakeBodyBytesMax) {
            throw new SettingException(
                    "ledger.queue-bytes: expected at least %d bytes, twice intake.body-bytes-max, so that the events of any one body fit, got '%s'"
                            .formatted(
                                    BODIES_MIN * intakeBodyBytesMax,
                                    settings.text(Setting.LEDGER_QUEUE_BYTES)));
        }
        var bodyMemoryMax = settings.bytes(Setting.BODY_MEMORY_MAX, 16 << 20, 1L << 40);
        if (bodyMemoryMax < BODIES_MIN * intakeBodyBytesMax) {
            throw new SettingException(
                    "limits.body-memory: expected at least %d bytes, twice intake.body-bytes-max, so that any one body fits, got '%s'"
                            .formatted(
                                    BODIES_MIN * intakeBodyBytesMax,
                                    settings.text(Setting.BODY_MEMORY_MAX)));
        }
        var gateway = GatewaySettings.of(settings);
        var concurrentMax = settings.number(Setting.CONCURRENT_MAX, 1, 100_000);
        var connectionsMax = settings.number(Setting.CONNECTIONS_MAX, 2, 1_000_000);
        if (connectionsMax <= concurrentMax) {
            throw new SettingException(
                    "limits.connections-max: expected more than limits.concurrent-requests, which is %d, got '%d'"
                            .formatted(concurrentMax, connectionsMax));
        }
        return new Configuration(
                data,
                accountId,
                settings.text(Setting.REGION),
                rootAccessKey,
                new Secret(rootSecretKey),
                settings.text(Setting.KEYS_MASTER),
                settings.text(Setting.HOST),
                (int) settings.number(Setting.PORT, 0, 65_535),
                settings.choice(Setting.LOG_FORMAT, "plain", "json").equals("json"),
                settings.choice(Setting.LOG_LEVEL, "error", "warn", "info", "debug"),
                new HttpLimits(
                        (int) settings.bytes(Setting.HEADER_BYTES_MAX, 4096, 1 << 20),
                        settings.duration(Setting.IDLE_MAX),
                        settings.duration(Setting.ARRIVAL_GRACE),
                        (int) settings.bytes(Setting.BODY_RATE_MIN, 1, 1 << 30),
                        settings.duration(Setting.BODY_TIME_MAX),
                        (int) connectionsMax,
                        (int) concurrentMax,
                        UNREAD_BYTES_MAX,
                        UNREAD_TIME_MAX),
                bodyMemoryMax,
                (int) settings.bytes(Setting.API_BODY_BYTES_MAX, 1 << 10, 64 << 20),
                settings.duration(Setting.SEARCH_TIME_MAX),
                (int) settings.number(Setting.LOOKUP_RATE, 0, 1_000_000),
                settings.durationOrForever(Setting.HISTORY_RETENTION),
                settings.flag(Setting.HISTORY_EXPIRE_IMPORTED),
                settings.duration(Setting.HISTORY_REFRESH),
                settings.duration(Setting.HISTORY_COMMIT),
                (int) settings.bytes(Setting.EVENT_BYTES_MAX, 1 << 10, 1 << 20),
                (int) intakeBodyBytesMax,
                settings.bytes(Setting.IMPORT_FILE_BYTES_MAX, 1 << 20, 1L << 40),
                settings.duration(Setting.DUPLICATE_WINDOW),
                (int) settings.number(Setting.DUPLICATE_IDS_MAX, 1, Integer.MAX_VALUE),
                (int) settings.number(Setting.LEDGER_PARTITIONS, 1, 256),
                settings.bytes(Setting.LEDGER_SEGMENT_BYTES, 1 << 20, 1 << 30),
                queueBytes,
                settings.bytes(Setting.LEDGER_DISK_FREE_MIN, 0, 1L << 50),
                settings.text(Setting.LEDGER_RETENTION).equals("history")
                        ? null
                        : settings.duration(Setting.LEDGER_RETENTION),
                settings.duration(Setting.READER_PENDING_MAX),
                secondAtLeast(settings, Setting.TRAIL_DELIVERY_INTERVAL),
                secondAtLeast(settings, Setting.TRAIL_DIGEST_INTERVAL),
                (int) settings.number(Setting.TRAIL_LIMIT_PER_REGION, 0, 1_000),
                settings.choice(Setting.TRAIL_BUCKET_POLICY_CHECK, "strict", "own-account")
                        .equals("own-account"),
                (int) settings.number(Setting.QUEUE_LIMIT_PER_REGION, 1, 1_000),
                list(settings, Setting.ARCHIVE_HOSTS),
                secondAtLeast(settings, Setting.ARCHIVE_LIFECYCLE_INTERVAL),
                ArchiveSettings.cold(settings),
                LakeSettings.of(settings),
                TopicSettings.of(settings),
                ReportSettings.of(settings),
                LambdaSettings.of(settings),
                ArchiveSettings.elsewhere(settings),
                gateway,
                TlsSettings.of(settings, gateway));
    }

    /// Words between commas.
    static List<String> list(Settings settings, Setting setting) {
        return Arrays.stream(settings.text(setting).split(",", -1))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    static Duration secondAtLeast(Settings settings, Setting setting) throws SettingException {
        var duration = settings.duration(setting);
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new SettingException(
                    "%s: expected at least 1s, got '%s'"
                            .formatted(setting.key(), settings.text(setting)));
        }
        return duration;
    }
}

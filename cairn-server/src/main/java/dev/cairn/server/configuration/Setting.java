package dev.cairn.server.configuration;

import java.util.Locale;

/// The keys that can be set, each with its default and what it means. One table: the command line,
/// the properties file, the environment and the documentation all read it.
public enum Setting {
    ACCOUNT_ID("account.id", "123456789012", "The default account, twelve digits."),
    REGION(
            "region",
            "us-east-1",
            "The region of commands, and of what sources send, when none is named."),
    ROOT_ACCESS_KEY(
            "auth.root-access-key",
            "",
            "A fixed root access key of the default account; empty: made on first start."),
    ROOT_SECRET_KEY(
            "auth.root-secret-key", "", "The secret of `auth.root-access-key`; both or neither."),
    KEYS_MASTER(
            "keys.master",
            "",
            "Where the master key is: `file:PATH`, `env:NAME` or `command:LINE`, giving 32 bytes in base64 or hex; `aws-kms://ARN` or `vault:URL`: in the data folder, wrapped by a key of that service; empty: `keys/master` in the data folder. What is in the data folder is made on first start."),
    HOST("http.host", "127.0.0.1", "The address to listen on."),
    PORT("http.port", "4580", "The port to listen on; 0 picks a free one."),
    HTTP_TLS(
            "http.tls",
            "false",
            "Whether that port speaks TLS, HTTP/2 or 1.1, with `tls.certificate`; in the clear it then answers nobody."),
    TLS_CERTIFICATE(
            "tls.certificate",
            "",
            "A PEM file with the certificate that Cairn shows over TLS, and behind it those between it and its root. Read again within seconds when it is replaced."),
    TLS_KEY(
            "tls.key",
            "",
            "A PEM file with the private key of `tls.certificate`, PKCS#8 without a password; both or neither."),
    HISTORY_RETENTION(
            "history.retention",
            "90d",
            "How long event history keeps events, by eventTime; `forever` is allowed."),
    HISTORY_EXPIRE_IMPORTED(
            "history.expire-imported",
            "false",
            "Whether imported events expire from history as others do."),
    HISTORY_REFRESH("history.refresh-interval", "200ms", "How soon a recorded event is found."),
    HISTORY_COMMIT(
            "history.commit-interval",
            "10s",
            "How often the history index is made durable; after a crash the rest is taken from the ledger again."),
    EVENT_BYTES_MAX(
            "intake.event-bytes-max", "256KB", "The largest event the intake takes, up to 1MB."),
    INTAKE_BODY_BYTES_MAX(
            "intake.body-bytes-max", "16MB", "The largest unpacked body of one intake call."),
    DUPLICATE_WINDOW(
            "intake.duplicate-window",
            "24h",
            "How long an eventID is remembered to recognise a repetition."),
    DUPLICATE_IDS_MAX(
            "intake.duplicate-ids-max",
            "20000000",
            "How many eventIDs are remembered at most; `status` shows when this ends the window early."),
    IMPORT_FILE_BYTES_MAX(
            "import.file-bytes-max", "2GB", "The largest unpacked log file that import takes."),
    LEDGER_PARTITIONS(
            "ledger.partitions", "1", "Partitions of a new data folder; fixed from then on."),
    LEDGER_SEGMENT_BYTES(
            "ledger.segment-bytes", "256MB", "Size at which a segment is sealed and compressed."),
    LEDGER_QUEUE_BYTES(
            "ledger.queue-bytes",
            "64MB",
            "Events waiting to be written; more are pushed back with 503. At least twice `intake.body-bytes-max`."),
    LEDGER_RETENTION(
            "ledger.retention",
            "history",
            "How long recorded events are kept at least, by the time they were recorded; `history`: as long as history keeps any event of their segment, so that it can always be rebuilt."),
    LEDGER_DISK_FREE_MIN(
            "ledger.disk-free-min",
            "512MB",
            "Below so much free space appends are pushed back with 503."),
    READER_PENDING_MAX(
            "reader.pending-max",
            "30d",
            "How far a reader may fall behind before its oldest pending events are given up, counted and named; time before the last start does not count, half the disk always ends it."),
    TRAIL_DELIVERY_INTERVAL(
            "trail.delivery-interval",
            "5m",
            "How often trails deliver log files, at least a second; sooner when 50 MB are recorded."),
    TRAIL_DIGEST_INTERVAL(
            "trail.digest-interval", "1h", "The window of a digest, at least a second."),
    TRAIL_LIMIT_PER_REGION(
            "trail.limit-per-region",
            "5",
            "How many trails an account may have in a region, shadow trails included."),
    TRAIL_BUCKET_POLICY_CHECK(
            "trail.bucket-policy-check",
            "strict",
            "What a trail needs to write to a bucket: a policy that lets CloudTrail in (strict, as on AWS), or nothing in a bucket of its own account (own-account). With `archive.kind=s3`, `strict` reads the policy by s3:GetBucketPolicy, and `own-account` leaves it to the store what Cairn's credentials may."),
    LAKE_COMMIT_INTERVAL(
            "lake.commit-interval",
            "1m",
            "How often the tables of event data stores take what was recorded, at least a second. Queries see it before."),
    LAKE_MEMORY(
            "lake.memory",
            "1GB",
            "Memory of each query over event data stores before it goes on disk; two run at once."),
    LAKE_TEMPORARY_SPACE(
            "lake.temporary-space", "20GB", "Disk that a query may use while it runs."),
    LAKE_QUERY_TIME("lake.query-time", "1h", "How long a query may run."),
    SERVER_URL(
            "server.url",
            "",
            "How receivers of topics' messages reach this server, such as https://cairn.example.org; empty: where it listens. Their links to confirm, to unsubscribe and to the certificate begin so."),
    TOPIC_PRIVATE_ADDRESSES(
            "topic.private-addresses",
            "",
            "Addresses of private networks that topics and API destinations may send to by http and https, such as 10.0.0.0/8,127.0.0.1; comma-separated. Public ones always."),
    TOPIC_RETRY_FOR(
            "topic.retry-for",
            "1d",
            "How long a topic's message is tried at a receiver that fails, before it becomes a dead letter."),
    TOPIC_RECEIVERS_CA(
            "topic.receivers-ca",
            "",
            "A PEM file with the root certificates by which https receivers of topics and the mail server are believed; empty: those that the JDK came with."),
    MAIL_SMTP_HOST(
            "mail.smtp-host", "", "The mail server that topics give mails to; empty: no mails."),
    MAIL_SMTP_PORT("mail.smtp-port", "587", "Its port."),
    MAIL_SECURITY("mail.security", "starttls", "`starttls`, `tls` or `none`."),
    MAIL_FROM("mail.from", "cairn@localhost", "The sender's address."),
    MAIL_USER("mail.user", "", "The user at the mail server; empty: it asks for none."),
    MAIL_PASSWORD("mail.password", "", "That user's password."),
    REPORT_WEEKLY(
            "report.weekly",
            "",
            "When the report of the week is mailed to `report.to`, such as `MON 08:00` (UTC) or `MON 08:00 Europe/Berlin`; empty: never."),
    REPORT_TO(
            "report.to",
            "",
            "Who gets the report of the week: up to 10 mail addresses; comma-separated. It tells of all accounts."),
    LAMBDA_ENDPOINT(
            "lambda.endpoint",
            "",
            "Where a Lambda is that rules can give events to, such as `https://lambda.us-east-1.amazonaws.com`; empty: rules have no functions as targets."),
    LAMBDA_ACCESS_KEY(
            "lambda.access-key", "", "The access key that calls of functions are signed with."),
    LAMBDA_SECRET_KEY(
            "lambda.secret-key",
            "",
            "The secret of `lambda.access-key`. Better in the file or the environment than on the command line."),
    QUEUE_LIMIT_PER_REGION(
            "queue.limit-per-region",
            "1000",
            "How many queues an account may have in a region; AWS has no limit."),
    ARCHIVE_KIND(
            "archive.kind",
            "built-in",
            "Where the buckets of trails are: in Cairn (`built-in`), or on any S3 (`s3`), AWS's own or one that speaks like it. With `s3` Cairn serves no buckets itself."),
    ARCHIVE_S3_ENDPOINT(
            "archive.s3.endpoint", "", "The S3, such as `https://s3.example.org`; empty: AWS's."),
    ARCHIVE_S3_REGION(
            "archive.s3.region",
            "",
            "The region that requests to the S3 are signed for; empty: that of `region`."),
    ARCHIVE_S3_PATH_STYLE(
            "archive.s3.path-style",
            "auto",
            "Whether buckets stand in the path (`true`) or before the host name (`false`); `auto`: in the path where `archive.s3.endpoint` is set."),
    ARCHIVE_S3_ACCESS_KEY(
            "archive.s3.access-key",
            "",
            "The access key for the S3; empty: the credentials of the environment, looked for as AWS's SDKs do."),
    ARCHIVE_S3_SECRET_KEY(
            "archive.s3.secret-key",
            "",
            "The secret of `archive.s3.access-key`; both or neither. Better in the file or the environment than on the command line."),
    ARCHIVE_S3_CONDITIONAL_PUT(
            "archive.s3.conditional-put",
            "true",
            "Whether the S3 knows `If-None-Match: *` on puts; `false`: Cairn asks for the key first, and must be the only writer below its prefixes."),
    ARCHIVE_S3_CHECKSUMS(
            "archive.s3.checksums",
            "true",
            "Whether objects go with a CRC32 checksum in a trailer; `false`, for stores that know none: with Content-MD5."),
    ARCHIVE_S3_SSE(
            "archive.s3.sse",
            "none",
            "Encryption to ask for: `AES256`, `aws:kms` or `aws:kms:dsse`; `none`: the bucket's default."),
    ARCHIVE_S3_SSE_KMS_KEY(
            "archive.s3.sse-kms-key",
            "",
            "The KMS key for `archive.s3.sse=aws:kms`; empty: the store's default key."),
    ARCHIVE_S3_ACL(
            "archive.s3.acl",
            "bucket-owner-full-control",
            "The canned ACL that objects are put under, as CloudTrail does; `none` for stores without ACLs."),
    ARCHIVE_HOSTS(
            "archive.host-names",
            "localhost",
            "Host names that buckets may stand before, as in logs.localhost; comma-separated. In the path they may stand always."),
    ARCHIVE_LIFECYCLE_INTERVAL(
            "archive.lifecycle-interval",
            "1h",
            "How often the lifecycle rules of built-in buckets are followed; what they say is due at midnight UTC."),
    ARCHIVE_COLD(
            "archive.cold",
            "",
            "Where lifecycle rules move objects of built-in buckets to (`GLACIER`, `DEEP_ARCHIVE`): a folder on slower and cheaper disks, or a bucket of another S3, as `s3://bucket/prefix`, reached by the settings `archive.s3.…`; empty: there is none. It must exist, and is marked when it is first written to; an empty folder in its place is taken for a disk that is not mounted."),
    GATEWAY_LISTEN(
            "gateway.listen",
            "",
            "Where the recording gateway listens, such as 127.0.0.1:9000, or https://127.0.0.1:9443 for TLS with `tls.certificate`; several, comma-separated, each with its own `gateway.upstream`. Empty: no gateway."),
    GATEWAY_UPSTREAM(
            "gateway.upstream",
            "",
            "The server that the gateway passes calls on to, such as http://127.0.0.1:7480 or https://s3.example.org; as many as `gateway.listen` has."),
    GATEWAY_UPSTREAM_CA(
            "gateway.upstream-ca",
            "",
            "A PEM file with the root certificates by which `https` upstreams are believed; empty: those that the JDK came with. An upstream that proves no name is not called."),
    GATEWAY_ACCOUNT(
            "gateway.account",
            "",
            "The account of calls whose access key nobody knows, or that have none; empty: that of `account.id`, and for a gateway in a process of its own that of its token or key."),
    GATEWAY_SERVICE(
            "gateway.service",
            "",
            "The signing name of the only service behind the gateway, such as `s3`, where requests do not tell; empty: they do."),
    GATEWAY_HOSTS(
            "gateway.host-names",
            "localhost",
            "Host names of the gateway that S3's buckets may stand before, as in finance.localhost; comma-separated. AWS's own are known."),
    GATEWAY_UPSTREAM_TIMEOUT(
            "gateway.upstream-timeout",
            "60s",
            "How long an upstream may take to accept a connection, to take bytes, to say anything, or to end the head of an answer that it has begun; longer is answered 504. Calls that are known to take their time, such as long polls and functions, may be silent for longer."),
    GATEWAY_KEPT_BYTES(
            "gateway.kept-bytes",
            "128KB",
            "How much of a call's body, and of its answer's, is kept in memory to be read; what is longer passes by, and its record says less."),
    GATEWAY_TRUSTED_PROXIES(
            "gateway.trusted-proxies",
            "",
            "Addresses of proxies before the gateway, such as 10.0.0.0/8, whose `X-Forwarded-For` tells where a call comes from; comma-separated."),
    GATEWAY_MODE(
            "gateway.mode",
            "strict",
            "When a client of the gateway has its answer: `strict`, when its event is in the ledger; `spool`, when it is on disk in the gateway's spool, which goes on while the ledger pushes back. One for all listeners, or one for each, comma-separated."),
    GATEWAY_SPOOL_BYTES(
            "gateway.spool-bytes",
            "128MB",
            "While so many bytes of events wait in the gateway's spool, no call is passed on; on disk they take up to twice that. Less than `ledger.disk-free-min`, so that it has the disk when the ledger has none."),
    GATEWAY_SAMPLE_READS(
            "gateway.sample-reads",
            "1",
            "The share of read-only calls through the gateway that are recorded, such as 0.1; 1: all. Those that fail or hand out credentials always are."),
    HEADER_BYTES_MAX("limits.header-bytes", "16KB", "Largest request line with headers."),
    API_BODY_BYTES_MAX(
            "limits.api-body-bytes",
            "4MB",
            "Largest body of an API call other than intake and import."),
    BODY_MEMORY_MAX(
            "limits.body-memory",
            "128MB",
            "Memory for all request bodies that are worked on at once; more are pushed back with 503. At least twice `intake.body-bytes-max`."),
    IDLE_MAX("limits.idle", "60s", "A connection that says nothing for so long is closed."),
    ARRIVAL_GRACE(
            "limits.arrival-grace",
            "20s",
            "How long a request's head, or its body, may take however few its bytes; a connection without a whole head so long after `limits.idle` is closed."),
    BODY_RATE_MIN(
            "limits.body-rate-min",
            "1KB",
            "Bytes a second that a body must bring after `limits.arrival-grace`; slower ones are refused with 408."),
    BODY_TIME_MAX("limits.body-time", "5m", "A request body must be complete within this time."),
    CONNECTIONS_MAX(
            "limits.connections-max",
            "4096",
            "Open connections; for one more, that which has waited longest for a request is closed. More than `limits.concurrent-requests`."),
    CONCURRENT_MAX(
            "limits.concurrent-requests",
            "512",
            "Requests worked on at once; more are answered 503. Of bodies that arrive before their sender is known at most half as many, from one address an eighth."),
    SEARCH_TIME_MAX(
            "limits.search-time", "20s", "A search that takes longer is ended with an error."),
    LOOKUP_RATE(
            "limits.lookup-events-per-second",
            "0",
            "LookupEvents calls per second, account and region; AWS allows 2, 0 means no limit."),
    LOG_FORMAT("log.format", "plain", "`plain` or `json`, on standard error."),
    LOG_LEVEL("log.level", "info", "`error`, `warn`, `info` or `debug`.");

    private final String key;
    private final String defaultText;
    private final String meaning;

    Setting(String key, String defaultText, String meaning) {
        this.key = key;
        this.defaultText = defaultText;
        this.meaning = meaning;
    }

    public String key() {
        return key;
    }

    /// The default as one would write it; empty for none.
    public String defaultText() {
        return defaultText;
    }

    /// One line for the documentation.
    public String meaning() {
        return meaning;
    }

    /// The environment variable that sets it: `CAIRN_HISTORY_RETENTION` for `history.retention`.
    public String variable() {
        return "CAIRN_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}

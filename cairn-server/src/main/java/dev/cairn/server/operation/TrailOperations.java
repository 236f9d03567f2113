package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.archive.Archive;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.log.LogGroupName;
import dev.cairn.log.LogGroups;
import dev.cairn.notice.Notices;
import dev.cairn.topic.TopicArn;
import dev.cairn.trail.CloudWatchLogs;
import dev.cairn.trail.Trail;
import dev.cairn.trail.TrailName;
import dev.cairn.trail.TrailState;
import dev.cairn.trail.Trails;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// CloudTrail's operations on trails themselves: CreateTrail, UpdateTrail, DeleteTrail, GetTrail,
/// DescribeTrails, ListTrails, StartLogging and StopLogging.
///
/// Source: AWS CloudTrail API Reference.
final class TrailOperations {
    private static final int PREFIX_CHARS_MAX = 200;
    private static final int PAGE = 100;

    /// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    private static final Pattern BUCKET =
            Pattern.compile(
                    "(?!\\d+\\.\\d+\\.\\d+\\.\\d+$)[a-z0-9](?:[a-z0-9-]|\\.(?!\\.)){1,61}[a-z0-9]");

    private static final Pattern TOPIC =
            Pattern.compile("[A-Za-z0-9_-]{1,256}|arn:[^:]+:sns:[^:]+:[^:]+:[A-Za-z0-9_-]{1,256}");

    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    private static final Pattern ROLE =
            Pattern.compile("arn:aws:iam::\\d{12}:role/(?:[!-~]{1,510}/)?[A-Za-z0-9_+=,.@-]{1,64}");

    private static final String GROUP = "CloudWatchLogsLogGroupArn";
    private static final String ROLE_ARN = "CloudWatchLogsRoleArn";
    private static final String EVERY_STREAM = ":*";

    private final Trails trails;
    private final NamedTrails named;
    private final BucketCheck buckets;
    private final TrailKeys keys;
    private final Notices notices;
    private final LogGroups groups;

    TrailOperations(
            Trails trails,
            TrailBuckets buckets,
            TrailKeys keys,
            Notices notices,
            LogGroups groups) {
        this.trails = trails;
        this.named = new NamedTrails(trails);
        this.buckets = new BucketCheck(buckets);
        this.keys = keys;
        this.notices = notices;
        this.groups = groups;
    }

    // Changes.

    /// CreateTrail: checks the bucket, then makes the trail.
    Operation.Change create() {
        return new Operation.Change() {
            @Override
            public void prepare(Invocation call) throws CatalogException {
                TrailTags.read(call.input().path("TagsList"));
                var trail = asked(call);
                checkTopic(trail);
                checkBucket(trail);
                checkKey(trail);
                checkGroup(trail);
            }

            @Override
            public ObjectNode run(Invocation call, Transaction transaction)
                    throws CatalogException {
                var tags = TrailTags.read(call.input().path("TagsList"));
                var state = trails.create(transaction, asked(call), tags, call.now());
                notices.changed(transaction, state.id(), state.trail(), call.now());
                return made(PointedOut.of(trails, transaction, state));
            }
        };
    }

    /// UpdateTrail: members that are absent stay as they were.
    Operation.Change update() {
        return new Operation.Change() {
            @Override
            public void prepare(Invocation call) throws CatalogException {
                var trail = merged(call, named);
                if (call.input().hasNonNull("S3BucketName")
                        || call.input().hasNonNull("S3KeyPrefix")) {
                    checkBucket(trail);
                }
                if (call.input().hasNonNull("SnsTopicName")) {
                    checkTopic(trail);
                }
                if (call.input().hasNonNull("KmsKeyId")
                        || call.input().hasNonNull("S3BucketName")) {
                    checkKey(trail);
                }
                if (call.input().hasNonNull(GROUP)) {
                    checkGroup(trail);
                }
            }

            @Override
            public ObjectNode run(Invocation call, Transaction transaction)
                    throws CatalogException {
                var state =
                        trails.update(
                                transaction,
                                merged(call, new NamedTrails(trails, transaction)),
                                call.now());
                notices.changed(transaction, state.id(), state.trail(), call.now());
                return made(PointedOut.of(trails, transaction, state));
            }
        };
    }

    ObjectNode delete(Invocation call, Transaction transaction) throws CatalogException {
        var trail = home(call, transaction);
        trails.delete(transaction, trail, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode startLogging(Invocation call, Transaction transaction) throws CatalogException {
        return log(call, transaction, true);
    }

    ObjectNode stopLogging(Invocation call, Transaction transaction) throws CatalogException {
        return log(call, transaction, false);
    }

    private ObjectNode log(Invocation call, Transaction transaction, boolean logging)
            throws CatalogException {
        var trail = home(call, transaction);
        trails.log(transaction, trail, logging, call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    private Trail home(Invocation call, Transaction transaction) throws CatalogException {
        return new NamedTrails(trails, transaction).expectHome(call, call.text("Name", "")).trail();
    }

    /// The trail that CreateTrail asks for.
    private Trail asked(Invocation call) throws CatalogException {
        var input = call.input();
        return checked(
                input,
                new Trail(
                        call.caller().account(),
                        TrailName.name(call.text("Name", "")).name(),
                        call.region(),
                        call.text("S3BucketName", ""),
                        call.text("S3KeyPrefix", ""),
                        topic(call, call.caller().account(), call.region(), null),
                        input.path("IncludeGlobalServiceEvents").asBoolean(true),
                        input.path("IsMultiRegionTrail").asBoolean(false),
                        input.path("EnableLogFileValidation").asBoolean(false),
                        input.path("RecursiveLogging").asBoolean(true),
                        key(call, call.caller().account(), call.region(), null),
                        logs(call, null)));
    }

    /// The trail that UpdateTrail asks for.
    private Trail merged(Invocation call, NamedTrails named) throws CatalogException {
        var input = call.input();
        var old = named.expectHome(call, call.text("Name", "")).trail();
        return checked(
                input,
                new Trail(
                        old.account(),
                        old.name(),
                        old.homeRegion(),
                        call.text("S3BucketName", old.bucket()),
                        call.text("S3KeyPrefix", old.prefix()),
                        topic(call, old.account(), old.homeRegion(), old.topic()),
                        input.path("IncludeGlobalServiceEvents").asBoolean(old.globalEvents()),
                        input.path("IsMultiRegionTrail").asBoolean(old.multiRegion()),
                        input.path("EnableLogFileValidation").asBoolean(old.validation()),
                        input.path("RecursiveLogging").asBoolean(old.recursiveLogging()),
                        key(call, old.account(), old.homeRegion(), old.kmsKey()),
                        logs(call, old.logs())));
    }

    // Checks.

    private static Trail checked(ObjectNode input, Trail trail) {
        if (!BUCKET.matcher(trail.bucket()).matches()) {
            throw new Failure(
                    ErrorCode.INVALID_S3_BUCKET_NAME,
                    "Bucket name %s is not valid: expected 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends."
                            .formatted(trail.bucket()));
        }
        checkPrefix(trail.prefix());
        if (trail.multiRegion() && !trail.globalEvents()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER_COMBINATION,
                    "Multi-Region trail must include global service events.");
        }
        if (input.path("IsOrganizationTrail").asBoolean(false)) {
            throw notBuilt("IsOrganizationTrail");
        }
        return trail;
    }

    /// The ARN of the topic that is asked for: a name means one of the trail's own account and
    /// region, an empty text none.
    private static @Nullable String topic(
            Invocation call, String account, String region, @Nullable String old) {
        if (!call.input().hasNonNull("SnsTopicName")) {
            return old;
        }
        var named = call.text("SnsTopicName", "");
        if (named.isEmpty()) {
            return null;
        }
        if (!TOPIC.matcher(named).matches()) {
            throw new Failure(
                    ErrorCode.INVALID_SNS_TOPIC_NAME,
                    "Topic name %s is not valid: expected 1 to 256 letters, digits, underscores and hyphens, or an ARN."
                            .formatted(named));
        }
        return named.startsWith("arn:") ? named : new TopicArn(region, account, named).toString();
    }

    /// The ARN of the KMS key that is asked for; an empty text means none.
    private @Nullable String key(
            Invocation call, String account, String region, @Nullable String old)
            throws CatalogException {
        if (!call.input().hasNonNull("KmsKeyId")) {
            return old;
        }
        var named = call.text("KmsKeyId", "");
        return named.isEmpty() ? null : keys.arn(named, account, region);
    }

    /// The log group that is asked for; empty texts mean none.
    private static @Nullable CloudWatchLogs logs(Invocation call, @Nullable CloudWatchLogs old) {
        var group = call.text(GROUP, old == null ? "" : old.group());
        var role = call.text(ROLE_ARN, old == null ? "" : old.role());
        if (group.isEmpty() && role.isEmpty()) {
            return null;
        }
        if (group.isEmpty()) {
            throw invalidGroup("CloudWatchLogsRoleArn needs a CloudWatchLogsLogGroupArn, got none");
        }
        if (!ROLE.matcher(role).matches()) {
            throw new Failure(
                    ErrorCode.INVALID_CLOUD_WATCH_LOGS_ROLE_ARN,
                    "CloudTrail cannot validate the specified role: expected an ARN such as arn:aws:iam::123456789012:role/CloudTrail, got '%s'."
                            .formatted(role));
        }
        return new CloudWatchLogs(group, role);
    }

    /// The group must be there, beside the trail: in its account and home region.
    private void checkGroup(Trail trail) throws CatalogException {
        var logs = trail.logs();
        if (logs == null) {
            return;
        }
        var name =
                logs.group().endsWith(EVERY_STREAM)
                        ? LogGroupName.ofArn(logs.group())
                        : Optional.<LogGroupName>empty();
        if (name.isEmpty()) {
            throw invalidGroup(
                    "expected the ARN of a log group with :* at its end, got " + logs.group());
        }
        if (!name.get().account().equals(trail.account())
                || !name.get().region().equals(trail.homeRegion())) {
            throw invalidGroup(
                    "expected a log group in the trail's account and home region, got "
                            + logs.group());
        }
        if (groups.find(name.get()).isEmpty()) {
            throw invalidGroup("there is no log group " + logs.group());
        }
    }

    private static Failure invalidGroup(String words) {
        return new Failure(
                ErrorCode.INVALID_CLOUD_WATCH_LOGS_LOG_GROUP_ARN,
                "CloudTrail cannot validate the specified log group ARN: %s.".formatted(words));
    }

    private void checkKey(Trail trail) throws CatalogException {
        var refusal = trail.kmsKey() == null ? Optional.<Failure>empty() : keys.refusal(trail);
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    /// AWS's words, and behind them what would mend it.
    private void checkTopic(Trail trail) throws CatalogException {
        var topic = trail.topic();
        if (topic == null) {
            return;
        }
        var refusal = notices.refusal(topic, trail.arn(), trail.account());
        if (refusal.isPresent()) {
            throw new Failure(
                    ErrorCode.INSUFFICIENT_SNS_TOPIC_POLICY,
                    refusal.get().equals("NotFound")
                            ? "SNS Topic does not exist or the topic policy is incorrect! There is no topic %s."
                                    .formatted(trail.topic())
                            : "SNS Topic does not exist or the topic policy is incorrect! Add this statement to the policy of %s: %s"
                                    .formatted(
                                            trail.topic(), Notices.statement(topic, trail.arn())));
        }
    }

    private static Failure notBuilt(String member) {
        return new Failure(
                ErrorCode.UNSUPPORTED_OPERATION,
                "Cairn does not do what %s asks for yet; docs/gaps.md says what is missing and why"
                        .formatted(member));
    }

    /// The first object's key must come out as AWS writes it: one slash between prefix and
    /// `AWSLogs`.
    private static void checkPrefix(String prefix) {
        if (prefix.length() > PREFIX_CHARS_MAX) {
            throw new Failure(
                    ErrorCode.INVALID_S3_PREFIX,
                    "Expected a prefix of at most %d characters, got %d."
                            .formatted(PREFIX_CHARS_MAX, prefix.length()));
        }
        if (prefix.startsWith("/")
                || prefix.endsWith("/")
                || prefix.codePoints().anyMatch(Character::isISOControl)) {
            throw new Failure(
                    ErrorCode.INVALID_S3_PREFIX,
                    "Expected a prefix without a slash at its ends and without control characters.");
        }
    }

    private void checkBucket(Trail trail) {
        buckets.expect(
                new Archive.Writer(trail.account(), trail.arn(), trail.kmsKey()),
                trail.bucket(),
                "%sAWSLogs/%s/"
                        .formatted(
                                trail.prefix().isEmpty() ? "" : trail.prefix() + "/",
                                trail.account()));
    }

    // Reading.

    ObjectNode get(Invocation call) throws CatalogException {
        var output = JsonNodeFactory.instance.objectNode();
        output.set("Trail", described(named.expect(call, call.text("Name", ""))));
        return output;
    }

    /// Names that are not known are left out, as AWS leaves them out.
    ObjectNode describe(Invocation call) throws CatalogException {
        var shadows = call.input().path("includeShadowTrails").asBoolean(true);
        var asked = call.input().path("trailNameList");
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("trailList");
        for (var state : asked.isEmpty() ? here(call) : among(call, asked)) {
            if (shadows || state.trail().homeRegion().equals(call.region())) {
                list.add(described(state));
            }
        }
        return output;
    }

    private List<TrailState> here(Invocation call) throws CatalogException {
        return trails.of(call.caller().account()).stream()
                .filter(state -> state.trail().isIn(call.region()))
                .toList();
    }

    private List<TrailState> among(Invocation call, JsonNode asked) throws CatalogException {
        var found = new ArrayList<TrailState>();
        for (var name : asked) {
            named.find(call, name.asText()).ifPresent(found::add);
        }
        return found.stream().distinct().toList();
    }

    /// All trails of the account, whatever their region.
    ObjectNode list(Invocation call) throws CatalogException {
        var after = NameToken.after(call, "NextToken");
        var output = JsonNodeFactory.instance.objectNode();
        var page = output.putArray("Trails");
        var infos =
                trails.of(call.caller().account()).stream()
                        .map(TrailState::trail)
                        .sorted(java.util.Comparator.comparing(Trail::arn))
                        .dropWhile(trail -> trail.arn().compareTo(after) <= 0)
                        .limit(PAGE + 1)
                        .toList();
        for (var trail : infos.subList(0, Math.min(PAGE, infos.size()))) {
            page.addObject()
                    .put("TrailARN", trail.arn())
                    .put("Name", trail.name())
                    .put("HomeRegion", trail.homeRegion());
        }
        if (infos.size() > PAGE) {
            output.put("NextToken", NameToken.of(infos.get(PAGE - 1).arn()));
        }
        return output;
    }

    /// What CreateTrail and UpdateTrail answer with.
    private static ObjectNode made(TrailState state) {
        var trail = state.trail();
        var output =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("Name", trail.name())
                        .put("S3BucketName", trail.bucket());
        if (!trail.prefix().isEmpty()) {
            output.put("S3KeyPrefix", trail.prefix());
        }
        var topic = trail.topic();
        if (topic != null) {
            output.put("SnsTopicName", topicName(trail, topic)).put("SnsTopicARN", topic);
        }
        if (trail.kmsKey() != null) {
            output.put("KmsKeyId", trail.kmsKey());
        }
        var logs = trail.logs();
        if (logs != null) {
            output.put(GROUP, logs.group()).put(ROLE_ARN, logs.role());
        }
        return output.put("IncludeGlobalServiceEvents", trail.globalEvents())
                .put("IsMultiRegionTrail", trail.multiRegion())
                .put("TrailARN", trail.arn())
                .put("LogFileValidationEnabled", trail.validation())
                .put("IsOrganizationTrail", false)
                .put("RecursiveLogging", trail.recursiveLogging());
    }

    /// A name where a name would find it, as it would have been given.
    private static String topicName(Trail trail, String topic) {
        var own = "arn:aws:sns:" + trail.homeRegion() + ":" + trail.account() + ":";
        return topic.startsWith(own) ? topic.substring(own.length()) : topic;
    }

    private static ObjectNode described(TrailState state) {
        return made(state)
                .put("HomeRegion", state.trail().homeRegion())
                .put("HasCustomEventSelectors", state.selectors().custom())
                .put("HasInsightSelectors", false);
    }
}

package dev.cairn.event;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tells what old records leave unsaid. The rules and where they come from: `docs/event.md`.
final class Derivation {
    private static final String SUFFIX = ".amazonaws.com";

    /// Data events by service, for records from before `managementEvent` (1.06) and `eventCategory`
    /// (1.07).
    private static final Set<String> DATA_EVENTS =
            Table.words(
                    """
                    s3 AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload
                    s3 DeleteObject DeleteObjectTagging DeleteObjects GetObject GetObjectAcl
                    s3 GetObjectAttributes GetObjectLegalHold GetObjectLockLegalHold
                    s3 GetObjectLockRetention GetObjectRetention GetObjectTagging GetObjectTorrent
                    s3 HeadBucket HeadObject ListMultipartUploads ListObjectVersions ListObjects
                    s3 ListObjectsV2 ListParts PutObject PutObjectAcl PutObjectLegalHold
                    s3 PutObjectLockLegalHold PutObjectLockRetention PutObjectRetention
                    s3 PutObjectTagging RestoreObject SelectObjectContent UploadPart UploadPartCopy
                    s3-outposts AbortMultipartUpload CompleteMultipartUpload CopyObject DeleteObject
                    s3-outposts GetObject HeadObject ListObjects PutObject UploadPart
                    lambda Invoke InvokeAsync InvokeExecution InvokeFunctionUrl
                    dynamodb BatchExecuteStatement BatchGetItem BatchWriteItem DeleteItem
                    dynamodb ExecuteStatement ExecuteTransaction GetItem GetRecords GetShardIterator
                    dynamodb PutItem Query Scan TransactGetItems TransactWriteItems UpdateItem
                    kinesis GetRecords GetShardIterator PutRecord PutRecords SubscribeToShard
                    firehose PutRecord PutRecordBatch
                    sns Publish PublishBatch
                    sqs ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage
                    sqs DeleteMessageBatch ReceiveMessage SendMessage SendMessageBatch
                    ebs CompleteSnapshot GetSnapshotBlock ListChangedBlocks ListSnapshotBlocks
                    ebs PutSnapshotBlock StartSnapshot
                    cognito-identity GetCredentialsForIdentity GetId GetOpenIdToken
                    cognito-identity GetOpenIdTokenForDeveloperIdentity UnlinkIdentity
                    cloudtrail-data PutAuditEvents
                    rdsdata BatchExecuteStatement ExecuteSql ExecuteStatement
                    rds-data BatchExecuteStatement ExecuteSql ExecuteStatement
                    """);

    /// First words of the names of calls that change nothing.
    private static final Set<String> READING =
            Set.of(
                    "Get",
                    "List",
                    "Describe",
                    "Head",
                    "Lookup",
                    "Search",
                    "Query",
                    "Scan",
                    "Check",
                    "Select",
                    "Verify",
                    "View",
                    "Validate",
                    "Preview",
                    "Estimate",
                    "Simulate",
                    "Discover",
                    "Detect",
                    "Filter",
                    "Test",
                    "Count",
                    "Decode",
                    "Download",
                    "Is");

    /// Calls that change nothing though their first word does not say so.
    private static final Set<String> READING_TOO =
            Table.words(
                    """
                    sts AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot
                    kms Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext
                    kms GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateMac
                    kms GenerateRandom ReEncrypt Sign DeriveSharedSecret
                    iam GenerateCredentialReport
                    s3express CreateSession
                    """);

    /// Calls that AWS records as writing though their first word denies it.
    private static final Set<String> WRITING =
            Table.words(
                    """
                    sts GetFederationToken GetSessionToken
                    signin CheckMfa GetSigninToken
                    cognito-identity GetCredentialsForIdentity
                    ses VerifyDomainIdentity VerifyEmailAddress VerifyEmailIdentity
                    """);

    private Derivation() {}

    static Category category(
            String word, String type, @Nullable Boolean management, String source, String name) {
        if (!word.isEmpty()) {
            return switch (word) {
                case "Management" -> Category.MANAGEMENT;
                case "Data" -> Category.DATA;
                case "NetworkActivity" -> Category.NETWORK_ACTIVITY;
                case "Insight" -> Category.INSIGHT;
                case "Aggregated" -> Category.AGGREGATED;
                case "ActivityAuditLog" -> Category.ACTIVITY_AUDIT_LOG;
                default -> Category.OTHER;
            };
        }
        switch (type) {
            case "AwsCloudTrailInsight" -> {
                return Category.INSIGHT;
            }
            case "AwsVpceEvent", "AwsVpceEvents" -> {
                return Category.NETWORK_ACTIVITY;
            }
            case "AwsAggregatedEvent" -> {
                return Category.AGGREGATED;
            }
            case "ActivityLog" -> {
                return Category.ACTIVITY_AUDIT_LOG;
            }
            default -> {
                // Every other type has management and data events.
            }
        }
        if (management != null) {
            return management ? Category.MANAGEMENT : Category.DATA;
        }
        return DATA_EVENTS.contains(service(source) + "/" + name)
                ? Category.DATA
                : Category.MANAGEMENT;
    }

    static boolean readOnly(String source, String name) {
        String call = service(source) + "/" + name;
        if (READING_TOO.contains(call) || WRITING.contains(call)) {
            return READING_TOO.contains(call);
        }
        int start = name.startsWith("Batch") ? "Batch".length() : 0;
        int end = start + 1;
        while (end < name.length() && !Character.isUpperCase(name.charAt(end))) {
            end++;
        }
        return start < name.length() && READING.contains(name.substring(start, end));
    }

    /// `ec2` of `ec2.amazonaws.com`.
    static String service(String source) {
        return source.endsWith(SUFFIX)
                ? source.substring(0, source.length() - SUFFIX.length())
                : source;
    }

    /// The name LookupEvents knows the caller by; null when the record names nobody.
    static @Nullable String username(Identity who) {
        return switch (who.type) {
            case "Root" -> "root";
            case "AssumedRole" ->
                    firstOf(
                            afterColon(who.principalId),
                            lastPart(who.arn),
                            who.userName,
                            who.issuerUserName);
            case "FederatedUser" ->
                    firstOf(afterColon(who.principalId), lastPart(who.arn), who.userName);
            case "AWSService" -> firstOf(who.invokedBy, who.userName);
            case "AWSAccount" ->
                    firstOf(who.userName, afterColon(who.principalId), who.principalId);
            case "IdentityCenterUser" -> firstOf(who.userName, who.onBehalfOfUserId);
            case "SAMLUser", "WebIdentityUser" ->
                    firstOf(who.userName, afterColon(who.principalId));
            default ->
                    firstOf(
                            who.userName,
                            afterColon(who.principalId),
                            lastPart(who.arn),
                            who.issuerUserName,
                            who.invokedBy.equals("AWS Internal") ? "" : who.invokedBy);
        };
    }

    private static @Nullable String firstOf(String... candidates) {
        for (String candidate : candidates) {
            if (!candidate.isEmpty()) {
                return candidate;
            }
        }
        return null;
    }

    private static String afterColon(String principalId) {
        int colon = principalId.lastIndexOf(':');
        return colon < 0 ? "" : principalId.substring(colon + 1);
    }

    private static String lastPart(String arn) {
        return arn.substring(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1);
    }

    /// What `userIdentity` says; empty text for what it does not.
    static final class Identity {
        String type = "";
        String principalId = "";
        String arn = "";
        String accountId = "";
        String accessKeyId = "";
        String userName = "";
        String invokedBy = "";
        String onBehalfOfUserId = "";
        String issuerAccountId = "";
        String issuerUserName = "";
    }
}

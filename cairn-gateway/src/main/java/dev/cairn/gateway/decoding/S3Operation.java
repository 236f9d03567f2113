package dev.cairn.gateway.decoding;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// An operation of S3, as CloudTrail calls it: method, whether bucket and key are given, and a
/// sub-resource of the query decide. Source: CloudTrail's page on S3's events, and real records.
///
/// @param name CloudTrail's event name, which is not always the API's
/// @param readOnly whether it changes nothing
/// @param data whether it is a data event
record S3Operation(String name, boolean readOnly, boolean data) {

    /// Sub-resources of a bucket, with the name that CloudTrail's events have for it. `GET`, `PUT`
    /// and `DELETE` put their verb before it.
    private static final Map<String, String> OF_BUCKET =
            Map.ofEntries(
                    Map.entry("accelerate", "AccelerateConfiguration"),
                    Map.entry("acl", "BucketAcl"),
                    Map.entry("analytics", "BucketAnalyticsConfiguration"),
                    Map.entry("cors", "BucketCors"),
                    Map.entry("encryption", "BucketEncryption"),
                    Map.entry("intelligent-tiering", "BucketIntelligentTieringConfiguration"),
                    Map.entry("inventory", "BucketInventoryConfiguration"),
                    Map.entry("lifecycle", "BucketLifecycle"),
                    Map.entry("location", "BucketLocation"),
                    Map.entry("logging", "BucketLogging"),
                    Map.entry("metadataConfiguration", "BucketMetadataConfiguration"),
                    Map.entry("metadataTable", "BucketMetadataTableConfiguration"),
                    Map.entry("metrics", "BucketMetricsConfiguration"),
                    Map.entry("notification", "BucketNotification"),
                    Map.entry("object-lock", "BucketObjectLockConfiguration"),
                    Map.entry("ownershipControls", "BucketOwnershipControls"),
                    Map.entry("policy", "BucketPolicy"),
                    Map.entry("policyStatus", "BucketPolicyStatus"),
                    Map.entry("publicAccessBlock", "BucketPublicAccessBlock"),
                    Map.entry("replication", "BucketReplication"),
                    Map.entry("requestPayment", "BucketRequestPayment"),
                    Map.entry("tagging", "BucketTagging"),
                    Map.entry("versioning", "BucketVersioning"),
                    Map.entry("website", "BucketWebsite"));

    /// Those of which a bucket has many: without an id they are listed.
    private static final Set<String> MANY =
            Set.of("analytics", "intelligent-tiering", "inventory", "metrics");

    private static final Map<String, String> OF_OBJECT =
            Map.of(
                    "acl", "ObjectAcl",
                    "tagging", "ObjectTagging",
                    "retention", "ObjectRetention",
                    "legal-hold", "ObjectLegalHold",
                    "torrent", "ObjectTorrent",
                    "attributes", "ObjectAttributes");

    /// Every operation that can be told apart, by its key.
    private static final Map<String, S3Operation> ALL = all();

    private static final S3Operation UNKNOWN_READ = new S3Operation(Named.UNKNOWN, true, false);
    private static final S3Operation UNKNOWN_WRITE = new S3Operation(Named.UNKNOWN, false, false);

    /// The operation asked for.
    ///
    /// @param bucket whether the request names a bucket
    /// @param key whether it names an object
    /// @param query names of the query's parameters
    /// @param copies whether it names a source to copy from
    static S3Operation of(
            String method, boolean bucket, boolean key, List<String> query, boolean copies) {
        String level = key ? "object" : bucket ? "bucket" : "service";
        String plain = method + " " + level;
        S3Operation found = null;
        for (String name : query) {
            String wanted = plain + " " + name;
            if (MANY.contains(name) && method.equals("GET") && !query.contains("id")) {
                wanted = plain + " " + name + " all";
            } else if (name.equals("uploadId") && query.contains("partNumber") && copies) {
                wanted = plain + " uploadId copy";
            }
            S3Operation there = ALL.get(wanted);
            if (there != null) {
                found = there;
                break;
            }
        }
        if (found == null) {
            found = ALL.get(copies && method.equals("PUT") && key ? plain + " copy" : plain);
        }
        if (found != null) {
            return found;
        }
        return method.equals("GET") || method.equals("HEAD") ? UNKNOWN_READ : UNKNOWN_WRITE;
    }

    /// The operation of that name.
    static Optional<S3Operation> named(String eventName) {
        return ALL.values().stream()
                .filter(operation -> operation.name.equals(eventName))
                .findFirst();
    }

    /// Every operation, for pages and tests.
    static List<S3Operation> every() {
        return ALL.values().stream().distinct().sorted((a, b) -> a.name.compareTo(b.name)).toList();
    }

    private static Map<String, S3Operation> all() {
        var all = new HashMap<String, S3Operation>();
        OF_BUCKET.forEach((query, name) -> {
            all.put("GET bucket " + query, new S3Operation("Get" + name, true, false));
            all.put("PUT bucket " + query, new S3Operation("Put" + name, false, false));
            all.put("DELETE bucket " + query, new S3Operation("Delete" + name, false, false));
        });
        MANY.forEach(query ->
                all.put(
                        "GET bucket " + query + " all",
                        new S3Operation("List" + OF_BUCKET.get(query) + "s", true, false)));
        OF_OBJECT.forEach((query, name) -> {
            all.put("GET object " + query, new S3Operation("Get" + name, true, true));
            all.put("PUT object " + query, new S3Operation("Put" + name, false, true));
            all.put("DELETE object " + query, new S3Operation("Delete" + name, false, true));
        });
        management(all, "GET service", "ListBuckets", true);
        management(all, "PUT bucket", "CreateBucket", false);
        management(all, "DELETE bucket", "DeleteBucket", false);
        management(all, "HEAD bucket", "HeadBucket", true);
        management(
                all,
                "POST bucket metadataConfiguration",
                "CreateBucketMetadataConfiguration",
                false);
        management(
                all, "POST bucket metadataTable", "CreateBucketMetadataTableConfiguration", false);
        data(all, "GET bucket", "ListObjects", true);
        data(all, "GET bucket versions", "ListObjectVersions", true);
        data(all, "GET bucket uploads", "ListMultipartUploads", true);
        data(all, "GET bucket session", "CreateSession", true);
        data(all, "POST bucket delete", "DeleteObjects", false);
        data(all, "POST bucket", "PostObject", false);
        data(all, "GET object", "GetObject", true);
        data(all, "HEAD object", "HeadObject", true);
        data(all, "PUT object", "PutObject", false);
        data(all, "PUT object copy", "CopyObject", false);
        data(all, "PUT object renameObject", "RenameObject", false);
        data(all, "DELETE object", "DeleteObject", false);
        data(all, "GET object uploadId", "ListParts", true);
        data(all, "POST object uploads", "CreateMultipartUpload", false);
        data(all, "POST object uploadId", "CompleteMultipartUpload", false);
        data(all, "PUT object uploadId", "UploadPart", false);
        data(all, "PUT object uploadId copy", "UploadPartCopy", false);
        data(all, "DELETE object uploadId", "AbortMultipartUpload", false);
        data(all, "POST object restore", "RestoreObject", false);
        data(all, "POST object select", "SelectObjectContent", true);
        return Map.copyOf(all);
    }

    private static void management(
            Map<String, S3Operation> all, String key, String name, boolean readOnly) {
        all.put(key, new S3Operation(name, readOnly, false));
    }

    private static void data(
            Map<String, S3Operation> all, String key, String name, boolean readOnly) {
        all.put(key, new S3Operation(name, readOnly, true));
    }
}

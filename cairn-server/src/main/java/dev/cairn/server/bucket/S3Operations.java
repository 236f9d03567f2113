package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Action;
import dev.cairn.access.Decision;
import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import dev.cairn.access.Target;
import dev.cairn.account.Caller;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.archive.ObjectStore;
import dev.cairn.archive.ObjectStore.Opener;
import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.PublicAccessBlock;
import dev.cairn.archive.WrappedKey;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.server.http.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The table of S3's operations that are built, and the rights they ask for.
///
/// A bucket's policy is asked on each call together with the caller's key: [Access] decides. The
/// owner's root may always read, write and delete the policy itself, or a slip could lock everyone
/// out for ever.
public final class S3Operations {
    /// The right to read an object.
    private static final Action GET_OBJECT = Action.read("s3", "GetObject");

    private final Access access;
    private final BucketRegister buckets;
    private final ObjectStore store;
    private final Optional<ObjectKeys> keys;
    private final Map<String, S3Operation> built = new HashMap<>();
    private final Encryption encryption;
    private final ObjectWork objects;
    private final UploadWork uploads;
    private final VersionWork versions;
    private final LockWork locks;
    private final LifecycleWork lifecycles;
    private final ColdWork cold;
    private final PublicAccessWork publicAccess;

    /// The policy asked last: whoever reads a bucket reads many of its objects.
    private volatile @Nullable PolicyRead lastPolicy;

    private record PolicyRead(String text, Policy policy) {}

    /// Without KMS: no object is encrypted under a key of its.
    public S3Operations(Access access, BucketRegister buckets, ObjectStore store) {
        this(access, buckets, store, Optional.empty());
    }

    /// @param keys KMS, as objects use it
    public S3Operations(
            Access access, BucketRegister buckets, ObjectStore store, Optional<ObjectKeys> keys) {
        this.access = access;
        this.buckets = buckets;
        this.store = store;
        this.keys = keys;
        this.encryption = new Encryption(buckets, keys);
        this.objects = new ObjectWork(store, encryption);
        this.uploads = new UploadWork(store, encryption);
        this.versions = new VersionWork(buckets, store);
        this.locks = new LockWork(buckets, store);
        this.lifecycles = new LifecycleWork(buckets, store.hasCold());
        this.cold = new ColdWork(store);
        this.publicAccess = new PublicAccessWork(buckets);
        var work = new BucketWork(buckets, store);
        ofBuckets(work);
        ofPublicAccess();
        ofObjects();
        ofUploads();
        ofVersions();
        ofLocks();
        ofLifecycles();
    }

    /// An operation that is built.
    ///
    /// @param action the right that it needs
    /// @param data whether its calls are data events
    public record S3Operation(String name, Action action, boolean data, Work work) {
        /// Whether it changes nothing.
        public boolean readOnly() {
            return name.matches("(Get|List|Head).*");
        }

        /// Whether it is about a bucket that is there, or an object of it.
        public boolean inBucket() {
            return !name.equals("ListBuckets") && !name.equals("CreateBucket");
        }
    }

    /// What an operation does.
    public sealed interface Work {
        /// It answers with a document, and changes nothing in the catalog.
        @FunctionalInterface
        non-sealed interface Document extends Work {
            ObjectNode run(S3Call call, Bucket bucket)
                    throws CatalogException, ArchiveException, IOException;
        }

        /// It answers with bytes or headers of its own.
        @FunctionalInterface
        non-sealed interface Raw extends Work {
            Reply run(S3Call call, Bucket bucket) throws ArchiveException, IOException;
        }

        /// It changes the catalog, in the transaction of its own event. The bucket is null for one
        /// that is to be made.
        @FunctionalInterface
        non-sealed interface Change extends Work {
            ObjectNode run(S3Call call, @Nullable Bucket bucket, Transaction tx)
                    throws CatalogException;
        }
    }

    private void ofBuckets(BucketWork work) {
        read("ListBuckets", "ListAllMyBuckets", false, (call, _) -> work.list(call));
        change("CreateBucket", "CreateBucket", (call, _, tx) -> work.create(call, tx));
        change("DeleteBucket", "DeleteBucket", (call, b, tx) -> work.delete(call, now(b, tx), tx));
        read("HeadBucket", "ListBucket", true, (_, b) -> BucketWork.head(b));
        read(
                "GetBucketLocation",
                "GetBucketLocation",
                false,
                (_, b) ->
                        BucketWork.nothing()
                                .put(
                                        "LocationConstraint",
                                        b.region().equals("us-east-1") ? "" : b.region()));
        read("GetBucketPolicy", "GetBucketPolicy", false, (_, b) -> BucketWork.policy(b));
        read(
                "GetBucketPolicyStatus",
                "GetBucketPolicyStatus",
                false,
                (_, b) -> BucketWork.policyStatus(b));
        change(
                "PutBucketPolicy",
                "PutBucketPolicy",
                (call, b, tx) -> work.putPolicy(call, now(b, tx), tx));
        change(
                "DeleteBucketPolicy",
                "DeleteBucketPolicy",
                (_, b, tx) -> work.deletePolicy(now(b, tx), tx));
        read("GetBucketAcl", "GetBucketAcl", false, (_, b) -> BucketWork.acl(b));
        read("GetBucketTagging", "GetBucketTagging", false, (_, b) -> BucketWork.tagging(b));
        change(
                "PutBucketTagging",
                "PutBucketTagging",
                (call, b, tx) -> work.putTagging(call, now(b, tx), tx));
        change(
                "DeleteBucketTagging",
                "PutBucketTagging",
                (_, b, tx) -> work.deleteTagging(now(b, tx), tx));
        read(
                "GetBucketEncryption",
                "GetEncryptionConfiguration",
                false,
                (_, b) -> Encryption.get(b));
        change(
                "PutBucketEncryption",
                "PutEncryptionConfiguration",
                (call, b, tx) -> encryption.put(call, now(b, tx), tx));
        change(
                "DeleteBucketEncryption",
                "PutEncryptionConfiguration",
                (_, b, tx) -> encryption.delete(now(b, tx), tx));
    }

    private void ofPublicAccess() {
        read(
                "GetPublicAccessBlock",
                "GetBucketPublicAccessBlock",
                false,
                (_, b) -> PublicAccessWork.get(b));
        change(
                "PutPublicAccessBlock",
                PublicAccessWork.RIGHT,
                (call, b, tx) -> {
                    Bucket bucket = now(b, tx);
                    requireToOpen(call, bucket, PublicAccessWork.asked(call));
                    return publicAccess.put(call, bucket, tx);
                });
        change(
                "DeletePublicAccessBlock",
                PublicAccessWork.RIGHT,
                (call, b, tx) -> {
                    Bucket bucket = now(b, tx);
                    requireToOpen(call, bucket, PublicAccessBlock.NONE);
                    return publicAccess.delete(bucket, tx);
                });
    }

    /// Asks for the right to do everything in the account where a call takes away what keeps a
    /// bucket from being opened. The bucket's policy may deny it, and gives it to nobody: whoever
    /// may put a policy could give it to themselves.
    private void requireToOpen(S3Call call, Bucket bucket, PublicAccessBlock asked) {
        if (PublicAccessWork.loosens(bucket, asked)) {
            Action all = Action.administer("s3", PublicAccessWork.RIGHT);
            orFail(decide(call, all, bucket, bucket.arn()));
            orFail(
                    access.decide(
                            call.caller(),
                            all,
                            new Target(bucket.owner(), bucket.arn()),
                            call.context()));
        }
    }

    /// A bucket as it is now, when nobody else can change it: what a call does not change must stay
    /// as it is, and was found before its transaction began.
    private Bucket now(@Nullable Bucket bucket, Transaction tx) throws CatalogException {
        return buckets.find(tx, bucket == null ? "" : bucket.name())
                .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_BUCKET));
    }

    private void ofObjects() {
        read("ListObjects", "ListBucket", true, (call, b) -> objects.list(call, b));
        read("ListObjectsV2", "ListBucket", true, (call, b) -> objects.listV2(call, b));
        raw("GetObject", GET_OBJECT, (call, b) -> get(call, b, true));
        raw("HeadObject", GET_OBJECT, (call, b) -> get(call, b, false));
        raw(
                "PutObject",
                Action.operate("s3", "PutObject"),
                (call, b) -> {
                    requireToLock(call, b);
                    return objects.put(call, b);
                });
        write(
                "CopyObject",
                "PutObject",
                (call, b) -> {
                    requireToLock(call, b);
                    return objects.copy(call, b, source(call));
                });
        write(
                "DeleteObject",
                "DeleteObject",
                (call, b) -> objects.delete(call, mayBypass(call, b)));
        // Each key is decided on by itself.
        write(
                "DeleteObjects",
                "DeleteObject",
                (call, b) ->
                        objects.deleteMany(
                                call,
                                (action, key) ->
                                        decide(call, operate(action), b, b.arn(key))
                                                instanceof Decision.Allowed));
        read("GetObjectAcl", "GetObjectAcl", true, (call, b) -> objects.acl(call, b));
        read("GetObjectTagging", "GetObjectTagging", true, (call, b) -> objects.tagging(call, b));
        write(
                "PutObjectTagging",
                "PutObjectTagging",
                (call, b) -> objects.putTagging(call, b, false));
        write(
                "DeleteObjectTagging",
                "DeleteObjectTagging",
                (call, b) -> objects.putTagging(call, b, true));
    }

    private void ofUploads() {
        write(
                "CreateMultipartUpload",
                "PutObject",
                (call, b) -> {
                    requireToLock(call, b);
                    return uploads.create(call, b);
                });
        raw("UploadPart", Action.operate("s3", "PutObject"), (call, _) -> uploads.part(call));
        write("UploadPartCopy", "PutObject", (call, _) -> uploads.partCopy(call, source(call)));
        write("CompleteMultipartUpload", "PutObject", (call, b) -> uploads.complete(call, b));
        write("AbortMultipartUpload", "AbortMultipartUpload", (call, _) -> uploads.abort(call));
        read("ListParts", "ListMultipartUploadParts", true, (call, b) -> uploads.parts(call, b));
        read(
                "ListMultipartUploads",
                "ListBucketMultipartUploads",
                true,
                (call, b) -> uploads.list(call, b));
    }

    private void ofVersions() {
        read(
                "GetBucketVersioning",
                "GetBucketVersioning",
                false,
                (_, b) -> VersionWork.versioning(b));
        change(
                "PutBucketVersioning",
                "PutBucketVersioning",
                (call, b, tx) -> versions.putVersioning(call, now(b, tx), tx));
        read("ListObjectVersions", "ListBucketVersions", true, (call, b) -> versions.list(call, b));
    }

    private void ofLocks() {
        read(
                "GetObjectLockConfiguration",
                "GetBucketObjectLockConfiguration",
                false,
                (_, b) -> LockWork.configuration(b));
        change(
                "PutObjectLockConfiguration",
                "PutBucketObjectLockConfiguration",
                (call, b, tx) -> locks.putConfiguration(call, now(b, tx), tx));
        read(
                "GetObjectRetention",
                "GetObjectRetention",
                true,
                (call, b) -> locks.retention(call, b));
        write(
                "PutObjectRetention",
                "PutObjectRetention",
                (call, b) -> locks.putRetention(call, b, mayBypass(call, b)));
        read("GetObjectLegalHold", "GetObjectLegalHold", true, (call, b) -> locks.hold(call, b));
        write("PutObjectLegalHold", "PutObjectLegalHold", (call, b) -> locks.putHold(call, b));
    }

    private void ofLifecycles() {
        read(
                "GetBucketLifecycleConfiguration",
                "GetLifecycleConfiguration",
                false,
                (_, b) -> LifecycleWork.get(b));
        change(
                "PutBucketLifecycleConfiguration",
                "PutLifecycleConfiguration",
                (call, b, tx) -> lifecycles.put(call, now(b, tx), tx));
        change(
                "DeleteBucketLifecycle",
                "PutLifecycleConfiguration",
                (_, b, tx) -> lifecycles.delete(now(b, tx), tx));
        write("RestoreObject", "RestoreObject", (call, _) -> cold.restore(call));
    }

    private static Action operate(String operation) {
        return operation.equals(LockWork.BYPASS)
                ? Action.administer("s3", operation)
                : Action.operate("s3", operation);
    }

    /// Whether governance does not hold for a call: it says that it means to bypass it, and its
    /// caller has the right to, which only keys that may do everything have of themselves.
    private boolean mayBypass(S3Call call, Bucket bucket) {
        return LockWork.bypasses(call)
                && decide(call, operate(LockWork.BYPASS), bucket, bucket.arn(call.key()))
                        instanceof Decision.Allowed;
    }

    /// Asks for the rights to lock what is put, where a put does.
    private void requireToLock(S3Call call, Bucket bucket) {
        if (LockWork.asksRetention(call)) {
            orFail(decide(call, operate("PutObjectRetention"), bucket, bucket.arn(call.key())));
        }
        if (LockWork.asksHold(call)) {
            orFail(decide(call, operate("PutObjectLegalHold"), bucket, bucket.arn(call.key())));
        }
    }

    /// The right that an operation needs when it names a version.
    private static Action versioned(Action action) {
        String name = action.operation();
        return switch (name) {
            case "GetObject", "DeleteObject" -> renamed(action, name + "Version");
            case "GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging" ->
                    renamed(action, name.replace("Tagging", "VersionTagging"));
            default -> action;
        };
    }

    private static Action renamed(Action action, String operation) {
        return new Action(action.service(), operation, action.needs(), action.reach());
    }

    private void read(String name, String right, boolean data, Work.Document work) {
        built.put(name, new S3Operation(name, Action.read("s3", right), data, work));
    }

    private void write(String name, String right, Work.Document work) {
        built.put(name, new S3Operation(name, Action.operate("s3", right), true, work));
    }

    private void raw(String name, Action action, Work.Raw work) {
        built.put(name, new S3Operation(name, action, true, work));
    }

    private void change(String name, String right, Work.Change work) {
        built.put(name, new S3Operation(name, Action.operate("s3", right), false, work));
    }

    /// The operation of that name; empty when it is not built.
    public Optional<S3Operation> operation(String name) {
        return Optional.ofNullable(built.get(name));
    }

    /// The bucket that a call is about.
    ///
    /// @throws S3Failure NO_SUCH_BUCKET; ACCESS_DENIED when the caller expected another owner
    public Bucket bucket(S3Call call) throws CatalogException {
        Bucket bucket =
                buckets.find(call.bucket()).orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_BUCKET));
        String expected = call.text("ExpectedBucketOwner");
        if (!expected.isEmpty() && !expected.equals(bucket.owner())) {
            throw new S3Failure(S3Code.ACCESS_DENIED);
        }
        return bucket;
    }

    /// Whether there is a bucket of that name, for those who route.
    public boolean has(String bucket) throws CatalogException {
        return buckets.find(bucket).isPresent();
    }

    /// What a copy reads.
    ///
    /// @param bucket that it lies in
    public record Copied(Bucket bucket, String key) {}

    /// What a call means to copy, whether or not it may; empty when it copies nothing, or from no
    /// bucket that is here.
    public Optional<Copied> copied(S3Call call) throws CatalogException {
        if (!call.has("CopySource")) {
            return Optional.empty();
        }
        ObjectWork.Source source;
        try {
            source = ObjectWork.Source.of(call);
        } catch (S3Failure _) {
            return Optional.empty();
        }
        return buckets.find(source.bucket()).map(bucket -> new Copied(bucket, source.key()));
    }

    /// Asks for the right that an operation needs.
    ///
    /// @param bucket null for an operation on the caller's account
    /// @throws S3Failure ACCESS_DENIED
    public void require(S3Call call, S3Operation operation, @Nullable Bucket bucket) {
        if (bucket != null && operation.name().equals("DeleteObjects")) {
            return;
        }
        Decision decision;
        if (bucket == null) {
            decision =
                    access.decide(
                            call.caller(),
                            operation.action(),
                            Target.account(call.caller().account()),
                            call.context());
        } else {
            String arn = call.key().isEmpty() ? bucket.arn() : bucket.arn(call.key());
            decision =
                    decide(
                            call,
                            call.has("VersionId")
                                    ? versioned(operation.action())
                                    : operation.action(),
                            bucket,
                            arn);
        }
        orFail(decision);
    }

    private static void orFail(Decision decision) {
        switch (decision) {
            case Decision.Allowed() -> {}
            case Decision.Denied(String message) ->
                    throw new S3Failure(S3Code.ACCESS_DENIED, message);
        }
    }

    private Decision decide(S3Call call, Action action, Bucket bucket, String arn) {
        Target target = new Target(bucket.owner(), arn);
        boolean ownersRoot =
                call.caller().type() == Caller.Type.ROOT
                        && action.operation().endsWith("BucketPolicy");
        if (ownersRoot) {
            return access.decide(call.caller(), action, target, call.context());
        }
        Policy policy;
        try {
            policy = policy(bucket);
        } catch (PolicyException e) {
            // It was read when it was put. What cannot be judged any more lets nobody in.
            return new Decision.Denied("The policy of the bucket cannot be read: " + e.message());
        }
        Decision decision =
                access.decide(call.caller(), action, target, call.context(), policy, keys(call));
        boolean outside = !call.caller().account().equals(bucket.owner());
        return decision instanceof Decision.Allowed
                        && outside
                        && PublicAccessWork.restricts(bucket, policy)
                ? access.decide(call.caller(), action, target, call.context())
                : decision;
    }

    private Policy policy(Bucket bucket) throws PolicyException {
        String text = bucket.policy();
        if (text == null) {
            return Policy.NONE;
        }
        PolicyRead known = lastPolicy;
        if (known == null || !known.text().equals(text)) {
            known = new PolicyRead(text, Policy.of(text));
            lastPolicy = known;
        }
        return known.policy();
    }

    /// S3's condition keys
    /// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html).
    private static Map<String, List<String>> keys(S3Call call) {
        var keys = new HashMap<String, List<String>>();
        put(keys, "s3:prefix", call.text("Prefix"), call.has("Prefix"));
        put(keys, "s3:delimiter", call.text("Delimiter"), call.has("Delimiter"));
        put(keys, "s3:max-keys", call.text("MaxKeys"), call.has("MaxKeys"));
        put(keys, "s3:x-amz-acl", call.text("ACL"), call.has("ACL"));
        put(keys, "s3:x-amz-copy-source", call.text("CopySource"), call.has("CopySource"));
        put(keys, "s3:if-none-match", call.text("IfNoneMatch"), call.has("IfNoneMatch"));
        put(keys, "s3:versionid", call.text("VersionId"), call.has("VersionId"));
        put(keys, "s3:object-lock-mode", call.text("ObjectLockMode"), call.has("ObjectLockMode"));
        put(
                keys,
                "s3:object-lock-legal-hold",
                call.text("ObjectLockLegalHoldStatus"),
                call.has("ObjectLockLegalHoldStatus"));
        put(
                keys,
                "s3:x-amz-server-side-encryption",
                call.text("ServerSideEncryption"),
                call.has("ServerSideEncryption"));
        put(
                keys,
                "s3:x-amz-server-side-encryption-aws-kms-key-id",
                call.text("SSEKMSKeyId"),
                call.has("SSEKMSKeyId"));
        put(
                keys,
                "s3:x-amz-content-sha256",
                call.header("x-amz-content-sha256"),
                !call.header("x-amz-content-sha256").isEmpty());
        return keys;
    }

    private static void put(
            Map<String, List<String>> keys, String name, String value, boolean there) {
        if (there) {
            keys.put(name, List.of(value));
        }
    }

    private Reply get(S3Call call, Bucket bucket, boolean body) throws ArchiveException {
        try {
            return objects.get(call, bucket, body);
        } catch (S3Failure failure) {
            if (failure.code() == S3Code.NO_SUCH_KEY) {
                requireToMiss(call, bucket);
            }
            throw failure;
        }
    }

    /// Who may not list a bucket is not told which of its keys are free.
    private void requireToMiss(S3Call call, Bucket bucket) {
        orFail(decide(call, Action.read("s3", "ListBucket"), bucket, bucket.arn()));
    }

    /// Finds what a GetObject would read, and decides on it as on a GetObject.
    ///
    /// @throws S3Failure what such a call would be answered
    public Stored find(S3Call call, Bucket bucket) throws ArchiveException {
        checkKey(call);
        orFail(decide(call, GET_OBJECT, bucket, bucket.arn(call.key())));
        Optional<Stored> object = store.find(bucket.name(), call.key());
        if (object.isEmpty()) {
            requireToMiss(call, bucket);
            throw new S3Failure(S3Code.NO_SUCH_KEY);
        }
        return object.get();
    }

    /// Asks for the key of what [#find] found; empty when it has none.
    Optional<ObjectKeys.Opened> key(S3Call call, Stored found) throws ArchiveException {
        var wrapped = WrappedKey.of(found.headers());
        return wrapped.isEmpty() || keys.isEmpty()
                ? Optional.empty()
                : Optional.of(keys.get().ask(call.caller(), call.context(), wrapped.get()));
    }

    /// Opens what [#find] found; empty when it is gone meanwhile. The caller closes it.
    public Optional<Reading> open(Bucket bucket, Stored found, Opener opener)
            throws ArchiveException {
        return store.read(bucket.name(), found, opener);
    }

    /// Refuses a key that no object can have.
    ///
    /// @throws S3Failure KEY_TOO_LONG, INVALID_ARGUMENT
    public static void checkKey(S3Call call) {
        String key = call.key();
        if (key.getBytes(StandardCharsets.UTF_8).length > 1024) {
            throw new S3Failure(S3Code.KEY_TOO_LONG);
        }
        if (!key.isEmpty() && !ObjectStore.isKey(key)) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT, "Cairn keeps no keys with control characters in them");
        }
    }

    /// Where a copy comes from, once the caller may read it.
    private ObjectWork.Source source(S3Call call) throws CatalogException {
        ObjectWork.Source source = ObjectWork.Source.of(call);
        Bucket bucket =
                buckets.find(source.bucket())
                        .orElseThrow(() -> new S3Failure(S3Code.NO_SUCH_BUCKET));
        orFail(
                decide(
                        call,
                        source.version().isEmpty() ? GET_OBJECT : versioned(GET_OBJECT),
                        bucket,
                        bucket.arn(source.key())));
        return source;
    }
}

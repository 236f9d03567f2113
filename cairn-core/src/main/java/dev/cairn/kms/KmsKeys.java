package dev.cairn.kms;

import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.kms.KmsKey.Rotation;
import dev.cairn.kms.KmsKey.State;
import dev.cairn.secret.Secrets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The keys of a catalog: made, changed and found; [KeyCare] rotates and deletes them in time.
///
/// Documents: `kms-key`, one for each key, under `ACCOUNT/REGION/ID`; `kms-count`, one for each
/// account and region; `kms-due`, one for each key with which something is to be done at a time, in
/// order of that time. What a key may be told in which state is KMS's table
/// (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html). Times are cut to
/// milliseconds. Any thread may call any method; those with a transaction change things, or see
/// what the transaction sees.
public final class KmsKeys {
    /// How many keys an account may have in a region: AWS's quota.
    public static final int KEYS_MAX = 100_000;

    public static final int POLICY_BYTES_MAX = 32 << 10;
    public static final int TAGS_MAX = 50;

    /// How often a key may be rotated on demand in its life.
    public static final int ON_DEMAND_MAX = 10;

    /// Days between automatic rotations when nobody says how many.
    public static final int ROTATION_DAYS = 365;

    static final String DUE = "kms-due";

    private static final String KEY = "kms-key";
    private static final String COUNT = "kms-count";

    private final Catalog catalog;
    private final Materials materials;
    private final Secrets secrets;
    private final int keysMax;
    private final Runnable whenDue;

    /// @param keysMax how many keys an account may have in a region
    /// @param whenDue told after each transaction that leaves something to be done at once
    public KmsKeys(
            Catalog catalog, Materials materials, Secrets secrets, int keysMax, Runnable whenDue) {
        this.catalog = catalog;
        this.materials = materials;
        this.secrets = secrets;
        this.keysMax = keysMax;
        this.whenDue = whenDue;
    }

    // Finding.

    public Optional<KmsKey> find(KeyArn arn) throws CatalogException {
        return read(catalog.get(KEY, arn.key()));
    }

    public Optional<KmsKey> find(Transaction tx, KeyArn arn) throws CatalogException {
        return read(tx.get(KEY, arn.key()));
    }

    /// @throws Failure NOT_FOUND
    public KmsKey expect(KeyArn arn) throws CatalogException {
        return find(arn).orElseThrow(() -> missing(arn));
    }

    /// @throws Failure NOT_FOUND
    public KmsKey expect(Transaction tx, KeyArn arn) throws CatalogException {
        return find(tx, arn).orElseThrow(() -> missing(arn));
    }

    /// KMS's words for a key that is not there.
    public static Failure missing(KeyArn arn) {
        return new Failure(ErrorCode.NOT_FOUND, "Key '%s' does not exist".formatted(arn));
    }

    private static Optional<KmsKey> read(Optional<Document> document) throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(KmsKey.of(document.get()));
    }

    /// An account's keys of a region in order of id.
    ///
    /// @param after the last id of the page before; empty for the first page
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public List<KeyArn> list(String account, String region, String after, int limit)
            throws CatalogException {
        String place = KeyArn.place(account, region);
        List<KeyArn> arns = new ArrayList<>();
        for (Document document :
                catalog.list(KEY, place, after.isEmpty() ? "" : place + after, limit)) {
            arns.add(KeyArn.ofKey(document.key()));
        }
        return arns;
    }

    /// The rotations of a key that are done, oldest first: what came after its first material.
    ///
    /// @param after the last material's number of the page before; 0 for the first page
    public List<Material> rotations(KeyArn arn, int after, int limit) throws CatalogException {
        return materials.list(arn, Math.max(1, after), limit);
    }

    // Changing.

    /// Makes a key with its first material.
    ///
    /// @param policy empty for [#defaultPolicy]
    /// @throws Failure LIMIT_EXCEEDED, MALFORMED_POLICY_DOCUMENT, TAG
    public KmsKey create(
            Transaction tx,
            String account,
            String region,
            String description,
            Optional<String> policy,
            Map<String, String> tags,
            Instant now)
            throws CatalogException {
        count(tx, KeyArn.place(account, region), 1);
        if (policy.isPresent()) {
            read(policy.get());
        }
        KeyArn arn = new KeyArn(region, account, secrets.uuid());
        Instant at = now.truncatedTo(ChronoUnit.MILLIS);
        KmsKey key =
                tagged(
                        KmsKey.made(
                                arn,
                                description,
                                policy.orElseGet(() -> defaultPolicy(account)),
                                at),
                        tags);
        materials.make(tx, arn, new Material(1, Material.How.CREATED, at));
        tx.create(KEY, arn.key(), key.json());
        return key;
    }

    /// As KMS attaches it: the account decides for whom
    /// (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html).
    public static String defaultPolicy(String account) {
        return """
        {
          "Version" : "2012-10-17",
          "Id" : "key-default-1",
          "Statement" : [ {
            "Sid" : "Enable IAM User Permissions",
            "Effect" : "Allow",
            "Principal" : {
              "AWS" : "arn:aws:iam::%s:root"
            },
            "Action" : "kms:*",
            "Resource" : "*"
          } ]
        }\
        """
                .formatted(account);
    }

    /// Reads the text of a key's policy.
    ///
    /// @throws Failure LIMIT_EXCEEDED, MALFORMED_POLICY_DOCUMENT
    public static Policy read(String policy) {
        if (policy.getBytes(StandardCharsets.UTF_8).length > POLICY_BYTES_MAX) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "A key policy has at most %d bytes.".formatted(POLICY_BYTES_MAX));
        }
        try {
            return Policy.deciding(policy);
        } catch (PolicyException e) {
            throw new Failure(ErrorCode.MALFORMED_POLICY_DOCUMENT, e.message());
        }
    }

    /// @throws Failure NOT_FOUND, KMS_INVALID_STATE
    public void enable(Transaction tx, KeyArn arn) throws CatalogException {
        replace(tx, staying(tx, arn).with(State.ENABLED));
    }

    /// @throws Failure NOT_FOUND, KMS_INVALID_STATE
    public void disable(Transaction tx, KeyArn arn) throws CatalogException {
        replace(tx, staying(tx, arn).with(State.DISABLED));
    }

    /// @throws Failure NOT_FOUND, KMS_INVALID_STATE
    public void describe(Transaction tx, KeyArn arn, String description) throws CatalogException {
        replace(tx, staying(tx, arn).withDescription(description));
    }

    /// @throws Failure NOT_FOUND, LIMIT_EXCEEDED, MALFORMED_POLICY_DOCUMENT
    public void putPolicy(Transaction tx, KeyArn arn, String policy) throws CatalogException {
        KmsKey key = expect(tx, arn);
        read(policy);
        replace(tx, key.withPolicy(policy));
    }

    /// @throws Failure NOT_FOUND, KMS_INVALID_STATE, TAG
    public void tag(Transaction tx, KeyArn arn, Map<String, String> tags) throws CatalogException {
        replace(tx, tagged(staying(tx, arn), tags));
    }

    private static KmsKey tagged(KmsKey key, Map<String, String> tags) {
        KmsKey tagged = key;
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            if (tag.getKey().startsWith("aws:")) {
                throw new Failure(ErrorCode.TAG, "Tags beginning with aws: are reserved");
            }
            tagged = tagged.withTag(tag.getKey(), tag.getValue());
        }
        if (tagged.tags().size() > TAGS_MAX) {
            throw new Failure(ErrorCode.TAG, "Too many tags");
        }
        return tagged;
    }

    /// @throws Failure NOT_FOUND, KMS_INVALID_STATE
    public void untag(Transaction tx, KeyArn arn, Collection<String> names)
            throws CatalogException {
        KmsKey key = staying(tx, arn);
        for (String name : names) {
            key = key.withoutTag(name);
        }
        replace(tx, key);
    }

    /// Has a key rotated every so many days from now on.
    ///
    /// @throws Failure NOT_FOUND, DISABLED, KMS_INVALID_STATE
    public void enableRotation(Transaction tx, KeyArn arn, int days, Instant now)
            throws CatalogException {
        Instant next = now.truncatedTo(ChronoUnit.MILLIS).plus(Duration.ofDays(days));
        replace(tx, usable(tx, arn).withRotation(new Rotation(days, next)));
    }

    /// @throws Failure NOT_FOUND, DISABLED, KMS_INVALID_STATE
    public void disableRotation(Transaction tx, KeyArn arn) throws CatalogException {
        replace(tx, usable(tx, arn).withRotation(null));
    }

    /// Asks for a rotation now; [KeyCare] does it when the transaction has ended.
    ///
    /// @throws Failure NOT_FOUND, DISABLED, KMS_INVALID_STATE; CONFLICT while one is asked for;
    ///   LIMIT_EXCEEDED after [#ON_DEMAND_MAX]
    public void rotateOnDemand(Transaction tx, KeyArn arn, Instant now) throws CatalogException {
        KmsKey key = usable(tx, arn);
        if (key.rotationAsked().isPresent()) {
            throw new Failure(
                    ErrorCode.CONFLICT, "A rotation of %s is in progress already.".formatted(arn));
        }
        if (key.rotatedOnDemand() >= ON_DEMAND_MAX) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: "
                            + arn.id());
        }
        replace(tx, key.withRotationAsked(now.truncatedTo(ChronoUnit.MILLIS)));
        tx.atEnd(whenDue);
    }

    /// Has a key deleted in so many days, and unusable until then.
    ///
    /// @return the key as it is then
    /// @throws Failure NOT_FOUND, KMS_INVALID_STATE
    public KmsKey scheduleDeletion(Transaction tx, KeyArn arn, int days, Instant now)
            throws CatalogException {
        Instant at = now.truncatedTo(ChronoUnit.MILLIS).plus(Duration.ofDays(days));
        KmsKey key = staying(tx, arn).withDeletion(at);
        replace(tx, key);
        return key;
    }

    /// Leaves the key disabled.
    ///
    /// @throws Failure NOT_FOUND, KMS_INVALID_STATE
    public void cancelDeletion(Transaction tx, KeyArn arn) throws CatalogException {
        KmsKey key = expect(tx, arn);
        if (key.state() != State.PENDING_DELETION) {
            throw new Failure(ErrorCode.KMS_INVALID_STATE, arn + " is not pending deletion.");
        }
        replace(tx, key.with(State.DISABLED));
    }

    /// Gives a key its next material.
    ///
    /// @param next the key after it, but for the number of its material
    void rotate(Transaction tx, KmsKey next, Material.How how, Instant at) throws CatalogException {
        KmsKey rotated = next.withNextMaterial();
        materials.make(tx, rotated.arn(), new Material(rotated.material(), how, at));
        replace(tx, rotated);
    }

    /// Removes a key and destroys its material.
    void delete(Transaction tx, KmsKey key) throws CatalogException {
        Document old = document(tx, key.arn());
        due(tx, KmsKey.of(old), Optional.empty());
        tx.delete(old);
        materials.destroy(tx, key.arn());
        count(tx, KeyArn.place(key.arn().account(), key.arn().region()), -1);
    }

    private KmsKey staying(Transaction tx, KeyArn arn) throws CatalogException {
        KmsKey key = expect(tx, arn);
        key.checkStays();
        return key;
    }

    private KmsKey usable(Transaction tx, KeyArn arn) throws CatalogException {
        KmsKey key = expect(tx, arn);
        key.checkUsable();
        return key;
    }

    private static Document document(Transaction tx, KeyArn arn) throws CatalogException {
        return tx.get(KEY, arn.key()).orElseThrow(() -> missing(arn));
    }

    private void replace(Transaction tx, KmsKey next) throws CatalogException {
        Document old = document(tx, next.arn());
        due(tx, KmsKey.of(old), next.due());
        tx.replace(old, next.json());
    }

    /// Moves a key's place among those that are due.
    private static void due(Transaction tx, KmsKey old, Optional<Instant> next)
            throws CatalogException {
        Optional<Instant> before = old.due();
        if (before.equals(next)) {
            return;
        }
        if (before.isPresent()) {
            Optional<Document> place = tx.get(DUE, dueKey(before.get(), old.arn()));
            if (place.isPresent()) {
                tx.delete(place.get());
            }
        }
        if (next.isPresent()) {
            tx.create(DUE, dueKey(next.get(), old.arn()), Fields.none().json());
        }
    }

    private static String dueKey(Instant at, KeyArn arn) {
        return "%015d/%s".formatted(at.toEpochMilli(), arn.key());
    }

    /// The key that is due first.
    Optional<Due> firstDue() throws CatalogException {
        List<Document> first = catalog.list(DUE, "", "", 1);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = first.getFirst().key().split("/", 2);
        return Optional.of(
                new Due(KeyArn.ofKey(parts[1]), Instant.ofEpochMilli(Long.parseLong(parts[0]))));
    }

    /// A key with which something is to be done.
    record Due(KeyArn arn, Instant at) {}

    private void count(Transaction tx, String place, int change) throws CatalogException {
        Optional<Document> old = tx.get(COUNT, place);
        int count =
                change + (old.isEmpty() ? 0 : Integer.parseInt(Fields.of(old.get()).text("keys")));
        if (count > keysMax) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "An account has at most %d keys in a region.".formatted(keysMax));
        }
        String json = Fields.none().with("keys", Integer.toString(count)).json();
        if (old.isEmpty()) {
            tx.create(COUNT, place, json);
        } else {
            tx.replace(old.get(), json);
        }
    }
}

package dev.cairn.kms;

import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A key as it stands. Immutable; fields that this version does not know are kept when it changes.
public final class KmsKey {

    /// What a key may be used for
    /// (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html).
    public enum State {
        ENABLED("Enabled"),
        DISABLED("Disabled"),
        PENDING_DELETION("PendingDeletion");

        private final String wireName;

        State(String wireName) {
            this.wireName = wireName;
        }

        /// As `KeyState` has it.
        public String wireName() {
            return wireName;
        }
    }

    /// Automatic rotation.
    ///
    /// @param days from one to the next
    /// @param next when it is due; passed over while the key is not enabled, and then made up for
    ///   once
    public record Rotation(int days, Instant next) {}

    private static final String CREATED = "created";
    private static final String STATE = "state";
    private static final String DESCRIPTION = "description";
    private static final String POLICY = "policy";
    private static final String MATERIAL = "material";
    private static final String DELETION = "deletion";
    private static final String ROTATION_DAYS = "rotationDays";
    private static final String ROTATION_NEXT = "rotationNext";
    private static final String ROTATION_ASKED = "rotationAsked";
    private static final String ON_DEMAND = "rotatedOnDemand";
    private static final String TAG = "tag.";

    private final KeyArn arn;
    private final Fields fields;

    private KmsKey(KeyArn arn, Fields fields) {
        this.arn = arn;
        this.fields = fields;
    }

    /// A new key, enabled, whose first material encrypts.
    static KmsKey made(KeyArn arn, String description, String policyText, Instant now) {
        return new KmsKey(
                arn,
                Fields.none()
                        .with(CREATED, now.toString())
                        .with(STATE, State.ENABLED.name())
                        .with(DESCRIPTION, description)
                        .with(POLICY, policyText)
                        .with(MATERIAL, "1")
                        .with(ON_DEMAND, "0"));
    }

    static KmsKey of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        for (String name :
                new String[] {CREATED, STATE, DESCRIPTION, POLICY, MATERIAL, ON_DEMAND}) {
            fields.text(name);
        }
        return new KmsKey(KeyArn.ofKey(document.key()), fields);
    }

    String json() {
        return fields.json();
    }

    public KeyArn arn() {
        return arn;
    }

    public Instant created() {
        return Instant.parse(text(CREATED));
    }

    public State state() {
        return State.valueOf(text(STATE));
    }

    public String description() {
        return text(DESCRIPTION);
    }

    /// The number of the material that encrypts, from 1.
    public int material() {
        return Integer.parseInt(text(MATERIAL));
    }

    /// When it is deleted; empty unless that is scheduled.
    public Optional<Instant> deletion() {
        return fields.find(DELETION).map(Instant::parse);
    }

    /// How it is rotated automatically; empty when it is not.
    public Optional<Rotation> rotation() {
        return fields.find(ROTATION_DAYS)
                .map(days ->
                        new Rotation(Integer.parseInt(days), Instant.parse(text(ROTATION_NEXT))));
    }

    /// Since when a rotation on demand waits to be done; empty when none does.
    public Optional<Instant> rotationAsked() {
        return fields.find(ROTATION_ASKED).map(Instant::parse);
    }

    /// How often a rotation on demand was asked for.
    public int rotatedOnDemand() {
        return Integer.parseInt(text(ON_DEMAND));
    }

    /// By key, in order.
    public Map<String, String> tags() {
        Map<String, String> tags = new TreeMap<>();
        for (String name : fields.names()) {
            if (name.startsWith(TAG)) {
                tags.put(name.substring(TAG.length()), text(name));
            }
        }
        return tags;
    }

    /// The policy's text, as it was given.
    public String policyText() {
        return text(POLICY);
    }

    /// The key's policy, without which nobody may do anything with it.
    ///
    /// @throws CatalogException CORRUPT when what is kept is no policy: it was read before
    public Policy policy() throws CatalogException {
        try {
            return Policy.deciding(policyText());
        } catch (PolicyException e) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT, "expected a policy of the key " + arn, e);
        }
    }

    /// Goes on when the key may encrypt and decrypt.
    ///
    /// @throws Failure DISABLED, KMS_INVALID_STATE
    public void checkUsable() {
        checkStays();
        if (state() == State.DISABLED) {
            throw new Failure(ErrorCode.DISABLED, arn + " is disabled.");
        }
    }

    /// Goes on when the key is not about to be deleted.
    ///
    /// @throws Failure KMS_INVALID_STATE
    public void checkStays() {
        if (state() == State.PENDING_DELETION) {
            throw new Failure(ErrorCode.KMS_INVALID_STATE, arn + " is pending deletion.");
        }
    }

    /// When something is to be done with it that nobody calls for any more.
    Optional<Instant> due() {
        return switch (state()) {
            case DISABLED -> Optional.empty();
            case PENDING_DELETION -> deletion();
            case ENABLED -> rotationAsked().or(() -> rotation().map(Rotation::next));
        };
    }

    KmsKey with(State state) {
        return changed(fields.with(STATE, state.name()).without(DELETION));
    }

    KmsKey withDeletion(Instant at) {
        return changed(
                fields.with(STATE, State.PENDING_DELETION.name()).with(DELETION, at.toString()));
    }

    KmsKey withDescription(String description) {
        return changed(fields.with(DESCRIPTION, description));
    }

    KmsKey withPolicy(String policyText) {
        return changed(fields.with(POLICY, policyText));
    }

    KmsKey withTag(String name, String value) {
        return changed(fields.with(TAG + name, value));
    }

    KmsKey withoutTag(String name) {
        return changed(fields.without(TAG + name));
    }

    KmsKey withRotation(@Nullable Rotation rotation) {
        return changed(
                rotation == null
                        ? fields.without(ROTATION_DAYS).without(ROTATION_NEXT)
                        : fields.with(ROTATION_DAYS, Integer.toString(rotation.days()))
                                .with(ROTATION_NEXT, rotation.next().toString()));
    }

    KmsKey withRotationAsked(Instant at) {
        return changed(
                fields.with(ROTATION_ASKED, at.toString())
                        .with(ON_DEMAND, Integer.toString(rotatedOnDemand() + 1)));
    }

    KmsKey withoutRotationAsked() {
        return changed(fields.without(ROTATION_ASKED));
    }

    /// Encrypting with the material after the present one.
    KmsKey withNextMaterial() {
        return changed(fields.with(MATERIAL, Integer.toString(material() + 1)));
    }

    private KmsKey changed(Fields next) {
        return new KmsKey(arn, next);
    }

    private String text(String name) {
        return fields.find(name).orElseThrow();
    }

    @Override
    public String toString() {
        return "KmsKey[%s, %s]".formatted(arn, state());
    }
}

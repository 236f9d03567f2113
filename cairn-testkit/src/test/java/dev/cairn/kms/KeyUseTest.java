package dev.cairn.kms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class KeyUseTest {
    private static final byte[] TEXT = "the moon is made of basalt".getBytes(UTF_8);
    private static final EncryptionContext CONTEXT =
            new EncryptionContext(Map.of("Department", "Audit", "Level", "3"));

    private final KeyWorld world = new KeyWorld();

    private byte[] open(KmsKey key, byte[] blob, EncryptionContext context) throws Exception {
        return world.use.decrypt(key, Ciphertext.of(blob).orElseThrow(), context);
    }

    private static void fails(ErrorCode code, ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }

    @Test
    void what_is_encrypted_opens_with_the_same_context_and_no_other() throws Exception {
        KmsKey key = world.create();
        byte[] blob = world.use.encrypt(key, TEXT, CONTEXT);

        assertThat(open(key, blob, CONTEXT)).isEqualTo(TEXT);
        for (Map<String, String> other :
                Set.of(
                        Map.<String, String>of(),
                        Map.of("Department", "Audit"),
                        Map.of("Department", "Audit", "Level", "4"),
                        Map.of("department", "Audit", "Level", "3"),
                        Map.of("Department", "AuditLevel", "", "3"),
                        Map.of("Department", "Audit", "Level", "3", "", ""))) {
            fails(
                    ErrorCode.INVALID_CIPHERTEXT,
                    () -> open(key, blob, new EncryptionContext(other)));
        }
    }

    @Property(tries = 50)
    void any_text_opens_again_under_any_context(
            @ForAll @Size(min = 1, max = 4096) byte[] text,
            @ForAll @Size(max = 5) Map<String, String> context)
            throws Exception {
        KeyWorld own = new KeyWorld();
        KmsKey key = own.create();

        byte[] blob = own.use.encrypt(key, text, new EncryptionContext(context));

        assertThat(
                        own.use.decrypt(
                                key,
                                Ciphertext.of(blob).orElseThrow(),
                                new EncryptionContext(context)))
                .isEqualTo(text);
    }

    @Test
    void a_blob_with_any_bit_changed_or_any_end_cut_off_does_not_open() throws Exception {
        KmsKey key = world.create();
        byte[] blob = world.use.encrypt(key, TEXT, CONTEXT);
        for (int bit = 0; bit < blob.length * 8; bit++) {
            byte[] changed = blob.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            closed(key, changed);
        }
        for (int length = 0; length < blob.length; length++) {
            closed(key, java.util.Arrays.copyOf(blob, length));
        }
    }

    private void closed(KmsKey key, byte[] blob) throws Exception {
        var read = Ciphertext.of(blob);
        if (read.isPresent() && read.get().key(KeyWorld.REGION).equals(key.arn())) {
            fails(ErrorCode.INVALID_CIPHERTEXT, () -> world.use.decrypt(key, read.get(), CONTEXT));
        }
    }

    @Test
    void another_key_does_not_open_it() throws Exception {
        byte[] blob = world.use.encrypt(world.create(), TEXT, CONTEXT);
        KmsKey other = world.create();

        fails(ErrorCode.INVALID_CIPHERTEXT, () -> open(other, blob, CONTEXT));
    }

    @Test
    void the_same_text_is_never_encrypted_alike() throws Exception {
        KmsKey key = world.create();
        var blobs = new HashSet<String>();
        for (int i = 0; i < 100; i++) {
            blobs.add(Base64.getEncoder().encodeToString(world.use.encrypt(key, TEXT, CONTEXT)));
        }
        assertThat(blobs).hasSize(100);
    }

    @Test
    void rotation_encrypts_with_new_material_and_opens_with_the_old() throws Exception {
        KmsKey key = world.create();
        byte[] first = world.use.encrypt(key, TEXT, CONTEXT);
        KmsKey rotated = world.rotate(key);
        byte[] second = world.use.encrypt(rotated, TEXT, CONTEXT);

        assertThat(Ciphertext.of(first).orElseThrow().material()).isEqualTo(1);
        assertThat(Ciphertext.of(second).orElseThrow().material()).isEqualTo(2);
        assertThat(open(rotated, first, CONTEXT)).isEqualTo(TEXT);
        assertThat(open(rotated, second, CONTEXT)).isEqualTo(TEXT);
        byte[] unborn = second.clone();
        unborn[28] = 3; // the last byte of the material's number
        fails(ErrorCode.INVALID_CIPHERTEXT, () -> open(rotated, unborn, CONTEXT));
    }

    @Test
    void a_key_that_is_disabled_or_about_to_be_deleted_does_nothing() throws Exception {
        KmsKey key = world.create();
        byte[] blob = world.use.encrypt(key, TEXT, CONTEXT);
        world.change(tx -> world.keys.disable(tx, key.arn()));
        KmsKey disabled = world.keys.expect(key.arn());
        fails(ErrorCode.DISABLED, () -> world.use.encrypt(disabled, TEXT, CONTEXT));
        fails(ErrorCode.DISABLED, () -> open(disabled, blob, CONTEXT));
        fails(ErrorCode.DISABLED, () -> world.use.generate(disabled, 32, CONTEXT));
        world.change(tx -> world.keys.scheduleDeletion(tx, key.arn(), 7, KeyWorld.NOW));
        KmsKey ending = world.keys.expect(key.arn());
        fails(ErrorCode.KMS_INVALID_STATE, () -> world.use.encrypt(ending, TEXT, CONTEXT));
        fails(ErrorCode.KMS_INVALID_STATE, () -> open(ending, blob, CONTEXT));
        world.change(tx -> {
            world.keys.cancelDeletion(tx, key.arn());
            world.keys.enable(tx, key.arn());
        });
        assertThat(open(world.keys.expect(key.arn()), blob, CONTEXT)).isEqualTo(TEXT);
    }

    @Test
    void a_data_key_is_fresh_and_comes_encrypted_as_well() throws Exception {
        KmsKey key = world.create();
        KeyUse.DataKey one = world.use.generate(key, 32, CONTEXT);
        KeyUse.DataKey other = world.use.generate(key, 32, CONTEXT);

        assertThat(one.plaintext()).hasSize(32).isNotEqualTo(other.plaintext());
        assertThat(open(key, one.blob(), CONTEXT)).isEqualTo(one.plaintext());
        assertThat(one.toString()).isEqualTo("DataKey[****]");
    }

    @Test
    void material_is_kept_sealed_and_a_wrong_master_key_says_so() throws Exception {
        KmsKey key = world.create();
        byte[] blob = world.use.encrypt(key, TEXT, CONTEXT);
        byte[] wrong = new byte[32];
        wrong[0] = 1;
        KeyUse other = new KeyWorld(world.catalog, wrong).use;

        assertThatThrownBy(() -> other.decrypt(key, Ciphertext.of(blob).orElseThrow(), CONTEXT))
                .isInstanceOf(CatalogException.class)
                .hasMessageContaining("keys.master");
        assertThat(open(key, blob, CONTEXT)).isEqualTo(TEXT);
        byte[] material = world.materials.open(key.arn(), 1).orElseThrow().getEncoded();
        assertThat(world.catalog.list("kms-material", "", "", 10))
                .singleElement()
                .satisfies(document ->
                        assertThat(document.json())
                                .doesNotContain(Base64.getEncoder().encodeToString(material)));
    }

    /// What this version has written is read by every later one.
    @Test
    void a_key_and_a_blob_of_the_first_version_are_read() throws Exception {
        String id = "123456789012/eu-central-1/73d51abb-d89c-4819-af0e-fb6892f94d68";
        world.change(tx -> {
            tx.create(
                    "kms-key",
                    id,
                    """
                    {"created":"2026-11-21T08:00:00Z","state":"ENABLED","description":"","policy":"{}","material":"1","rotatedOnDemand":"0"}\
                    """);
            tx.create(
                    "kms-material",
                    id + "/000001",
                    """
                    {"how":"CREATED","since":"2026-11-21T08:00:00Z","sealed":"v1.ulu19n4b2ii0BJvw3MnenHMOjJA03bKusqLAcLdDa0Tok9WelrAPMSF6iayeK5HAscNT4lOcqmnYWYG_spxcznRPorK3Acsa"}\
                    """);
        });
        byte[] blob =
                Base64.getDecoder()
                        .decode(
                                "AQAAABy+mRoUc9Uau9icSBmvDvtokvlNaAAAAAHkrteNsV178vwMNOmpneTvO8KxfIE3rWWYePnpJ8P2HXOyBfJB6EZgLPKd8K8Y99cjzuQimIAFt+Ll4uxVJxCor1zWOS5h");

        assertThat(open(world.keys.expect(KeyArn.ofKey(id)), blob, CONTEXT)).isEqualTo(TEXT);
    }
}

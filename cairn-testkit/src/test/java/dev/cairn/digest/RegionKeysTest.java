package dev.cairn.digest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Sealed;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionKeysTest {
    private static final Instant START = Instant.parse("2026-11-20T09:00:00Z");
    private static final String REGION = "us-east-1";

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final List<KeyPair> made = new ArrayList<>();
    private final RegionKeys keys = new RegionKeys(catalog, vault(1), this::make);

    private static Vault vault(int seed) {
        byte[] master = new byte[Vault.MASTER_KEY_BYTES];
        Arrays.fill(master, (byte) seed);
        return new Vault(master, byte[]::new);
    }

    private KeyPair make() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            made.add(generator.generateKeyPair());
            return made.getLast();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_key_is_published_as_pkcs1_named_by_its_md5_and_verifies_what_it_signed()
            throws Exception {
        Signer signer = keys.signer(REGION, START);
        PublishedKey published = keys.published(REGION, START, START).getFirst();

        assertThat(published.pkcs1()).hasSize(270);
        assertThat(signer.fingerprint())
                .isEqualTo(published.fingerprint())
                .isEqualTo(
                        HexFormat.of()
                                .formatHex(
                                        MessageDigest.getInstance("MD5")
                                                .digest(published.pkcs1())));
        var verifier = Signature.getInstance("SHA256withRSA");
        verifier.initVerify(
                KeyFactory.getInstance("RSA")
                        .generatePublic(new X509EncodedKeySpec(spki(published.pkcs1()))));
        verifier.update("text".getBytes(UTF_8));
        assertThat(verifier.verify(HexFormat.of().parseHex(signer.sign("text")))).isTrue();
        assertThat(signer.sign("text")).isEqualTo(signer.sign("text"));
        assertThat(signer.toString()).doesNotContain("private");
    }

    /// The 24 bytes that an RSA-2048 SubjectPublicKeyInfo has before its PKCS#1 part.
    private static byte[] spki(byte[] pkcs1) {
        byte[] head = HexFormat.of().parseHex("30820122300d06092a864886f70d01010105000382010f00");
        byte[] all = Arrays.copyOf(head, head.length + pkcs1.length);
        System.arraycopy(pkcs1, 0, all, head.length, pkcs1.length);
        return all;
    }

    @Test
    void keys_rotate_before_they_end_and_both_are_published_meanwhile() throws Exception {
        Signer first = keys.signer(REGION, START);
        Instant late = START.plus(Duration.ofDays(23)).minusSeconds(1);
        Signer same = keys.signer(REGION, late);
        Signer second = keys.signer(REGION, late.plusSeconds(1));

        assertThat(same.fingerprint()).isEqualTo(first.fingerprint());
        assertThat(second.fingerprint()).isNotEqualTo(first.fingerprint());
        assertThat(keys.published(REGION, late.plusSeconds(2), late.plusSeconds(3)))
                .extracting(PublishedKey::fingerprint)
                .containsExactly(first.fingerprint(), second.fingerprint());
        assertThat(keys.published(REGION, START, START)).hasSize(1);
        // What was begun with the first is ended with it.
        assertThat(keys.signer(REGION, first.fingerprint()).sign("x")).isEqualTo(first.sign("x"));
        assertThat(keys.signer(REGION, START.plusSeconds(5)).fingerprint())
                .isEqualTo(first.fingerprint());
    }

    @Test
    void each_region_has_its_own_key_and_a_restart_finds_it() throws Exception {
        Signer here = keys.signer(REGION, START);
        Signer there = keys.signer("eu-west-1", START);
        var again = new RegionKeys(catalog.reopen(), vault(1), this::make);

        assertThat(there.fingerprint()).isNotEqualTo(here.fingerprint());
        assertThat(again.signer(REGION, START).fingerprint()).isEqualTo(here.fingerprint());
        assertThat(made).hasSize(2);
    }

    @Test
    void the_private_half_opens_under_its_master_key_only() throws Exception {
        keys.signer(REGION, START);

        assertThat(catalog.list("digest-key", "", "", 10).getFirst().json())
                .doesNotContain(
                        java.util.Base64.getEncoder()
                                .encodeToString(made.getFirst().getPrivate().getEncoded())
                                .substring(40, 80));
        var stranger = new RegionKeys(catalog, vault(2), this::make);
        assertThat(
                        org.assertj.core.api.Assertions.catchThrowableOfType(
                                        CatalogException.class,
                                        () -> stranger.signer(REGION, START))
                                .kind())
                .isEqualTo(CatalogException.Kind.CORRUPT);
    }

    @Test
    void a_key_is_published_to_clocks_that_are_behind() throws Exception {
        Signer first = keys.signer(REGION, START);

        assertThat(keys.published(REGION, START.minusSeconds(2), START.minusSeconds(1)))
                .extracting(PublishedKey::fingerprint)
                .containsExactly(first.fingerprint());
    }

    @Test
    void the_private_half_goes_over_to_another_master_key() throws Exception {
        Signer before = keys.signer(REGION, START);

        assertThat(Sealed.anew(catalog, vault(1), vault(2))).isEqualTo(1);

        var after = new RegionKeys(catalog, vault(2), this::make);
        assertThat(after.signer(REGION, START).sign("text")).isEqualTo(before.sign("text"));
        assertThat(Sealed.opens(catalog, vault(1))).isFalse();
        assertThat(Sealed.opens(catalog, vault(2))).isTrue();
    }
}

package dev.cairn.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class VaultTest {
    private final Random random = new Random(1);
    private final Secrets secrets =
            count -> {
                byte[] bytes = new byte[count];
                random.nextBytes(bytes);
                return bytes;
            };
    private final Vault vault = new Vault(secrets.bytes(32), secrets);

    @Property(tries = 200)
    void whatWasSealedOpens(@ForAll @NotEmpty String text) throws Exception {
        // Lone surrogates have no UTF-8; no secret has them.
        String whole = text.replaceAll("\\p{Cs}", "?");
        String sealed = vault.seal("key", "AKIA1", new Secret(whole));
        assertThat(vault.open("key", "AKIA1", sealed).reveal()).isEqualTo(whole);
    }

    @Test
    void theSameSecretIsNeverSealedAlike() {
        Secret secret = new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        assertThat(vault.seal("key", "AKIA1", secret))
                .isNotEqualTo(vault.seal("key", "AKIA1", secret))
                .doesNotContain("wJalr");
    }

    @Test
    void itOpensInItsOwnPlaceOnly() {
        String sealed = vault.seal("key", "AKIA1", new Secret("s"));
        assertClosed(vault, "key", "AKIA2", sealed);
        assertClosed(vault, "token", "AKIA1", sealed);
        assertClosed(vault, "keyA", "KIA1", sealed);
    }

    @Test
    void itOpensUnderItsOwnMasterKeyOnly() {
        String sealed = vault.seal("key", "AKIA1", new Secret("s"));
        assertClosed(new Vault(secrets.bytes(32), secrets), "key", "AKIA1", sealed);
    }

    @Test
    void aChangedCharacterIsNoticed() {
        String sealed = vault.seal("key", "AKIA1", new Secret("a secret"));
        for (int i = 0; i < sealed.length(); i++) {
            char[] changed = sealed.toCharArray();
            changed[i] = changed[i] == 'A' ? 'Q' : 'A';
            assertClosed(vault, "key", "AKIA1", new String(changed));
            assertClosed(vault, "key", "AKIA1", sealed.substring(0, i));
        }
        assertClosed(vault, "key", "AKIA1", "v1.***");
    }

    @Test
    void aMasterKeyOfAnotherLengthIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Vault(new byte[16], secrets));
    }

    @Test
    void lettersAreSpreadEvenly() {
        assertThat(secrets.letters("ABCD", 4000).chars().filter(c -> c == 'A').count())
                .isBetween(900L, 1100L);
        assertThatIllegalArgumentException().isThrownBy(() -> secrets.letters("ABC", 1));
    }

    @Test
    void aSecretPrintsAsStarsAndComparesByItsText() {
        assertThat(new Secret("s")).hasToString("****").isEqualTo(new Secret("s"));
        assertThat(new Secret("s")).isNotEqualTo(new Secret("t")).isNotEqualTo(new Secret("st"));
        assertThat(Arrays.asList(new Secret("s")).toString()).isEqualTo("[****]");
    }

    private static void assertClosed(Vault vault, String kind, String id, String sealed) {
        assertThatThrownBy(() -> vault.open(kind, id, sealed))
                .isInstanceOf(GeneralSecurityException.class);
    }
}

package dev.cairn.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Work;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccountsTest {
    private static final String DEFAULT = "123456789012";
    private static final String OTHER = "210987654321";
    private static final Instant NOW = Instant.parse("2026-11-21T01:02:03.004Z");

    private final Random random = new Random(7);
    private final Secrets secrets =
            count -> {
                byte[] bytes = new byte[count];
                random.nextBytes(bytes);
                return bytes;
            };
    private final Vault vault = new Vault(secrets.bytes(32), secrets);
    private final MemoryCatalog catalog = new MemoryCatalog();
    private final Accounts accounts = open(catalog, null);

    @Test
    void theFirstStartMakesTheDefaultAccountAndItsRootKey() throws Exception {
        assertThat(accounts.accounts("", 10))
                .containsExactly(new Account(DEFAULT, DEFAULT, Account.Origin.CREATED, NOW));
        Credentials root = rootKey(accounts, DEFAULT);
        assertThat(root.accessKeyId()).matches("AKIA[A-Z2-7]{16}");
        assertThat(root.secretAccessKey().reveal()).matches("[A-Za-z0-9+/]{40}");
        assertThat(accounts.signer(root.accessKeyId()))
                .contains(
                        new Signer(
                                Caller.root(DEFAULT, root.accessKeyId()), root.secretAccessKey()));
        Caller caller = accounts.signer(root.accessKeyId()).orElseThrow().caller();
        assertThat(caller.arn()).isEqualTo("arn:aws:iam::123456789012:root");
        assertThat(caller.principalId()).isEqualTo(DEFAULT);
        assertThat(caller.userName()).isNull();
    }

    @Test
    void aLaterStartFindsTheSameRootKey() throws Exception {
        Credentials root = rootKey(accounts, DEFAULT);
        assertThat(rootKey(open(catalog, null), DEFAULT)).isEqualTo(root);
    }

    @Test
    void theRootKeyOfTheSettingsReplacesTheStoredOne() throws Exception {
        Credentials stored = rootKey(accounts, DEFAULT);
        Credentials fixed = new Credentials("test", new Secret("secret"));
        Accounts later = open(catalog, fixed);
        assertThat(rootKey(later, DEFAULT)).isEqualTo(fixed);
        assertThat(later.signer("test").map(Signer::caller)).contains(Caller.root(DEFAULT, "test"));
        assertThat(later.signer(stored.accessKeyId())).isEmpty();
        assertThat(later.keys(DEFAULT, "", 10)).extracting(AccessKey::id).containsExactly("test");
    }

    @Test
    void onlyTheSecretOfTheSettingsMayChange() throws Exception {
        MemoryCatalog fresh = new MemoryCatalog();
        open(fresh, new Credentials("test", new Secret("one")));
        Accounts later = open(fresh, new Credentials("test", new Secret("two")));
        assertThat(later.signer("test").map(Signer::secretAccessKey)).contains(new Secret("two"));
        assertThat(later.keys(DEFAULT, "", 10)).hasSize(1);
    }

    @Test
    void theRootKeyOfTheSettingsFollowsTheDefaultAccount() throws Exception {
        MemoryCatalog fresh = new MemoryCatalog();
        Credentials fixed = new Credentials("test", new Secret("secret"));
        open(fresh, fixed);
        Accounts later =
                Accounts.open(fresh, vault, secrets, clock(), new Accounts.Settings(OTHER, fixed));
        assertThat(later.signer("test").map(Signer::caller)).contains(Caller.root(OTHER, "test"));
        assertThat(later.keys(DEFAULT, "", 10)).isEmpty();
        assertThat(
                        fresh.<Credentials, RuntimeException>write(tx -> later.rootKey(tx, DEFAULT))
                                .accessKeyId())
                .startsWith("AKIA");
    }

    @Test
    void theRootKeyOfTheSettingsMustNotBeAUsersKey() throws Exception {
        Credentials mary = createKey(DEFAULT, "Mary", Allow.READ);
        assertFails(
                () -> open(catalog, new Credentials(mary.accessKeyId(), new Secret("s"))),
                ErrorCode.ACCESS_KEY_ALREADY_EXISTS);
        assertThat(open(catalog, null).signer(mary.accessKeyId())).isPresent();
    }

    @Test
    void settingsOfAnotherFormAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Accounts.Settings("12345", null))
                .withMessage("account.id: expected 12 digits, got 12345");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Accounts.Settings(DEFAULT, new Credentials("a/b", new Secret("s"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Accounts.Settings(DEFAULT, new Credentials("ab", new Secret(" "))));
    }

    @Test
    void anotherMasterKeyIsNoticedAtTheStart() {
        Vault other = new Vault(secrets.bytes(32), secrets);
        assertThatThrownBy(() ->
                        Accounts.open(
                                catalog,
                                other,
                                secrets,
                                clock(),
                                new Accounts.Settings(DEFAULT, null)))
                .isInstanceOfSatisfying(
                        CatalogException.class,
                        e -> assertThat(e.kind()).isEqualTo(CatalogException.Kind.CORRUPT))
                .hasMessageContaining("does not open: the master key (keys.master) is not the one");
    }

    @Test
    void noSecretStandsInTheCatalogInTheClear() throws Exception {
        Credentials mary = createKey(DEFAULT, "Mary", Allow.READ);
        Token.Made token = createToken(DEFAULT, Token.Purpose.INTAKE);
        List<String> all = new ArrayList<>();
        for (String kind :
                List.of("account", "key", "token", "user", "account-key", "account-token")) {
            for (Document document : catalog.list(kind, "", "", 1000)) {
                all.add(document.key() + document.json());
            }
        }
        assertThat(all)
                .hasSizeGreaterThan(6)
                .noneMatch(text -> text.contains(mary.secretAccessKey().reveal()))
                .noneMatch(text -> text.contains(token.bearer().reveal()))
                .noneMatch(text -> text.contains(token.bearer().reveal().substring(21)));
        assertThat(mary.toString()).doesNotContain(mary.secretAccessKey().reveal());
        assertThat(token.toString()).doesNotContain(token.bearer().reveal());
    }

    @Test
    void anAccountIsMadeOnce() throws Exception {
        Account made = write(tx -> accounts.create(tx, OTHER, "Audit"));
        assertThat(made).isEqualTo(new Account(OTHER, "Audit", Account.Origin.CREATED, NOW));
        assertThat(accounts.account(OTHER)).map(Account::name).contains("Audit");
        assertFails(
                () -> write(tx -> accounts.create(tx, OTHER, null)),
                ErrorCode.ACCOUNT_ALREADY_EXISTS);
    }

    @Test
    void anAccountWithoutAnIdGetsOne() throws Exception {
        Account made = write(tx -> accounts.create(tx, null, null));
        assertThat(made.id()).matches("[0-9]{12}");
        assertThat(made.name()).isEqualTo(made.id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12345678901", "1234567890123", "12345678901a", "700***"})
    void aMadeAccountHasTwelveDigits(String id) {
        assertFails(() -> write(tx -> accounts.create(tx, id, null)), ErrorCode.INVALID_PARAMETER);
    }

    @Test
    void anImportedAccountMayHaveAnyFormAndIsRegisteredOnce() throws Exception {
        for (String id : List.of("700***", "0000", "a/b", "ünï", " ")) {
            Account first = accounts.register(id);
            assertThat(first).isEqualTo(new Account(id, id, Account.Origin.IMPORTED, NOW));
            assertThat(accounts.register(id)).isEqualTo(first);
            assertThat(catalog.get("account", id)).map(Document::version).contains(1L);
            Credentials root = rootKey(accounts, id);
            assertThat(rootKey(accounts, id)).isEqualTo(root);
            assertThat(accounts.signer(root.accessKeyId()).orElseThrow().caller().arn())
                    .isEqualTo("arn:aws:iam::" + id + ":root");
        }
        assertThat(accounts.register(DEFAULT).origin()).isEqualTo(Account.Origin.CREATED);
        for (String id : List.of("", "a\nb", "\uD83D", "x".repeat(257))) {
            assertFails(() -> accounts.register(id), ErrorCode.INVALID_PARAMETER);
            assertThat(accounts.account(id)).isEmpty();
        }
    }

    @Test
    void accountsAreListedInPages() throws Exception {
        for (String id : List.of("c", "a", "b")) {
            accounts.register(id);
        }
        assertThat(accounts.accounts("", 2)).extracting(Account::id).containsExactly(DEFAULT, "a");
        assertThat(accounts.accounts("a", 2)).extracting(Account::id).containsExactly("b", "c");
    }

    @Test
    void aUserKeepsTheirPrincipalIdFromKeyToKey() throws Exception {
        write(tx -> accounts.create(tx, OTHER, null));
        Credentials first = createKey(DEFAULT, "Mary", Allow.READ);
        Caller mary = accounts.signer(first.accessKeyId()).orElseThrow().caller();
        assertThat(mary.principalId()).matches("AIDA[A-Z2-7]{17}");
        assertThat(mary)
                .isEqualTo(
                        Caller.user(
                                DEFAULT,
                                "Mary",
                                mary.principalId(),
                                first.accessKeyId(),
                                Allow.READ));
        assertThat(mary.arn()).isEqualTo("arn:aws:iam::123456789012:user/Mary");

        revokeKey(DEFAULT, first.accessKeyId());
        Credentials second = createKey(DEFAULT, "Mary", Allow.ALL);
        assertThat(principalOf(second)).isEqualTo(mary.principalId());
        assertThat(principalOf(createKey(DEFAULT, "Bob", Allow.READ)))
                .isNotEqualTo(mary.principalId());
        assertThat(principalOf(createKey(OTHER, "Mary", Allow.READ)))
                .isNotEqualTo(mary.principalId());
    }

    @Test
    void aRevokedKeySignsNoMore() throws Exception {
        Credentials mary = createKey(DEFAULT, "Mary", Allow.READ);
        assertThat(accounts.signer(mary.accessKeyId())).isPresent();
        revokeKey(DEFAULT, mary.accessKeyId());
        assertThat(accounts.signer(mary.accessKeyId())).isEmpty();
        assertThat(accounts.keys(DEFAULT, "", 10)).extracting(AccessKey::user).containsOnlyNulls();
        assertFails(() -> revokeKey(DEFAULT, mary.accessKeyId()), ErrorCode.ACCESS_KEY_NOT_FOUND);
    }

    @Test
    void aRevocationThatIsUndoneLeavesTheKeyInUse() throws Exception {
        Credentials mary = createKey(DEFAULT, "Mary", Allow.READ);
        assertThatThrownBy(() ->
                        write(tx -> {
                            accounts.revokeKey(tx, DEFAULT, mary.accessKeyId());
                            throw new IllegalStateException("on purpose");
                        }))
                .hasMessage("on purpose");
        assertThat(accounts.signer(mary.accessKeyId())).isPresent();
    }

    @Test
    void aRevokedRootKeyIsMadeAnew() throws Exception {
        Credentials root = rootKey(accounts, DEFAULT);
        revokeKey(DEFAULT, root.accessKeyId());
        assertThat(accounts.signer(root.accessKeyId())).isEmpty();
        assertThat(rootKey(accounts, DEFAULT)).isNotEqualTo(root);
    }

    @Test
    void nobodyRevokesAnotherAccountsKeysOrTokens() throws Exception {
        write(tx -> accounts.create(tx, OTHER, null));
        Credentials mary = createKey(DEFAULT, "Mary", Allow.READ);
        Token.Made token = createToken(DEFAULT, Token.Purpose.INTAKE);
        assertFails(() -> revokeKey(OTHER, mary.accessKeyId()), ErrorCode.ACCESS_KEY_NOT_FOUND);
        assertFails(() -> revokeToken(OTHER, token.token().id()), ErrorCode.TOKEN_NOT_FOUND);
        assertThat(accounts.signer(mary.accessKeyId())).isPresent();
        assertThat(accounts.bearer(token.bearer().reveal())).isPresent();
    }

    @Test
    void anAccountsKeysAreListedWithoutTheOthers() throws Exception {
        // One id is the start of the other: neither may see the other's keys.
        accounts.register("1");
        accounts.register("1/");
        Credentials one = createKey("1", "Mary", Allow.OPERATE);
        Credentials two = createKey("1/", "Mary", Allow.READ);
        assertThat(accounts.keys("1", "", 10))
                .containsExactly(new AccessKey(one.accessKeyId(), "1", "Mary", Allow.OPERATE, NOW));
        assertThat(accounts.keys("1/", "", 10))
                .extracting(AccessKey::id)
                .containsExactly(two.accessKeyId());
        assertThat(accounts.keys("1", "", 1))
                .extracting(AccessKey::id)
                .containsExactly(one.accessKeyId());
        assertThat(accounts.keys("1", one.accessKeyId(), 10)).isEmpty();
        assertThat(accounts.keys("2", "", 10)).isEmpty();
        assertThat(accounts.keys("", "", 10)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "Ü", "a:b"})
    void aUserNameIsIams(String user) {
        assertFails(() -> createKey(DEFAULT, user, Allow.READ), ErrorCode.INVALID_PARAMETER);
    }

    @Test
    void keysAndTokensNeedAnAccount() {
        assertFails(() -> createKey(OTHER, "Mary", Allow.READ), ErrorCode.ACCOUNT_NOT_FOUND);
        assertFails(() -> rootKey(accounts, OTHER), ErrorCode.ACCOUNT_NOT_FOUND);
        assertFails(() -> createToken(OTHER, Token.Purpose.INTAKE), ErrorCode.ACCOUNT_NOT_FOUND);
    }

    @Test
    void aBearerIsKnownByTheWholeToken() throws Exception {
        Token.Made made = createToken(DEFAULT, Token.Purpose.METRICS);
        String text = made.bearer().reveal();
        assertThat(text)
                .matches("CTOK[A-Z2-7]{16}\\.[A-Za-z0-9_-]{40}")
                .startsWith(made.token().id());
        Caller caller = accounts.bearer(text).orElseThrow();
        assertThat(caller.type()).isEqualTo(Caller.Type.TOKEN);
        assertThat(caller.account()).isEqualTo(DEFAULT);
        assertThat(caller.purpose()).isEqualTo(Token.Purpose.METRICS);
        assertThat(accounts.tokens(DEFAULT, "", 10)).containsExactly(made.token());
        for (String wrong :
                List.of(
                        "",
                        "x",
                        made.token().id(),
                        made.token().id() + ".",
                        text + "x",
                        text.substring(0, text.length() - 1),
                        "\n".repeat(20) + ".x",
                        "CTOKAAAAAAAAAAAAAAAA" + text.substring(20))) {
            assertThat(accounts.bearer(wrong)).as(wrong).isEmpty();
        }
    }

    @Test
    void aRevokedTokenBearsNoMore() throws Exception {
        Token.Made made = createToken(DEFAULT, Token.Purpose.INTAKE);
        assertThat(accounts.bearer(made.bearer().reveal())).isPresent();
        revokeToken(DEFAULT, made.token().id());
        assertThat(accounts.bearer(made.bearer().reveal())).isEmpty();
        assertThat(accounts.tokens(DEFAULT, "", 10)).isEmpty();
    }

    @Test
    void anAccessKeyIdOfAnyFormIsLookedUpWithoutHarm() throws Exception {
        for (String id : List.of("", "a\u0000", "AKIA/..", "x".repeat(200), "AKIANONE", "\uD83D")) {
            assertThat(accounts.signer(id)).isEmpty();
            assertFails(() -> revokeKey(DEFAULT, id), ErrorCode.ACCESS_KEY_NOT_FOUND);
            assertFails(() -> revokeToken(DEFAULT, id), ErrorCode.TOKEN_NOT_FOUND);
        }
    }

    private Accounts open(Catalog catalog, @Nullable Credentials root) {
        try {
            return Accounts.open(
                    catalog, vault, secrets, clock(), new Accounts.Settings(DEFAULT, root));
        } catch (CatalogException e) {
            throw new AssertionError(e);
        }
    }

    private static InstantSource clock() {
        return InstantSource.fixed(NOW.plusNanos(567));
    }

    private <T> T write(Work<T, RuntimeException> work) throws CatalogException {
        return catalog.write(work);
    }

    private Credentials rootKey(Accounts accounts, String account) throws CatalogException {
        return write(tx -> accounts.rootKey(tx, account));
    }

    private Credentials createKey(String account, String user, Allow allow)
            throws CatalogException {
        return write(tx -> accounts.createKey(tx, account, user, allow));
    }

    private Token.Made createToken(String account, Token.Purpose purpose) throws CatalogException {
        return write(tx -> accounts.createToken(tx, account, purpose));
    }

    private void revokeKey(String account, String id) throws CatalogException {
        write(tx -> {
            accounts.revokeKey(tx, account, id);
            return id;
        });
    }

    private void revokeToken(String account, String id) throws CatalogException {
        write(tx -> {
            accounts.revokeToken(tx, account, id);
            return id;
        });
    }

    private String principalOf(Credentials credentials) throws CatalogException {
        return accounts.signer(credentials.accessKeyId()).orElseThrow().caller().principalId();
    }

    private static void assertFails(ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }
}

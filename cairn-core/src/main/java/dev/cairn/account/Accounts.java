package dev.cairn.account;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.catalog.Sealed;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Accounts, their access keys and their tokens, kept in the catalog.
///
/// What changes something takes the caller's transaction, so that it stands or falls together with
/// the call's own event in the outbox. What looks something up reads the catalog itself, keys and
/// tokens through a bounded memory that forgets before a change returns. Whether the caller *may*
/// is asked elsewhere, before.
///
/// Secrets of access keys are sealed by the [Vault], because a signature can only be checked with
/// the secret itself; of tokens only a SHA-256 is kept. Any thread may call any method.
///
/// Documents: `account/<id>`, `key/<access key id>`, `token/<token id>`, `user/<account>/<name>`,
/// and `account-key` and `account-token`, which list an account's keys and tokens.
public final class Accounts {
    /// How many keys, and how many tokens, are remembered.
    static final int REMEMBERED_MAX = 10_000;

    /// Of how many keys of others it is remembered that they are none of Cairn's: the gateway asks
    /// for each call's.
    private static final int ABSENT_MAX = 1_000;

    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String BASE64 =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final String BASE64_URL =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static final Pattern ACCOUNT_ID = Pattern.compile("[0-9]{12}");
    private static final int IMPORTED_ID_CHARS_MAX = 256;

    /// AWS Organizations' limit for account names.
    private static final int NAME_CHARS_MAX = 50;

    /// IAM's rule for user names
    /// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html).
    private static final Pattern USER_NAME = Pattern.compile("[\\w+=,.@-]{1,64}");

    private static final Pattern ACCESS_KEY_ID = Pattern.compile("\\w{1,128}");
    private static final int TOKEN_ID_CHARS = 20;

    private final Catalog catalog;
    private final Vault vault;
    private final Secrets secrets;
    private final InstantSource clock;
    private final String defaultAccount;
    private final Remembered<Signer> signers = new Remembered<>(REMEMBERED_MAX, ABSENT_MAX);
    private final Remembered<Hashed> tokens = new Remembered<>(REMEMBERED_MAX);

    /// What is settled before the first start.
    ///
    /// @param defaultAccount setting `account.id`: twelve digits
    /// @param root settings `auth.root-access-key` and `auth.root-secret-key`; null leaves the
    ///   stored root key, or makes one
    public record Settings(String defaultAccount, @Nullable Credentials root) {
        public Settings {
            if (!ACCOUNT_ID.matcher(defaultAccount).matches()) {
                throw new IllegalArgumentException(
                        "account.id: expected 12 digits, got " + defaultAccount);
            }
            if (root != null && !ACCESS_KEY_ID.matcher(root.accessKeyId()).matches()) {
                throw new IllegalArgumentException(
                        "auth.root-access-key: expected 1 to 128 letters, digits or _, got "
                                + root.accessKeyId());
            }
            if (root != null && root.secretAccessKey().reveal().isBlank()) {
                throw new IllegalArgumentException(
                        "auth.root-secret-key: expected a secret, got none");
            }
        }
    }

    private record Hashed(Token token, String sha256) {}

    /// Opens the accounts of a catalog: makes the default account and its root key when they are
    /// not there, and puts the root key of the settings in place.
    ///
    /// @throws CatalogException CORRUPT when the stored root key does not open under this master
    ///   key: better now than at the first signature
    public static Accounts open(
            Catalog catalog, Vault vault, Secrets secrets, InstantSource clock, Settings settings)
            throws CatalogException {
        Accounts accounts = new Accounts(catalog, vault, secrets, clock, settings);
        catalog.<Credentials, RuntimeException>write(tx -> {
            if (tx.get("account", settings.defaultAccount()).isEmpty()) {
                accounts.add(
                        tx,
                        settings.defaultAccount(),
                        settings.defaultAccount(),
                        Account.Origin.CREATED);
            }
            Credentials stored = accounts.rootKey(tx, settings.defaultAccount());
            return settings.root() == null || settings.root().equals(stored)
                    ? stored
                    : accounts.fixRootKey(tx, settings.root());
        });
        return accounts;
    }

    private Accounts(
            Catalog catalog, Vault vault, Secrets secrets, InstantSource clock, Settings settings) {
        this.catalog = catalog;
        this.vault = vault;
        this.secrets = secrets;
        this.clock = clock;
        this.defaultAccount = settings.defaultAccount();
    }

    /// The account whose root administers all others.
    public String defaultAccount() {
        return defaultAccount;
    }

    // Who asks.

    /// Whose access key that is, and its secret.
    ///
    /// @return empty when there is no such key
    /// @throws CatalogException CORRUPT when its secret does not open under this master key
    public Optional<Signer> signer(String accessKeyId) throws CatalogException {
        if (!ACCESS_KEY_ID.matcher(accessKeyId).matches()) {
            return Optional.empty();
        }
        return signers.get(accessKeyId, this::findSigner);
    }

    /// Who bears that token. Takes the same time whichever character is wrong.
    ///
    /// @param bearer what came after `Bearer `
    /// @return empty when there is no such token
    public Optional<Caller> bearer(String bearer) throws CatalogException {
        if (bearer.length() <= TOKEN_ID_CHARS || bearer.charAt(TOKEN_ID_CHARS) != '.') {
            return Optional.empty();
        }
        String id = bearer.substring(0, TOKEN_ID_CHARS);
        if (!ACCESS_KEY_ID.matcher(id).matches()) {
            return Optional.empty();
        }
        String came = sha256(bearer);
        return tokens.get(id, this::findToken)
                .filter(hashed ->
                        MessageDigest.isEqual(
                                came.getBytes(US_ASCII), hashed.sha256().getBytes(US_ASCII)))
                .map(hashed -> Caller.bearer(hashed.token()));
    }

    // Accounts.

    public Optional<Account> account(String id) throws CatalogException {
        Optional<Document> document =
                isImportedId(id) ? catalog.get("account", id) : Optional.empty();
        return document.isEmpty() ? Optional.empty() : Optional.of(account(document.get()));
    }

    /// All accounts in order of id, behind `after`.
    ///
    /// @param after the last id of the page before; empty for the first page
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    public List<Account> accounts(String after, int limit) throws CatalogException {
        List<Account> accounts = new ArrayList<>();
        for (Document document : catalog.list("account", "", after, limit)) {
            accounts.add(account(document));
        }
        return List.copyOf(accounts);
    }

    /// Makes an account. It has no keys yet.
    ///
    /// @param id twelve digits; null to have one made up
    /// @param name 1 to 50 characters; null for the id
    /// @throws Failure INVALID_PARAMETER, ACCOUNT_ALREADY_EXISTS
    public Account create(Transaction tx, @Nullable String id, @Nullable String name)
            throws CatalogException {
        if (id != null && !ACCOUNT_ID.matcher(id).matches()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected an account id of exactly 12 digits, got %s.".formatted(id));
        }
        if (name != null
                && (name.isBlank()
                        || name.length() > NAME_CHARS_MAX
                        || name.codePoints().anyMatch(Character::isISOControl))) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected an account name of 1 to %d characters.".formatted(NAME_CHARS_MAX));
        }
        String made = id == null ? newAccountId(tx) : id;
        if (tx.get("account", made).isPresent()) {
            throw new Failure(
                    ErrorCode.ACCOUNT_ALREADY_EXISTS,
                    "The account %s exists already.".formatted(made));
        }
        return add(tx, made, name == null ? made : name, Account.Origin.CREATED);
    }

    /// Makes an account known that was met in imported events; does nothing when it is known. A
    /// transaction of its own, and none when it is known.
    ///
    /// @param id 1 to 256 characters of any form, such as `700***`, but no control characters
    /// @throws Failure INVALID_PARAMETER
    public Account register(String id) throws CatalogException {
        if (!isImportedId(id)) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected an account id of 1 to %d printable characters."
                            .formatted(IMPORTED_ID_CHARS_MAX));
        }
        Optional<Document> known = catalog.get("account", id);
        if (known.isPresent()) {
            return account(known.get());
        }
        return catalog.<Account, RuntimeException>write(tx -> {
            Optional<Document> since = tx.get("account", id);
            return since.isPresent()
                    ? account(since.get())
                    : add(tx, id, id, Account.Origin.IMPORTED);
        });
    }

    // Keys.

    /// The root credentials of an account, made now when it has none.
    ///
    /// @throws Failure ACCOUNT_NOT_FOUND
    /// @throws CatalogException CORRUPT when the secret does not open under this master key
    public Credentials rootKey(Transaction tx, String account) throws CatalogException {
        Document document = expectAccount(tx, account);
        Fields fields = Fields.of(document);
        Optional<String> id = fields.find("rootKey");
        if (id.isPresent()) {
            Fields key = Fields.of(expect(tx.get("key", id.get()), "key", id.get()));
            return new Credentials(id.get(), unseal(id.get(), key));
        }
        Credentials made = newCredentials();
        addKey(tx, made, account, null, account, Allow.ALL);
        tx.replace(document, fields.with("rootKey", made.accessKeyId()).json());
        return made;
    }

    /// Makes an access key for a user of an account, who need not have one yet.
    ///
    /// @return the only time the secret is shown
    /// @throws Failure ACCOUNT_NOT_FOUND, INVALID_PARAMETER (user name)
    public Credentials createKey(Transaction tx, String account, String user, Allow allow)
            throws CatalogException {
        expectAccount(tx, account);
        if (!USER_NAME.matcher(user).matches()) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected a user name of 1 to 64 letters, digits or any of _+=,.@-, got %s."
                            .formatted(user));
        }
        Credentials made = newCredentials();
        addKey(tx, made, account, user, principal(tx, account, user), allow);
        return made;
    }

    /// An account's keys in order of id, behind `after`.
    ///
    /// @param after the last id of the page before; empty for the first page
    /// @param limit at most this many, 1 to [Catalog#LIMIT_MAX]
    /// @return fewer than `limit` when some were revoked meanwhile
    public List<AccessKey> keys(String account, String after, int limit) throws CatalogException {
        List<AccessKey> keys = new ArrayList<>();
        for (String id : ids("account-key", account, after, limit)) {
            Optional<Document> document = catalog.get("key", id);
            if (document.isPresent()) {
                keys.add(accessKey(document.get()));
            }
        }
        return List.copyOf(keys);
    }

    /// Ends an access key: no request it signs is taken once the transaction is over. A revoked
    /// root key is made anew when it is next asked for.
    ///
    /// @throws Failure ACCESS_KEY_NOT_FOUND when the account has no such key
    public void revokeKey(Transaction tx, String account, String accessKeyId)
            throws CatalogException {
        Document key =
                ACCESS_KEY_ID.matcher(accessKeyId).matches()
                        ? tx.get("key", accessKeyId).orElse(null)
                        : null;
        if (key == null || !accessKey(key).account().equals(account)) {
            throw new Failure(
                    ErrorCode.ACCESS_KEY_NOT_FOUND,
                    "The account %s has no access key %s.".formatted(account, accessKeyId));
        }
        if (accessKey(key).user() == null) {
            Document owner = expectAccount(tx, account);
            tx.replace(owner, Fields.of(owner).without("rootKey").json());
        }
        removeKey(tx, key);
    }

    // Tokens.

    /// Makes a bearer token.
    ///
    /// @return the only time the bearer text is shown
    /// @throws Failure ACCOUNT_NOT_FOUND
    public Token.Made createToken(Transaction tx, String account, Token.Purpose purpose)
            throws CatalogException {
        expectAccount(tx, account);
        String id = "CTOK" + secrets.letters(BASE32, TOKEN_ID_CHARS - 4);
        Token token = new Token(id, account, purpose, now());
        Secret bearer = new Secret(id + "." + secrets.letters(BASE64_URL, 40));
        tx.create(
                "token",
                id,
                Fields.none()
                        .with("account", account)
                        .with("purpose", lower(purpose))
                        .with("created", token.created().toString())
                        .with("sha256", sha256(bearer.reveal()))
                        .json());
        tx.create("account-token", within(account, id), "{}");
        return new Token.Made(token, bearer);
    }

    /// An account's tokens in order of id, behind `after`; as [#keys].
    public List<Token> tokens(String account, String after, int limit) throws CatalogException {
        List<Token> list = new ArrayList<>();
        for (String id : ids("account-token", account, after, limit)) {
            findToken(id).map(Hashed::token).ifPresent(list::add);
        }
        return List.copyOf(list);
    }

    /// Ends a token: no request that bears it is taken once the transaction is over.
    ///
    /// @throws Failure TOKEN_NOT_FOUND when the account has no such token
    public void revokeToken(Transaction tx, String account, String tokenId)
            throws CatalogException {
        Document token =
                ACCESS_KEY_ID.matcher(tokenId).matches()
                        ? tx.get("token", tokenId).orElse(null)
                        : null;
        if (token == null || !Fields.of(token).text("account").equals(account)) {
            throw new Failure(
                    ErrorCode.TOKEN_NOT_FOUND,
                    "The account %s has no token %s.".formatted(account, tokenId));
        }
        tx.atEnd(() -> tokens.forget(tokenId));
        tx.delete(token);
        String listed = within(account, tokenId);
        tx.delete(expect(tx.get("account-token", listed), "account-token", listed));
    }

    // How they are kept.

    private Account add(Transaction tx, String id, String name, Account.Origin origin)
            throws CatalogException {
        Account account = new Account(id, name, origin, now());
        tx.create(
                "account",
                id,
                Fields.none()
                        .with("name", name)
                        .with("origin", lower(origin))
                        .with("created", account.created().toString())
                        .json());
        return account;
    }

    private void addKey(
            Transaction tx,
            Credentials credentials,
            String account,
            @Nullable String user,
            String principal,
            Allow allow)
            throws CatalogException {
        String id = credentials.accessKeyId();
        Fields fields =
                Fields.none()
                        .with("account", account)
                        .with("principal", principal)
                        .with("allow", lower(allow))
                        .with("created", now().toString());
        Fields named = user == null ? fields : fields.with("user", user);
        tx.atEnd(() -> signers.forget(id));
        tx.create(
                "key",
                id,
                Sealed.ACCESS_KEY.with(named, id, credentials.secretAccessKey(), vault).json());
        tx.create("account-key", within(account, id), "{}");
    }

    private void removeKey(Transaction tx, Document key) throws CatalogException {
        tx.atEnd(() -> signers.forget(key.key()));
        tx.delete(key);
        String listed = within(Fields.of(key).text("account"), key.key());
        tx.delete(expect(tx.get("account-key", listed), "account-key", listed));
    }

    /// Puts the root key of the settings in the place of the stored one. Another account may have
    /// it as its root key, when `account.id` was changed: it moves here.
    private Credentials fixRootKey(Transaction tx, Credentials root) throws CatalogException {
        revokeKey(tx, defaultAccount, rootKey(tx, defaultAccount).accessKeyId());
        Optional<Document> taken = tx.get("key", root.accessKeyId());
        if (taken.isPresent()) {
            AccessKey key = accessKey(taken.get());
            if (key.user() != null) {
                throw new Failure(
                        ErrorCode.ACCESS_KEY_ALREADY_EXISTS,
                        "auth.root-access-key: %s is the key of user %s of account %s."
                                .formatted(key.id(), key.user(), key.account()));
            }
            revokeKey(tx, key.account(), key.id());
        }
        addKey(tx, root, defaultAccount, null, defaultAccount, Allow.ALL);
        Document account = expectAccount(tx, defaultAccount);
        tx.replace(account, Fields.of(account).with("rootKey", root.accessKeyId()).json());
        return root;
    }

    private Credentials newCredentials() {
        return new Credentials(
                "AKIA" + secrets.letters(BASE32, 16), new Secret(secrets.letters(BASE64, 40)));
    }

    /// The user's principal id, made with their first key and kept for ever, as IAM does.
    private String principal(Transaction tx, String account, String user) throws CatalogException {
        Optional<Document> known = tx.get("user", within(account, user));
        if (known.isPresent()) {
            return Fields.of(known.get()).text("principal");
        }
        String principal = "AIDA" + secrets.letters(BASE32, 17);
        tx.create(
                "user",
                within(account, user),
                Fields.none()
                        .with("principal", principal)
                        .with("created", now().toString())
                        .json());
        return principal;
    }

    /// Digits for the asking; the chance of meeting one that is taken is small, and met by trying
    /// again.
    private String newAccountId(Transaction tx) throws CatalogException {
        for (int attempt = 0; attempt < 10; attempt++) {
            long number = 0;
            for (byte b : secrets.bytes(7)) {
                number = number << 8 | (b & 0xFF);
            }
            String id = "%012d".formatted(number % 1_000_000_000_000L);
            if (tx.get("account", id).isEmpty()) {
                return id;
            }
        }
        throw new IllegalStateException("ten random account ids in a row were taken");
    }

    private Optional<Signer> findSigner(String accessKeyId) throws CatalogException {
        Optional<Document> document = catalog.get("key", accessKeyId);
        if (document.isEmpty()) {
            return Optional.empty();
        }
        Fields fields = Fields.of(document.get());
        AccessKey key = accessKey(document.get());
        Caller caller =
                key.user() == null
                        ? Caller.root(key.account(), key.id())
                        : Caller.user(
                                key.account(),
                                key.user(),
                                fields.text("principal"),
                                key.id(),
                                key.allow());
        return Optional.of(new Signer(caller, unseal(accessKeyId, fields)));
    }

    private Optional<Hashed> findToken(String id) throws CatalogException {
        Optional<Document> document = catalog.get("token", id);
        if (document.isEmpty()) {
            return Optional.empty();
        }
        Fields fields = Fields.of(document.get());
        Token token =
                new Token(
                        id,
                        fields.text("account"),
                        Token.Purpose.valueOf(fields.text("purpose").toUpperCase(Locale.ROOT)),
                        Instant.parse(fields.text("created")));
        return Optional.of(new Hashed(token, fields.text("sha256")));
    }

    private Secret unseal(String accessKeyId, Fields key) throws CatalogException {
        return Sealed.ACCESS_KEY.open(accessKeyId, key, vault);
    }

    private List<String> ids(String kind, String account, String after, int limit)
            throws CatalogException {
        if (!isImportedId(account)) {
            return List.of();
        }
        String prefix = within(account, "");
        return catalog
                .list(kind, prefix, after.isEmpty() ? "" : within(account, after), limit)
                .stream()
                .map(document -> document.key().substring(prefix.length()))
                .toList();
    }

    /// The account's length comes first, so that no account's keys stand among another's, whatever
    /// characters an imported account has.
    private static String within(String account, String id) {
        return account.length() + ":" + account + "/" + id;
    }

    private static Account account(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Account(
                document.key(),
                fields.text("name"),
                Account.Origin.valueOf(fields.text("origin").toUpperCase(Locale.ROOT)),
                Instant.parse(fields.text("created")));
    }

    private static AccessKey accessKey(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new AccessKey(
                document.key(),
                fields.text("account"),
                fields.find("user").orElse(null),
                Allow.valueOf(fields.text("allow").toUpperCase(Locale.ROOT)),
                Instant.parse(fields.text("created")));
    }

    private static Document expectAccount(Transaction tx, String id) throws CatalogException {
        Optional<Document> account = isImportedId(id) ? tx.get("account", id) : Optional.empty();
        return account.orElseThrow(() ->
                new Failure(
                        ErrorCode.ACCOUNT_NOT_FOUND,
                        "The account %s was not found.".formatted(id)));
    }

    private static Document expect(Optional<Document> document, String kind, String key)
            throws CatalogException {
        return document.orElseThrow(() ->
                new CatalogException(
                        CatalogException.Kind.CORRUPT,
                        "expected a document %s/%s, which another one names".formatted(kind, key)));
    }

    private static boolean isImportedId(String id) {
        return !id.isEmpty()
                && id.length() <= IMPORTED_ID_CHARS_MAX
                && id.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

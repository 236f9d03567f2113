package dev.cairn.connection;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.catalog.Sealed;
import dev.cairn.connection.Connection.State;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.secret.Secret;
import dev.cairn.secret.Vault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The connections of all accounts. Any thread may call any method; those with a transaction change
/// things, or see what the transaction sees.
///
/// What a connection authorizes with lies in a document of its own, sealed as a whole: names of
/// users and headers as well. One that needs a token is AUTHORIZING until the first one was had.
///
/// Documents: `connection`, `connection-secret` and, while it is authorizing,
/// `connection-authorizing`, each under `ACCOUNT/REGION/NAME`.
///
/// Source: Amazon EventBridge API Reference.
public final class Connections {
    /// How many an account may have in a region: what EventBridge allows before anyone asks for
    /// more.
    public static final int CONNECTIONS_MAX = 3000;

    private static final String KIND = "connection";
    private static final String AUTHORIZING = "connection-authorizing";

    private final Catalog catalog;
    private final Vault vault;
    private final Runnable wake;

    /// @param wake run when there is one to authorize; quick, and throws nothing
    public Connections(Catalog catalog, Vault vault, Runnable wake) {
        this.catalog = catalog;
        this.vault = vault;
        this.wake = wake;
    }

    /// Empty when there is none, or only another one of its name.
    public Optional<Connection> find(ConnectionArn arn) throws CatalogException {
        return connection(catalog.get(KIND, arn.key())).filter(found -> found.arn().equals(arn));
    }

    /// @throws Failure RESOURCE_NOT_FOUND
    public Connection expect(Place place, String name) throws CatalogException {
        return connection(catalog.get(KIND, ConnectionArn.key(place, name)))
                .orElseThrow(() -> none(name));
    }

    /// As [#expect(Place, String)], as a transaction sees it.
    ///
    /// @throws Failure RESOURCE_NOT_FOUND
    public Connection expect(Transaction tx, Place place, String name) throws CatalogException {
        return connection(tx.get(KIND, ConnectionArn.key(place, name)))
                .orElseThrow(() -> none(name));
    }

    private static Failure none(String name) {
        return new Failure(
                ErrorCode.RESOURCE_NOT_FOUND,
                "Failed to describe the connection(s). Connection '%s' does not exist."
                        .formatted(name));
    }

    /// Those of an account and region whose names begin with a prefix, in order of name.
    ///
    /// @param after the last name of the page before; empty for the first page
    public List<Connection> list(Place place, String prefix, String after, int limit)
            throws CatalogException {
        String all = ConnectionArn.key(place, "");
        List<Connection> found = new ArrayList<>();
        for (Document document :
                catalog.list(KIND, all + prefix, after.isEmpty() ? "" : all + after, limit)) {
            found.add(connection(document));
        }
        return found;
    }

    /// What a connection authorizes with; empty when it has nothing, or is not there any more.
    ///
    /// @throws CatalogException CORRUPT when it does not open
    public Optional<Credentials> credentials(Connection connection) throws CatalogException {
        return credentials(catalog.get(Sealed.CONNECTION.kind(), connection.arn().key()));
    }

    /// As [#credentials(Connection)], as a transaction sees it.
    ///
    /// @throws CatalogException CORRUPT when it does not open
    public Optional<Credentials> credentials(Transaction tx, Connection connection)
            throws CatalogException {
        return credentials(tx.get(Sealed.CONNECTION.kind(), connection.arn().key()));
    }

    private Optional<Credentials> credentials(Optional<Document> document) throws CatalogException {
        if (document.isEmpty()) {
            return Optional.empty();
        }
        String key = document.get().key();
        Secret opened = Sealed.CONNECTION.open(key, Fields.of(document.get()), vault);
        return Optional.of(Credentials.of(Fields.of(new Document(KIND, key, 1, opened.reveal()))));
    }

    // Changes.

    /// @return as it stands now
    /// @throws Failure RESOURCE_ALREADY_EXISTS, LIMIT_EXCEEDED, VALIDATION
    public Connection create(
            Transaction tx,
            ConnectionArn arn,
            String description,
            Credentials credentials,
            Instant now)
            throws CatalogException {
        if (tx.get(KIND, arn.key()).isPresent()) {
            throw new Failure(
                    ErrorCode.RESOURCE_ALREADY_EXISTS,
                    "Connection '%s' already exists.".formatted(arn.name()));
        }
        checkRoom(tx, KIND, arn.place(), CONNECTIONS_MAX, "connections");
        return write(tx, arn, description, credentials, now, now);
    }

    /// Gives a connection another look.
    ///
    /// @return as it stands now
    /// @throws Failure VALIDATION
    public Connection update(
            Transaction tx,
            Connection connection,
            String description,
            Credentials credentials,
            Instant now)
            throws CatalogException {
        return write(tx, connection.arn(), description, credentials, connection.created(), now);
    }

    private Connection write(
            Transaction tx,
            ConnectionArn arn,
            String description,
            Credentials credentials,
            Instant created,
            Instant now)
            throws CatalogException {
        Secret written = credentials.written();
        if (written.reveal().length() > Credentials.CHARS_MAX) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "The parameters of a connection may come to %d characters in all, got %d."
                            .formatted(Credentials.CHARS_MAX, written.reveal().length()));
        }
        Authorization.Kind kind = credentials.authorization().kind();
        boolean ready = kind != Authorization.Kind.OAUTH_CLIENT_CREDENTIALS;
        Connection made =
                new Connection(
                        arn,
                        description,
                        kind,
                        ready ? State.AUTHORIZED : State.AUTHORIZING,
                        "",
                        created,
                        now,
                        ready ? Optional.of(now) : Optional.empty());
        put(tx, KIND, arn.key(), json(made));
        put(
                tx,
                Sealed.CONNECTION.kind(),
                arn.key(),
                Sealed.CONNECTION.with(Fields.none(), arn.key(), written, vault).json());
        if (ready) {
            forget(tx, AUTHORIZING, arn.key());
        } else {
            put(tx, AUTHORIZING, arn.key(), Fields.none().json());
            tx.atEnd(wake);
        }
        return made;
    }

    /// Takes from a connection what it authorizes with.
    ///
    /// @return as it stands now
    /// @throws Failure RESOURCE_NOT_FOUND
    public Connection deauthorize(Transaction tx, Place place, String name)
            throws CatalogException {
        Connection connection = expect(tx, place, name);
        Connection now =
                connection.in(
                        State.DEAUTHORIZED,
                        "its authorization parameters were removed",
                        connection.authorized());
        put(tx, KIND, connection.arn().key(), json(now));
        forget(tx, Sealed.CONNECTION.kind(), connection.arn().key());
        forget(tx, AUTHORIZING, connection.arn().key());
        return now;
    }

    /// @return as it stood
    /// @throws Failure RESOURCE_NOT_FOUND
    public Connection delete(Transaction tx, Place place, String name) throws CatalogException {
        Connection connection = expect(tx, place, name);
        for (String kind : List.of(KIND, Sealed.CONNECTION.kind(), AUTHORIZING)) {
            forget(tx, kind, connection.arn().key());
        }
        return connection;
    }

    // Who authorizes.

    /// Connections whose first token is yet to be had, behind `after`.
    ///
    /// @param after the last one of the page before; empty for the first page
    public List<Connection> authorizing(Optional<ConnectionArn> after, int limit)
            throws CatalogException {
        List<Connection> found = new ArrayList<>();
        for (Document document :
                catalog.list(AUTHORIZING, "", after.map(ConnectionArn::key).orElse(""), limit)) {
            connection(catalog.get(KIND, document.key())).ifPresent(found::add);
        }
        return found;
    }

    /// Writes down what became of asking for a connection's first token; nothing when the
    /// connection was changed meanwhile.
    ///
    /// @param reason why it is in that state; empty when nothing is to be said
    public void settle(Connection asked, State state, String reason, Instant now)
            throws CatalogException {
        catalog.<Boolean, RuntimeException>write(tx -> {
            String key = asked.arn().key();
            if (!connection(tx.get(KIND, key)).equals(Optional.of(asked))) {
                return false;
            }
            Optional<Instant> authorized =
                    state == State.AUTHORIZED ? Optional.of(now) : asked.authorized();
            put(tx, KIND, key, json(asked.in(state, reason, authorized)));
            if (state != State.AUTHORIZING) {
                forget(tx, AUTHORIZING, key);
            }
            return true;
        });
    }

    // Books.

    static void checkRoom(Transaction tx, String kind, Place place, int most, String what)
            throws CatalogException {
        String prefix = ConnectionArn.key(place, "");
        int there = 0;
        List<Document> page = tx.list(kind, prefix, "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            there += page.size();
            page = tx.list(kind, prefix, page.getLast().key(), Catalog.LIMIT_MAX);
        }
        if (there >= most) {
            throw new Failure(
                    ErrorCode.LIMIT_EXCEEDED,
                    "An account has at most %d %s in a region.".formatted(most, what));
        }
    }

    private static void put(Transaction tx, String kind, String key, String json)
            throws CatalogException {
        Optional<Document> there = tx.get(kind, key);
        if (there.isPresent()) {
            tx.replace(there.get(), json);
        } else {
            tx.create(kind, key, json);
        }
    }

    private static void forget(Transaction tx, String kind, String key) throws CatalogException {
        Optional<Document> there = tx.get(kind, key);
        if (there.isPresent()) {
            tx.delete(there.get());
        }
    }

    private static String json(Connection connection) {
        Fields fields =
                Fields.none()
                        .with("arn", connection.arn().toString())
                        .with("description", connection.description())
                        .with("kind", connection.kind().name())
                        .with("state", connection.state().name())
                        .with("reason", connection.reason())
                        .with("created", connection.created().toString())
                        .with("modified", connection.modified().toString());
        Optional<Instant> found = connection.authorized();
        return (found.isEmpty() ? fields : fields.with("authorized", found.get().toString()))
                .json();
    }

    private static Optional<Connection> connection(Optional<Document> document)
            throws CatalogException {
        return document.isEmpty() ? Optional.empty() : Optional.of(connection(document.get()));
    }

    private static Connection connection(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Connection(
                ConnectionArn.of(fields.text("arn")).orElseThrow(),
                fields.text("description"),
                Authorization.Kind.valueOf(fields.text("kind")),
                State.valueOf(fields.text("state")),
                fields.text("reason"),
                Instant.parse(fields.text("created")),
                Instant.parse(fields.text("modified")),
                fields.find("authorized").map(Instant::parse));
    }
}

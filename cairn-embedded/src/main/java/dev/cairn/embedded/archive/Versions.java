package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.ObjectStore.ListedVersion;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Version;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Which versions a bucket's keys have, in the archive's index.
///
/// What a key holds is the row that it always was, so that reading and listing cost what they do in
/// a bucket without versions. All else of a key, its older versions and all its markers, lies in a
/// *pile* of its own, newest first; a row under the key says that there is one, and which of its
/// versions is the one called `null`.
///
/// Two things hold after each transaction: a key's newest version is in the row unless it is a
/// marker, and there is a row of the pile exactly while the pile is not empty.
final class Versions {
    private static final String NULL = "null";

    /// How rows are looked at: as a transaction sees them, or as anyone does.
    private interface Sight {
        Optional<Document> get(String kind, String key) throws CatalogException;

        List<Document> list(String kind, String after, int max) throws CatalogException;

        static Sight of(Transaction tx) {
            return new Sight() {
                @Override
                public Optional<Document> get(String kind, String key) throws CatalogException {
                    return tx.get(kind, key);
                }

                @Override
                public List<Document> list(String kind, String after, int max)
                        throws CatalogException {
                    return tx.list(kind, "", after, max);
                }
            };
        }

        static Sight of(Catalog index) {
            return new Sight() {
                @Override
                public Optional<Document> get(String kind, String key) throws CatalogException {
                    return index.get(kind, key);
                }

                @Override
                public List<Document> list(String kind, String after, int max)
                        throws CatalogException {
                    return index.list(kind, "", after, max);
                }
            };
        }
    }

    private Versions() {}

    static String heads(String bucket) {
        return "versioned:" + bucket;
    }

    /// Keys are longer than kinds may be.
    static String pile(String bucket, String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8));
            return "version:" + bucket + "/" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// What sorts a version among those of its key: of two, the newer one's is the lesser.
    static String order(Stored object) {
        return object.version().order().isEmpty()
                ? ObjectFiles.order(object.file())
                : object.version().order();
    }

    private static boolean isNewer(Stored one, Stored other) {
        return order(one).compareTo(order(other)) < 0;
    }

    // Looking.

    static Optional<Stored> newest(Catalog index, String bucket, String key)
            throws CatalogException {
        return newest(Sight.of(index), bucket, key);
    }

    static Optional<Stored> newest(Transaction tx, String bucket, String key)
            throws CatalogException {
        return newest(Sight.of(tx), bucket, key);
    }

    private static Optional<Stored> newest(Sight sight, String bucket, String key)
            throws CatalogException {
        Optional<Stored> held = held(sight, bucket, key);
        return held.isPresent() ? held : top(sight, bucket, key);
    }

    private static Optional<Stored> held(Sight sight, String bucket, String key)
            throws CatalogException {
        Optional<Document> row = sight.get(Rows.objects(bucket), key);
        return row.isEmpty() ? Optional.empty() : Optional.of(Rows.stored(row.get()));
    }

    private static Optional<Stored> top(Sight sight, String bucket, String key)
            throws CatalogException {
        List<Document> pile = sight.list(pile(bucket, key), "", 1);
        return pile.isEmpty()
                ? Optional.empty()
                : Optional.of(Rows.stored(key, Fields.of(pile.getFirst())));
    }

    static Optional<Stored> find(Catalog index, String bucket, String key, String version)
            throws CatalogException {
        return find(Sight.of(index), bucket, key, version);
    }

    static Optional<Stored> find(Transaction tx, String bucket, String key, String version)
            throws CatalogException {
        return find(Sight.of(tx), bucket, key, version);
    }

    private static Optional<Stored> find(Sight sight, String bucket, String key, String version)
            throws CatalogException {
        Optional<Stored> held = held(sight, bucket, key);
        if (held.isPresent() && held.get().version().id().equals(version)) {
            return held;
        }
        String order = version;
        if (version.equals(Version.NULL)) {
            Optional<Document> head = sight.get(heads(bucket), key);
            order = head.isEmpty() ? "" : Fields.of(head.get()).find(NULL).orElse("");
        }
        if (!ObjectFiles.isOrder(order)) {
            return Optional.empty();
        }
        Optional<Document> row = sight.get(pile(bucket, key), order);
        return row.isEmpty()
                ? Optional.empty()
                : Optional.of(Rows.stored(key, Fields.of(row.get())))
                        .filter(found -> found.version().id().equals(version));
    }

    /// The version of a key that lies in a file.
    ///
    /// @param order what sorts it
    static Optional<Stored> in(Transaction tx, String bucket, String key, String order, String file)
            throws CatalogException {
        Optional<Stored> held = held(Sight.of(tx), bucket, key);
        if (held.isPresent() && held.get().file().equals(file)) {
            return held;
        }
        Optional<Document> row = tx.get(pile(bucket, key), order);
        return row.isEmpty()
                ? Optional.empty()
                : Optional.of(Rows.stored(key, Fields.of(row.get())));
    }

    /// A version as it is now; empty when it is no longer that one.
    static Optional<Stored> there(Transaction tx, String bucket, Stored object)
            throws CatalogException {
        return find(tx, bucket, object.key(), object.version().id())
                .filter(there -> there.file().equals(object.file()));
    }

    // Changing.

    /// Takes a version among those of its key, at the place that its order gives it.
    static void add(Transaction tx, String bucket, Stored object) throws CatalogException {
        String kind = Rows.objects(bucket);
        Optional<Document> row = tx.get(kind, object.key());
        Optional<Stored> newest = newest(tx, bucket, object.key());
        if (newest.isPresent() && !isNewer(object, newest.get())) {
            // Two at once, and this one was the earlier.
            push(tx, bucket, object);
            return;
        }
        if (row.isPresent()) {
            push(tx, bucket, Rows.stored(row.get()));
        }
        if (object.version().marker()) {
            push(tx, bucket, object);
            if (row.isPresent()) {
                tx.delete(row.get());
            }
        } else if (row.isPresent()) {
            tx.replace(row.get(), Rows.of(object).json());
        } else {
            tx.create(kind, object.key(), Rows.of(object).json());
        }
    }

    /// Takes a version from among those of its key, and puts the next one in its place.
    static void take(Transaction tx, String bucket, Stored object) throws CatalogException {
        String kind = Rows.objects(bucket);
        Optional<Document> row = tx.get(kind, object.key());
        boolean held = row.isPresent() && Rows.stored(row.get()).file().equals(object.file());
        if (held) {
            tx.delete(row.orElseThrow());
        } else {
            pull(tx, bucket, object);
        }
        if (held || row.isEmpty()) {
            Optional<Stored> next = top(Sight.of(tx), bucket, object.key());
            if (next.isPresent() && !next.get().version().marker()) {
                pull(tx, bucket, next.get());
                tx.create(kind, object.key(), Rows.of(next.get()).json());
            }
        }
    }

    /// Puts what is told of a version in place of what was.
    static void replace(Transaction tx, String bucket, Stored object) throws CatalogException {
        Optional<Document> row = tx.get(Rows.objects(bucket), object.key());
        if (row.isEmpty() || !Rows.stored(row.get()).file().equals(object.file())) {
            row = tx.get(pile(bucket, object.key()), order(object));
        }
        tx.replace(
                row.orElseThrow(() ->
                        new CatalogException(
                                CatalogException.Kind.CONFLICT,
                                "expected the version of an object, found none")),
                Rows.of(object).json());
    }

    private static void push(Transaction tx, String bucket, Stored object) throws CatalogException {
        tx.create(pile(bucket, object.key()), order(object), Rows.of(object).json());
        Optional<Document> head = tx.get(heads(bucket), object.key());
        Fields fields = head.isEmpty() ? Fields.none() : Fields.of(head.get());
        if (object.version().isNull()) {
            fields = fields.with(NULL, order(object));
        }
        if (head.isEmpty()) {
            tx.create(heads(bucket), object.key(), fields.json());
        } else if (object.version().isNull()) {
            tx.replace(head.get(), fields.json());
        }
    }

    private static void pull(Transaction tx, String bucket, Stored object) throws CatalogException {
        String pile = pile(bucket, object.key());
        Optional<Document> row = tx.get(pile, order(object));
        Optional<Document> head = tx.get(heads(bucket), object.key());
        if (row.isEmpty() || head.isEmpty()) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "expected a version of an object and the row that says so, found one without the other");
        }
        tx.delete(row.get());
        if (tx.list(pile, "", "", 1).isEmpty()) {
            tx.delete(head.get());
        } else if (object.version().isNull()) {
            tx.replace(head.get(), Fields.of(head.get()).without(NULL).json());
        }
    }

    // Listing.

    /// See [dev.cairn.archive.ObjectStore#versions].
    static List<ListedVersion> list(
            Catalog index, String bucket, String prefix, String after, String afterVersion, int max)
            throws CatalogException {
        var found = new ArrayList<ListedVersion>();
        if (!after.isEmpty() && !afterVersion.isEmpty() && after.startsWith(prefix)) {
            rest(index, bucket, after, afterVersion, max, found);
        }
        String behind = after;
        while (found.size() < max) {
            // Each key of the two pages has at least one version.
            int want = max - found.size();
            List<Document> rows = index.list(Rows.objects(bucket), prefix, behind, want);
            List<Document> heads = index.list(heads(bucket), prefix, behind, want);
            List<String> keys = merged(rows, heads, want);
            for (String key : keys) {
                if (found.size() >= max) {
                    return found;
                }
                all(index, bucket, key, max, found);
                behind = key;
            }
            if (keys.isEmpty()) {
                return found;
            }
        }
        return found;
    }

    /// The first keys of both, in order.
    private static List<String> merged(List<Document> rows, List<Document> heads, int want) {
        var keys = new TreeSet<String>(Versions::compare);
        rows.forEach(row -> keys.add(row.key()));
        heads.forEach(head -> keys.add(head.key()));
        return keys.stream().limit(want).toList();
    }

    /// By code point, as catalogs order keys.
    static int compare(String one, String other) {
        return Arrays.compare(one.codePoints().toArray(), other.codePoints().toArray());
    }

    private static void all(
            Catalog index, String bucket, String key, int max, List<ListedVersion> found)
            throws CatalogException {
        Optional<Stored> held = held(Sight.of(index), bucket, key);
        held.ifPresent(object -> found.add(new ListedVersion(object, true)));
        pile(index, bucket, key, "", held.isEmpty(), max, found);
    }

    /// The versions of a key behind one of them, which may be gone meanwhile.
    private static void rest(
            Catalog index,
            String bucket,
            String key,
            String version,
            int max,
            List<ListedVersion> found)
            throws CatalogException {
        Optional<Stored> last = find(Sight.of(index), bucket, key, version);
        if (last.isPresent()) {
            pile(index, bucket, key, order(last.get()), false, max, found);
        } else if (ObjectFiles.isOrder(version)) {
            pile(index, bucket, key, version, false, max, found);
        }
    }

    private static void pile(
            Catalog index,
            String bucket,
            String key,
            String after,
            boolean latest,
            int max,
            List<ListedVersion> found)
            throws CatalogException {
        int want = max - found.size();
        if (want <= 0) {
            return;
        }
        boolean first = latest;
        for (Document row : index.list(pile(bucket, key), "", after, want)) {
            found.add(new ListedVersion(Rows.stored(key, Fields.of(row)), first));
            first = false;
        }
    }
}

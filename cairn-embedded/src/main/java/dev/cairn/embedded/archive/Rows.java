package dev.cairn.embedded.archive;

import dev.cairn.archive.Lock;
import dev.cairn.archive.ObjectStore.Part;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.archive.ObjectStore.Version;
import dev.cairn.archive.Retention;
import dev.cairn.archive.Storage;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The documents of the archive's index.
///
/// | kind | key | |
/// | --- | --- | --- |
/// | `object:<bucket>` | the object's | all but its bytes: of its newest version, if that is no marker |
/// | `versioned:<bucket>` | the object's | it has older versions, or markers, and which is `null` |
/// | `version:<bucket>/<hash of the key>` | its order | such a version; the newest comes first |
/// | `lock` | a file's name | the lock of the version in it, as it was last changed |
/// | `clock` | `keeping` | the time that retention counts on |
/// | `file` | a file's name | it is in use |
/// | `pieces` | a file's name | the files that make up an object uploaded in parts |
/// | `upload:<bucket>` | `<key> <id>` | an upload under way |
/// | `part:<id>` | `00001` | a part of it |
/// | `cold` | a file's name | the version that was in it is cold: where its bytes are |
/// | `cold-place` | `1` | which folder the colder place is |
/// | `cold-left` | a file's name there | nothing needs it, or it was being written |
/// | `restore` | a file's name | a copy of the cold version that was in it is wanted |
/// | `restored` | `2026-11-28T00:00:00Z <file's name>` | when a copy goes again |
/// | `epoch` | `00000001` | a life of the archive; `open` until it ended in order |
final class Rows {
    /// The kind of rows that say how a lock was changed.
    static final String LOCK = "lock";

    /// The kind of rows that say where the bytes of cold versions are.
    static final String COLD = "cold";

    /// The kind of rows that say what may be deleted in the colder place.
    static final String COLD_LEFT = "cold-left";

    private static final String HEADER = "h:";

    private Rows() {}

    static String objects(String bucket) {
        return "object:" + bucket;
    }

    static String uploads(String bucket) {
        return "upload:" + bucket;
    }

    static String parts(String uploadId) {
        return "part:" + uploadId;
    }

    static String uploadKey(Upload upload) {
        return uploadKey(upload.key(), upload.id());
    }

    static String uploadKey(String key, String id) {
        return key + " " + id;
    }

    static String number(int number) {
        return "%05d".formatted(number);
    }

    static Fields of(Stored object) {
        Fields fields =
                Fields.none()
                        .with("file", object.file())
                        .with("length", Long.toString(object.length()))
                        .with("stored", object.stored().toString())
                        .with("etag", object.etag());
        Fields all = locked(versioned(fields, object.version()), object.lock());
        return with(stored(all, object.storage()), object.headers());
    }

    /// Of what is at hand nothing is written.
    private static Fields stored(Fields fields, Storage storage) {
        if (!storage.isCold()) {
            return fields;
        }
        Fields all = fields.with("class", storage.type().name());
        if (storage.restoring()) {
            all = all.with("restoring", "true");
        }
        return storage.until().isPresent()
                ? all.with("readable", storage.until().get().toString())
                : all;
    }

    private static Storage storage(Fields fields) {
        return fields.find("class").isEmpty()
                ? Storage.STANDARD
                : new Storage(
                        Storage.Type.valueOf(fields.find("class").get()),
                        fields.find("restoring").isPresent(),
                        fields.find("readable").map(Instant::parse));
    }

    /// Of a bucket without versions nothing is written.
    private static Fields versioned(Fields fields, Version version) {
        if (version.equals(Version.PLAIN)) {
            return fields;
        }
        Fields all = fields.with("version", version.id()).with("order", version.order());
        return version.marker() ? all.with("marker", "true") : all;
    }

    private static Version version(Fields fields) {
        return new Version(
                fields.find("version").orElse(Version.NULL),
                fields.find("order").orElse(""),
                fields.find("marker").isPresent());
    }

    static Fields locked(Fields fields, Lock lock) {
        Fields all = fields;
        if (lock.retention().isPresent()) {
            Retention retention = lock.retention().get();
            all =
                    all.with("retained", retention.mode().name())
                            .with("until", retention.until().toString());
        }
        return lock.hold() ? all.with("hold", "true") : all;
    }

    static Lock lock(Fields fields) throws CatalogException {
        boolean hold = fields.find("hold").isPresent();
        if (fields.find("retained").isEmpty()) {
            return hold ? Lock.NONE.held(true) : Lock.NONE;
        }
        return new Lock(
                Optional.of(
                        new Retention(
                                Retention.Mode.valueOf(fields.text("retained")),
                                Instant.parse(fields.text("until")))),
                hold);
    }

    static Stored stored(Document row) throws CatalogException {
        return stored(row.key(), Fields.of(row));
    }

    static Stored stored(String key, Fields fields) throws CatalogException {
        return new Stored(
                key,
                Long.parseLong(fields.text("length")),
                Instant.parse(fields.text("stored")),
                fields.text("file"),
                fields.text("etag"),
                headers(fields),
                version(fields),
                lock(fields),
                storage(fields));
    }

    static Fields of(Part part) {
        return with(
                Fields.none()
                        .with("file", part.file())
                        .with("length", Long.toString(part.length()))
                        .with("stored", part.stored().toString())
                        .with("etag", part.etag()),
                part.headers());
    }

    static Part part(Document row) throws CatalogException {
        Fields fields = Fields.of(row);
        return new Part(
                Integer.parseInt(row.key()),
                Long.parseLong(fields.text("length")),
                Instant.parse(fields.text("stored")),
                fields.text("file"),
                fields.text("etag"),
                headers(fields));
    }

    static Fields of(Upload upload) {
        Fields fields =
                Fields.none()
                        .with("key", upload.key())
                        .with("id", upload.id())
                        .with("started", upload.started().toString())
                        .with("initiator", upload.initiator());
        return with(locked(fields, upload.lock()), upload.headers());
    }

    static Upload upload(String bucket, Document row) throws CatalogException {
        Fields fields = Fields.of(row);
        return new Upload(
                bucket,
                fields.text("key"),
                fields.text("id"),
                Instant.parse(fields.text("started")),
                fields.text("initiator"),
                headers(fields),
                lock(fields));
    }

    /// A file that is one of several of an object.
    record Piece(String file, long length) {}

    static String pieces(List<Piece> pieces) {
        var text = new StringBuilder();
        for (Piece piece : pieces) {
            text.append(piece.file()).append(' ').append(piece.length()).append('\n');
        }
        return text.toString();
    }

    static Fields ofPieces(String list) {
        return Fields.none().with("pieces", list);
    }

    static List<Piece> pieces(String text) {
        var pieces = new ArrayList<Piece>();
        text.lines()
                .forEach(line -> {
                    int blank = line.indexOf(' ');
                    pieces.add(
                            new Piece(
                                    line.substring(0, blank),
                                    Long.parseLong(line.substring(blank + 1))));
                });
        return pieces;
    }

    /// Where the bytes of a cold version are.
    ///
    /// @param stub the file that says so, see [Footer]
    /// @param place the file in the colder place
    /// @param sha256 of the bytes, in hex
    /// @param order of two stubs of one object, the later one's is the lesser
    /// @param copy a file here with a copy of them; empty for none
    record Cold(String stub, String place, String sha256, String order, Optional<String> copy) {
        Fields fields() {
            Fields all =
                    Fields.none()
                            .with("file", stub)
                            .with("place", place)
                            .with("sha256", sha256)
                            .with("cold-order", order);
            return copy.isPresent() ? all.with("copy", copy.get()) : all;
        }

        static Cold of(Fields fields) throws CatalogException {
            return new Cold(
                    fields.text("file"),
                    fields.text("place"),
                    fields.text("sha256"),
                    fields.text("cold-order"),
                    fields.find("copy"));
        }

        Cold withCopy(Optional<String> other) {
            return new Cold(stub, place, sha256, order, other);
        }
    }

    /// Takes a file out of use, with those it is made of and the one that says its lock; of a cold
    /// version, with what stands for it. Gives their names, to be deleted once the transaction is
    /// over.
    static List<String> release(Transaction tx, String file) throws CatalogException {
        var files = new ArrayList<String>();
        Optional<Document> cold = tx.get(COLD, file);
        if (cold.isPresent()) {
            Cold its = Cold.of(Fields.of(cold.get()));
            files.add(its.stub());
            its.copy().ifPresent(files::add);
            tx.create(COLD_LEFT, its.place(), Fields.none().with("state", "gone").json());
            tx.delete(cold.get());
        } else {
            files.addAll(content(tx, file));
        }
        Optional<Document> lock = tx.get(LOCK, file);
        if (lock.isPresent()) {
            files.add(Fields.of(lock.get()).text("file"));
            tx.delete(lock.get());
        }
        forget(tx, files);
        return files;
    }

    /// Takes the files that hold an object's bytes out of use, and none other of it.
    static List<String> releaseContent(Transaction tx, String file) throws CatalogException {
        List<String> files = content(tx, file);
        forget(tx, files);
        return files;
    }

    private static List<String> content(Transaction tx, String file) throws CatalogException {
        var files = new ArrayList<String>();
        files.add(file);
        Optional<Document> pieces = tx.get("pieces", file);
        if (pieces.isPresent()) {
            pieces(Fields.of(pieces.get()).text("pieces"))
                    .forEach(piece -> files.add(piece.file()));
            tx.delete(pieces.get());
        }
        return files;
    }

    static void forget(Transaction tx, List<String> files) throws CatalogException {
        for (String each : files) {
            Optional<Document> row = tx.get("file", each);
            if (row.isPresent()) {
                tx.delete(row.get());
            }
        }
    }

    /// Notes what the lock of a version became.
    ///
    /// @param file the version's
    /// @param footer of the file that says so, see [Footer]
    /// @return the file that said so before, to be deleted once the transaction is over
    static List<String> relock(Transaction tx, String file, Fields footer) throws CatalogException {
        Optional<Document> old = tx.get(LOCK, file);
        tx.create("file", footer.text("file"), "{}");
        if (old.isEmpty()) {
            tx.create(LOCK, file, footer.json());
            return List.of();
        }
        tx.replace(old.get(), footer.json());
        return release(tx, Fields.of(old.get()).text("file"));
    }

    private static Fields with(Fields fields, Map<String, String> headers) {
        Fields all = fields;
        for (var header : new TreeMap<>(headers).entrySet()) {
            all = all.with(HEADER + header.getKey(), header.getValue());
        }
        return all;
    }

    private static Map<String, String> headers(Fields fields) throws CatalogException {
        var headers = new HashMap<String, String>();
        for (String name : fields.names()) {
            if (name.startsWith(HEADER)) {
                headers.put(name.substring(HEADER.length()), fields.text(name));
            }
        }
        return headers;
    }
}

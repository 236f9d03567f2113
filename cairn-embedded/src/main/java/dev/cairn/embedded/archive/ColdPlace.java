package dev.cairn.embedded.archive;

import static dev.cairn.embedded.archive.Failed.failed;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ColdFiles;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.OpenFile;
import dev.cairn.secret.Secrets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The colder place: files of the operator's that are cheaper to keep, with the bytes of versions
/// that moved there.
///
/// Each lies in a file of its own of the same form as the archive's ([ObjectFile]), compressed by
/// zstd, then sealed, under the version's data key as well if it has one. Its name is what
/// [ObjectFiles] would call it; its footer holds all that is told of the version, as the file that
/// stays behind does.
///
/// A folder that is not mounted looks like one that is empty, and a wrong bucket like one where
/// nothing is yet. So the place has a mark, and the index knows which: nothing is written to
/// another one, and nothing there is taken for lost.
final class ColdPlace {
    private static final String MARK_TEXT = "cairn cold 1 ";

    private static final String KIND = "cold-place";
    private static final String ID = "1";

    /// Slow to write, and as fast to read as any other.
    private static final int LEVEL = 15;

    private static final int BUFFER = 1 << 16;

    private final ColdFiles files;
    private final Catalog index;
    private final byte[] key;
    private final Secrets secrets;

    /// @param key 32 bytes, see [ArchiveKey]
    ColdPlace(ColdFiles files, Catalog index, byte[] key, Secrets secrets) {
        this.files = files;
        this.index = index;
        this.key = key.clone();
        this.secrets = secrets;
    }

    // Which place it is.

    /// Whether an index knows of one, be there anything in it or not.
    static boolean isKnown(Catalog index) throws CatalogException {
        return index.get(KIND, ID).isPresent();
    }

    /// Sees that the place is there; the first time it is marked.
    ///
    /// @throws ArchiveException UNAVAILABLE when it is away, or another one
    void claim() throws ArchiveException {
        try {
            if (index.get(KIND, ID).isEmpty()) {
                String mark = mark();
                if (mark.isEmpty()) {
                    mark = HexFormat.of().formatHex(secrets.bytes(16));
                    files.mark(MARK_TEXT + mark);
                }
                String id = mark;
                index.<Boolean, CatalogException>write(tx -> {
                    tx.create(KIND, ID, Fields.none().with("id", id).json());
                    return true;
                });
            }
        } catch (DiskException e) {
            throw away(e);
        } catch (CatalogException e) {
            throw failed(e);
        }
        check();
    }

    /// Sees that the place is there.
    ///
    /// @throws ArchiveException UNAVAILABLE when it is away, or another one
    void check() throws ArchiveException {
        try {
            Optional<Document> known = index.get(KIND, ID);
            String mark = mark();
            // An index that was made anew knows none: what is marked is taken for it.
            String expected = known.isEmpty() ? mark : Fields.of(known.get()).text("id");
            if (mark.isEmpty() || !mark.equals(expected)) {
                throw new ArchiveException(
                        ArchiveException.Kind.UNAVAILABLE,
                        "ServiceUnavailable",
                        mark.isEmpty()
                                ? "the colder place is away: expected its mark there, found none; is it mounted?"
                                : "expected the colder place %s, got %s".formatted(expected, mark));
            }
        } catch (DiskException e) {
            throw away(e);
        } catch (CatalogException e) {
            throw failed(e);
        }
    }

    /// What the place is marked with; empty when it is not.
    private String mark() throws DiskException {
        String text = files.mark();
        return text.startsWith(MARK_TEXT) ? text.substring(MARK_TEXT.length()) : text;
    }

    // Files.

    /// Writes a file and reads it back: what is there is what was read from here.
    ///
    /// @param name that [ObjectFiles#newName] gave
    /// @param content closed here
    /// @param dataKey that the version is encrypted under; null for none
    /// @param footer what is told of the version
    /// @return SHA-256 of the content, in hex
    /// @throws ArchiveException CORRUPT when one of both cannot be read, or they differ
    String write(String name, InputStream content, byte @Nullable [] dataKey, Fields footer)
            throws ArchiveException {
        MessageDigest hash = sha256();
        byte[] id = ObjectFile.id(name.substring(name.lastIndexOf('/') + 1));
        try (InputStream from = new DigestInputStream(content, hash);
                ColdFiles.Draft draft = files.create(name)) {
            var writer = new ObjectFile.Writer((bytes, _) -> draft.append(bytes), key, id, dataKey);
            try (var packed = new ZstdOutputStream(new Into(writer), LEVEL)) {
                packed.setChecksum(true);
                transfer(from, packed);
            }
            writer.finish(footer.json().getBytes(UTF_8));
            draft.finish();
        } catch (DiskException e) {
            throw away(e);
        } catch (IOException e) {
            throw corrupt("the bytes of an object cannot be read, so they stay where they are", e);
        }
        String sum = HexFormat.of().formatHex(hash.digest());
        prove(name, dataKey, sum);
        return sum;
    }

    private void prove(String name, byte @Nullable [] dataKey, String sha256)
            throws ArchiveException {
        MessageDigest hash = sha256();
        try (InputStream back = new DigestInputStream(open(name, dataKey), hash)) {
            transfer(back, OutputStream.nullOutputStream());
        } catch (DiskException e) {
            throw away(e);
        } catch (IOException e) {
            throw corrupt("what was written to the colder place cannot be read there", e);
        }
        String got = HexFormat.of().formatHex(hash.digest());
        if (!got.equals(sha256)) {
            throw corrupt(
                    "expected SHA-256 %s of what was written to the colder place, got %s"
                            .formatted(sha256, got),
                    null);
        }
    }

    /// The content of a file. The caller closes it; it ends with an `IOException` where bytes are
    /// not those that were stored.
    ///
    /// @param dataKey as it was written with
    /// @throws ArchiveException UNAVAILABLE when the place is away; CORRUPT when the file is gone
    InputStream open(String name, byte @Nullable [] dataKey) throws ArchiveException {
        check();
        byte[] id = ObjectFile.id(name.substring(name.lastIndexOf('/') + 1));
        OpenFile file;
        try {
            file = files.open(name);
        } catch (DiskException e) {
            if (e.kind() != DiskException.Kind.NOT_FOUND) {
                throw away(e);
            }
            // Gone, unless it was the place that went.
            check();
            throw failed(e);
        }
        boolean open = false;
        try {
            ObjectFile.Told told =
                    ObjectFile.told(file, key, id)
                            .orElseThrow(() -> new IOException("the file is cut off"));
            var packed =
                    ObjectFile.content(file, key, id, dataKey, told.length(), 0, told.length());
            var content = new ZstdInputStream(packed);
            open = true;
            return content;
        } catch (DiskException e) {
            throw away(e);
        } catch (IOException e) {
            throw corrupt("%s of the colder place cannot be read".formatted(name), e);
        } finally {
            if (!open) {
                file.close();
            }
        }
    }

    /// Deletes a file; one that is not there is fine.
    void delete(String name) throws ArchiveException {
        check();
        try {
            files.delete(name);
        } catch (DiskException e) {
            throw away(e);
        }
    }

    static void transfer(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            to.write(buffer, 0, read);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static ArchiveException away(DiskException e) {
        return new ArchiveException(
                ArchiveException.Kind.UNAVAILABLE,
                "ServiceUnavailable",
                "the colder place is away: " + e.getMessage(),
                e);
    }

    static ArchiveException corrupt(String words, @Nullable Exception cause) {
        return cause == null
                ? new ArchiveException(ArchiveException.Kind.CORRUPT, "InternalError", words)
                : new ArchiveException(
                        ArchiveException.Kind.CORRUPT,
                        "InternalError",
                        words + ": " + cause.getMessage(),
                        cause);
    }

    /// Takes bytes into a file; closing it does nothing.
    private static final class Into extends OutputStream {
        private final ObjectFile.Writer writer;

        Into(ObjectFile.Writer writer) {
            this.writer = writer;
        }

        @Override
        public void write(int one) throws IOException {
            writer.write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writer.write(bytes, offset, length);
        }
    }
}

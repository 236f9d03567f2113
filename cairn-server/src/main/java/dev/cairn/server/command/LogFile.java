package dev.cairn.server.command;

import dev.cairn.archive.Archive.Listed;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/// A log file that is to be imported, wherever it is.
sealed interface LogFile {
    /// Its path or address, from which a server reads account and region where records name none.
    String name();

    /// As it is kept, in bytes.
    long length();

    /// The file on this machine; closed when it was sent.
    Local fetch() throws IOException, ArchiveException;

    /// Whether a file is a log file by its name; digests and the like are none.
    static boolean isLog(String path) {
        var name = path.substring(path.lastIndexOf('/') + 1);
        return name.matches(".*\\.(json|ndjson|jsonl)(\\.gz|\\.zst)?")
                && !name.contains("_CloudTrail-Digest_");
    }

    /// A file on this machine.
    ///
    /// @param sha256 of its bytes, lower-case hex
    /// @param passing whether it goes when it was sent
    record Local(Path path, String sha256, boolean passing) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            if (passing) {
                Files.deleteIfExists(path);
            }
        }
    }

    /// One that is on this machine anyway.
    record OnDisk(Path path) implements LogFile {
        @Override
        public String name() {
            return path.toString();
        }

        @Override
        public long length() {
            return path.toFile().length();
        }

        @Override
        public Local fetch() throws IOException {
            try (var in = Files.newInputStream(path)) {
                return new Local(path, copied(in, OutputStream.nullOutputStream()), false);
            }
        }
    }

    /// An object of a bucket, fetched into a file for as long as it is sent.
    record InBucket(Buckets buckets, String bucket, Listed object) implements LogFile {
        @Override
        public String name() {
            return "s3://" + bucket + "/" + object.key();
        }

        @Override
        public long length() {
            return object.length();
        }

        @Override
        public Local fetch() throws IOException, ArchiveException {
            var found = buckets.get(bucket, object.key());
            if (found.isEmpty()) {
                throw new IOException("it was listed, and is gone");
            }
            var file = Files.createTempFile("cairn-import", ".log");
            var whole = false;
            try (var content = found.get();
                    var out = Files.newOutputStream(file)) {
                var local = new Local(file, copied(content.bytes(), out), true);
                whole = true;
                return local;
            } finally {
                if (!whole) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static String copied(InputStream in, OutputStream out) throws IOException {
        var digest = Connection.digest();
        var buffer = new byte[1 << 16];
        for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
            out.write(buffer, 0, read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}

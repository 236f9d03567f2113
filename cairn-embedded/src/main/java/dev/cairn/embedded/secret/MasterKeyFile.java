package dev.cairn.embedded.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.secret.KeyService;
import dev.cairn.secret.KeyServiceException;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.EnumSet;
import java.util.regex.Pattern;

/// A master key that is kept in a data folder, and the one that is to take its place.
///
/// | file | holds |
/// | --- | --- |
/// | `keys/master` | the key itself, in base64 |
/// | `keys/master.wrapped` | two lines: `v1 ` and the name of the key that a service outside keeps; the master key wrapped by that service |
///
/// Besides either may lie `….next`: a change of keys was cut short. A file is written aside,
/// forced, moved into place, and its folder forced: a crash leaves the whole of it or nothing.
/// Nothing that is there is written over but by [#takeNext].
public final class MasterKeyFile {
    private static final String FORMAT = "v1 ";
    private static final Pattern WRAPPED = Pattern.compile("v1 (\\S+)\\R(\\S+)\\s*");

    private final Path file;
    private final Path next;
    private final Form form;

    private MasterKeyFile(Path dataFolder, String name, Form form) {
        Path folder = dataFolder.resolve("keys");
        this.file = folder.resolve(name);
        this.next = folder.resolve(name + ".next");
        this.form = form;
    }

    /// How a key is written.
    private interface Form {
        String write(byte[] key) throws IOException;

        byte[] read(String text, Path file) throws IOException;
    }

    /// The key itself, in `keys/master`.
    public static MasterKeyFile plain(Path dataFolder) {
        return new MasterKeyFile(dataFolder, "master", new Plain());
    }

    /// The key as a service wraps it, in `keys/master.wrapped`. Whoever wants it asks the service.
    public static MasterKeyFile wrapped(Path dataFolder, KeyService service) {
        return new MasterKeyFile(dataFolder, "master.wrapped", new Wrapped(service));
    }

    /// Reads the key, or makes it.
    ///
    /// @param first whether nothing is sealed yet: only then is a key made. Otherwise a missing key
    ///   means that it was lost, and a new one would open nothing.
    /// @return exactly [Vault#MASTER_KEY_BYTES] bytes
    /// @throws IOException when there is none, it has another form, or its service does not unwrap
    ///   it; nothing is changed then
    public byte[] read(boolean first, Secrets secrets) throws IOException {
        if (first && !Files.exists(file)) {
            make(file, secrets);
        }
        return read(file);
    }

    /// Whether there is a key, read or not.
    public boolean exists() {
        return Files.exists(file);
    }

    /// Makes the key that is to take the place of this one. It is on disk when this returns:
    /// secrets may be sealed under it.
    public byte[] makeNext(Secrets secrets) throws IOException {
        make(next, secrets);
        return read(next);
    }

    /// Whether there is a next key, read or not: a change of keys was cut short.
    public boolean hasNext() {
        return Files.exists(next);
    }

    /// The next key.
    ///
    /// @throws IOException as [#read]
    public byte[] readNext() throws IOException {
        return read(next);
    }

    /// Puts the next key in the place of this one.
    public void takeNext() throws IOException {
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceFolder(folder(file));
    }

    /// Deletes the key, under which nothing is sealed any more.
    public void drop() throws IOException {
        Files.deleteIfExists(file);
        forceFolder(folder(file));
    }

    /// Forgets the next key, which nothing is sealed under.
    public void dropNext() throws IOException {
        Files.deleteIfExists(next);
        forceFolder(folder(next));
    }

    private byte[] read(Path from) throws IOException {
        try {
            return form.read(Files.readString(from, US_ASCII), from);
        } catch (NoSuchFileException e) {
            throw MasterKey.lost(from, e);
        }
    }

    private void make(Path to, Secrets secrets) throws IOException {
        String text = form.write(secrets.bytes(Vault.MASTER_KEY_BYTES));
        Path folder = folder(to);
        Files.createDirectories(folder, ownerOnly("rwx------"));
        Path aside = folder.resolve("master.new");
        Files.deleteIfExists(aside);
        try (FileChannel channel =
                FileChannel.open(
                        aside,
                        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownerOnly("rw-------"))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(aside, to, StandardCopyOption.ATOMIC_MOVE);
        forceFolder(folder);
        Path above = folder.getParent();
        if (above != null) {
            forceFolder(above);
        }
    }

    private static Path folder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("expected a folder above " + file);
        }
        return folder;
    }

    private static void forceFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static FileAttribute<?>[] ownerOnly(String mode) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
                }
                : new FileAttribute<?>[0];
    }

    private record Plain() implements Form {
        @Override
        public String write(byte[] key) {
            return Base64.getEncoder().encodeToString(key) + "\n";
        }

        @Override
        public byte[] read(String text, Path file) throws IOException {
            return KeySource.parse(MasterKey.NAME, text, file.toString());
        }
    }

    private record Wrapped(KeyService service) implements Form {
        @Override
        public String write(byte[] key) throws IOException {
            try {
                return FORMAT + service.name() + "\n" + service.wrap(key) + "\n";
            } catch (KeyServiceException failure) {
                throw new IOException(
                        "keys.master: %s does not wrap a master key: %s"
                                .formatted(service.name(), failure.getMessage()),
                        failure);
            }
        }

        @Override
        public byte[] read(String text, Path file) throws IOException {
            var found = WRAPPED.matcher(text);
            if (!found.matches()) {
                throw new IOException(
                        "keys.master: expected a wrapped master key in %s, got another form"
                                .formatted(file));
            }
            byte[] key;
            try {
                key = service.unwrap(found.group(2));
            } catch (KeyServiceException failure) {
                throw new IOException(
                        "keys.master: %s does not unwrap the master key in %s%s: %s; nothing was changed"
                                .formatted(
                                        service.name(),
                                        file,
                                        found.group(1).equals(service.name())
                                                ? ""
                                                : ", which is under " + found.group(1),
                                        failure.getMessage()),
                        failure);
            }
            if (key.length != Vault.MASTER_KEY_BYTES) {
                throw new IOException(
                        "keys.master: expected %s to unwrap a master key of %d bytes from %s, got %d"
                                .formatted(
                                        service.name(), Vault.MASTER_KEY_BYTES, file, key.length));
            }
            return key;
        }
    }
}

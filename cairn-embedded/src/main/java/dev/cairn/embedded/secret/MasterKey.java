package dev.cairn.embedded.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;

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
import java.util.Map;
import java.util.Optional;

/// The master key: 32 bytes that every stored secret is sealed under, written as 44 characters of
/// base64 or 64 of hex.
///
/// Where it comes from is the setting `keys.master`:
///
/// | setting | the key is |
/// | --- | --- |
/// | empty | in the file `keys/master` of the data folder, made at the first start |
/// | `file:PATH` | in that file |
/// | `env:NAME` | in that environment variable |
/// | `command:…` | what `/bin/sh -c …` prints, such as a call to a key manager |
///
/// The default protects backups and copies of the catalog, not the host: whoever can read the data
/// folder can read the key.
public final class MasterKey {
    private static final String NAME = "keys.master";
    private static final String NEXT = "keys/master.next";

    private MasterKey() {}

    /// Reads the key, or makes it.
    ///
    /// @param setting `keys.master`
    /// @param dataFolder where `keys/master` is
    /// @param environment for `env:` and the command
    /// @param first whether this is the first start of the data folder: only then is a key made. At
    ///   any other a missing key means that it was lost, and a new one would open nothing.
    /// @return exactly [Vault#MASTER_KEY_BYTES] bytes
    /// @throws IOException when there is none where the setting says, or it has another form
    /// @throws InterruptedException when interrupted while the command ran; it is ended
    public static byte[] read(
            String setting,
            Path dataFolder,
            Map<String, String> environment,
            boolean first,
            Secrets secrets)
            throws IOException, InterruptedException {
        if (setting.isEmpty()) {
            Path file = dataFolder.resolve("keys").resolve("master");
            if (first && !Files.exists(file)) {
                make(file, secrets);
            }
            return ofFile(file);
        }
        return setting.startsWith("file:")
                ? ofFile(Path.of(setting.substring("file:".length())))
                : KeySource.read(NAME, setting, environment);
    }

    /// Makes the key that is to take the place of `keys/master`, beside it in `keys/master.next`.
    /// It is on disk when this returns: secrets may be sealed under it.
    public static byte[] makeNext(Path dataFolder, Secrets secrets) throws IOException {
        Path file = dataFolder.resolve(NEXT);
        make(file, secrets);
        return ofFile(file);
    }

    /// The key in `keys/master.next`: a change of keys was cut short.
    public static Optional<byte[]> next(Path dataFolder) throws IOException {
        Path file = dataFolder.resolve(NEXT);
        return Files.exists(file) ? Optional.of(ofFile(file)) : Optional.empty();
    }

    /// Puts the next key in the place of `keys/master`.
    public static void takeNext(Path dataFolder) throws IOException {
        Path folder = dataFolder.resolve("keys");
        Files.move(
                dataFolder.resolve(NEXT),
                folder.resolve("master"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        forceFolder(folder);
    }

    /// Forgets the next key, which nothing is sealed under.
    public static void dropNext(Path dataFolder) throws IOException {
        Files.deleteIfExists(dataFolder.resolve(NEXT));
        forceFolder(dataFolder.resolve("keys"));
    }

    private static byte[] ofFile(Path file) throws IOException {
        try {
            return KeySource.ofFile(NAME, file);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "keys.master: expected the master key in %s, which is not there; without the key that this data folder was made with, its access keys cannot be read. Put it back from your backup."
                            .formatted(file),
                    e);
        }
    }

    /// Written aside, forced, then moved into place and the folder forced: a crash leaves the whole
    /// key or none, and nothing is sealed under a key that a power cut could take.
    private static void make(Path file, Secrets secrets) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("expected a folder above " + file);
        }
        Files.createDirectories(folder, ownerOnly("rwx------"));
        Path aside = folder.resolve("master.new");
        Files.deleteIfExists(aside);
        String text =
                Base64.getEncoder().encodeToString(secrets.bytes(Vault.MASTER_KEY_BYTES)) + "\n";
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
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        forceFolder(folder);
        Path above = folder.getParent();
        if (above != null) {
            forceFolder(above);
        }
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
}

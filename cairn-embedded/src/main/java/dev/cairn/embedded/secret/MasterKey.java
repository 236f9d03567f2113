package dev.cairn.embedded.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

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
    /// How long a command may take.
    static final Duration COMMAND_MAX = Duration.ofSeconds(30);

    /// No key is longer.
    private static final int OUTPUT_BYTES_MAX = 4096;

    private static final String NEXT = "keys/master.next";

    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{43}=");

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
        int colon = setting.indexOf(':');
        String rest = setting.substring(colon + 1);
        return switch (colon < 0 ? "" : setting.substring(0, colon)) {
            case "file" -> ofFile(Path.of(rest));
            case "env" -> {
                String text = environment.get(rest);
                if (text == null) {
                    throw new IOException(
                            "keys.master: expected the master key in the environment variable %s, which is not set"
                                    .formatted(rest));
                }
                yield parse(text, "the environment variable " + rest);
            }
            case "command" -> parse(output(rest, environment), "the output of the command");
            default ->
                    throw new IOException(
                            "keys.master: expected file:PATH, env:NAME or command:…, got another form");
        };
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
            return parse(Files.readString(file, UTF_8), file.toString());
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "keys.master: expected the master key in %s, which is not there; without the key that this data folder was made with, its access keys cannot be read. Put it back from your backup."
                            .formatted(file),
                    e);
        }
    }

    /// The text itself is never part of a message.
    private static byte[] parse(String text, String where) throws IOException {
        String key = text.strip();
        if (HEX.matcher(key).matches()) {
            return HexFormat.of().parseHex(key);
        }
        if (BASE64.matcher(key).matches()) {
            return Base64.getDecoder().decode(key);
        }
        throw new IOException(
                "keys.master: expected 32 bytes as 44 characters of base64 or 64 of hex in %s, got %d characters of another form"
                        .formatted(where, key.length()));
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

    /// What the command prints. It is read once the command has ended, so that one that hangs is
    /// noticed: what it prints waits in the pipe, which is far larger than a key; a command that
    /// fills it never ends, and is refused too.
    private static String output(String command, Map<String, String> environment)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("/bin/sh", "-c", command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(COMMAND_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(
                        "keys.master: expected the command to end within %d s, and ended it"
                                .formatted(COMMAND_MAX.toSeconds()));
            }
            if (process.exitValue() != 0) {
                throw new IOException(
                        "keys.master: expected the command to exit with 0, got "
                                + process.exitValue());
            }
            return new String(process.getInputStream().readNBytes(OUTPUT_BYTES_MAX), UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }
}

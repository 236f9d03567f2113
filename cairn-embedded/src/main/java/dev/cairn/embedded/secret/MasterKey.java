package dev.cairn.embedded.secret;

import dev.cairn.secret.Secrets;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

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
/// folder can read the key. One that a key service wraps is a [MasterKeyFile], too.
public final class MasterKey {
    /// The setting.
    static final String NAME = "keys.master";

    private MasterKey() {}

    /// Reads the key, or makes it.
    ///
    /// @param setting `keys.master`
    /// @param dataFolder where `keys/master` is
    /// @param environment for `env:` and the command
    /// @param first whether this is the first start of the data folder: only then is a key made. At
    ///   any other a missing key means that it was lost, and a new one would open nothing.
    /// @return exactly [dev.cairn.secret.Vault#MASTER_KEY_BYTES] bytes
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
            return MasterKeyFile.plain(dataFolder).read(first, secrets);
        }
        return setting.startsWith("file:")
                ? ofFile(Path.of(setting.substring("file:".length())))
                : KeySource.read(NAME, setting, environment);
    }

    private static byte[] ofFile(Path file) throws IOException {
        try {
            return KeySource.ofFile(NAME, file);
        } catch (NoSuchFileException e) {
            throw lost(file, e);
        }
    }

    static IOException lost(Path file, NoSuchFileException cause) {
        return new IOException(
                "keys.master: expected the master key in %s, which is not there; without the key that this data folder was made with, its access keys cannot be read. Put it back from your backup."
                        .formatted(file),
                cause);
    }
}

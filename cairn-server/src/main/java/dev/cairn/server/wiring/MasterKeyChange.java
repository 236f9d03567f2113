package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Sealed;
import dev.cairn.distributed.key.KeyServices;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.secret.MasterKey;
import dev.cairn.embedded.secret.MasterKeyFile;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.secret.KeyService;
import dev.cairn.secret.KeyServiceException;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// Gives a data folder another master key while its server is stopped.
///
/// All secrets are sealed anew in one transaction of the catalog, so that a crash leaves all under
/// the one key or all under the other. A key that Cairn keeps itself is on disk beside the old one
/// before that, and takes its place after it; a start that finds both asks which of them opens the
/// secrets. So it is with one that a key service wraps. A key that is kept elsewhere is in its
/// keeper's hands before and after. The file of a key that moved elsewhere, or under a service, is
/// deleted.
public final class MasterKeyChange {
    private MasterKeyChange() {}

    /// Changes the key.
    ///
    /// @param from where the present key is, in the form of `keys.master`
    /// @param to where the new one is, in the same form; empty makes one in the data folder, when
    ///   the present one is there; a key service wraps one that is made
    /// @return how many secrets were sealed anew
    /// @throws StartException when something is in the way. The old key holds then, unless the
    ///   catalog failed at its last step: the next start finds out
    public static int run(Path data, String from, String to) throws StartException {
        if (to.isEmpty() && !from.isEmpty()) {
            throw new StartException(
                    "the master key is kept outside the data folder: say where the new one is");
        }
        var secrets = new SystemSecrets();
        try (var folder = DataFolder.open(data);
                var catalog = SqliteCatalog.open(folder.path().resolve("catalog.db"));
                var present = KeyPlace.of(from, folder.path());
                var later = KeyPlace.of(to, folder.path())) {
            var old = key(present, from, folder.path(), catalog, secrets);
            if (later.file().isPresent() && !Sealed.opens(catalog, new Vault(old, secrets))) {
                // What would be written over may be the key that does.
                throw new StartException(
                        "the present master key (%s) does not open what is sealed in %s"
                                .formatted(
                                        from.isEmpty() ? "in the data folder" : from,
                                        folder.path()));
            }
            var fresh =
                    later.file().isPresent()
                            ? later.file().get().makeNext(secrets)
                            : MasterKey.read(to, folder.path(), System.getenv(), false, secrets);
            if (Arrays.equals(old, fresh)) {
                throw new StartException("the new master key is the present one");
            }
            var count = Sealed.anew(catalog, new Vault(old, secrets), new Vault(fresh, secrets));
            if (present.isLeftFor(later)) {
                present.file().orElseThrow().drop();
            }
            if (later.file().isPresent()) {
                later.file().get().takeNext();
            }
            return count;
        } catch (DataFolderException | CatalogException | IOException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the key was read", interrupted);
        }
    }

    /// The master key of a folder. It is made when nothing is sealed yet and the folder is where it
    /// is kept; a change that was cut short is settled first.
    static byte[] key(String setting, Path folder, Catalog catalog, Secrets secrets)
            throws IOException, CatalogException, InterruptedException {
        try (var place = KeyPlace.of(setting, folder)) {
            return key(place, setting, folder, catalog, secrets);
        }
    }

    private static byte[] key(
            KeyPlace place, String setting, Path folder, Catalog catalog, Secrets secrets)
            throws IOException, CatalogException, InterruptedException {
        if (place.file().isEmpty()) {
            return MasterKey.read(setting, folder, System.getenv(), false, secrets);
        }
        var file = place.file().get();
        if (settle(file, catalog, secrets) && place.service().isPresent()) {
            MasterKeyFile.plain(folder).drop();
        }
        return file.read(!Sealed.any(catalog), secrets);
    }

    /// @return whether the next key took the place of the one that was
    private static boolean settle(MasterKeyFile file, Catalog catalog, Secrets secrets)
            throws IOException, CatalogException {
        if (!file.hasNext()) {
            return false;
        }
        if (file.exists() && opens(() -> file.read(false, secrets), catalog, secrets)) {
            file.dropNext();
            return false;
        }
        if (!opens(file::readNext, catalog, secrets)) {
            return false;
        }
        file.takeNext();
        return true;
    }

    /// Reads a key.
    private interface Reading {
        byte[] key() throws IOException;
    }

    /// Whether a key opens what is sealed. One that another key wraps than the one that is asked
    /// does not, here: of a change from the one to the other both are there, and the setting names
    /// one.
    private static boolean opens(Reading reading, Catalog catalog, Secrets secrets)
            throws IOException, CatalogException {
        byte[] key;
        try {
            key = reading.key();
        } catch (IOException failure) {
            if (failure.getCause() instanceof KeyServiceException refused
                    && refused.kind() == KeyServiceException.Kind.WRONG_KEY) {
                return false;
            }
            throw failure;
        }
        return Sealed.opens(catalog, new Vault(key, secrets));
    }

    /// Who keeps the master key that a setting names.
    ///
    /// @param file where in the data folder it is, itself or wrapped; empty when it is elsewhere
    /// @param service that wraps it there
    private record KeyPlace(Optional<MasterKeyFile> file, Optional<KeyService> service)
            implements AutoCloseable {
        static KeyPlace of(String setting, Path folder) throws IOException {
            if (setting.isEmpty()) {
                return new KeyPlace(Optional.of(MasterKeyFile.plain(folder)), Optional.empty());
            }
            try {
                var service = KeyServices.of(setting, System.getenv());
                return new KeyPlace(service.map(it -> MasterKeyFile.wrapped(folder, it)), service);
            } catch (IllegalArgumentException form) {
                throw new IOException(form.getMessage(), form);
            }
        }

        /// Whether its file would stay when another place has the key: what is in copies of the
        /// catalog from before would open under it.
        boolean isLeftFor(KeyPlace later) {
            return file.isPresent()
                    && (later.file.isEmpty() || service.isPresent() != later.service.isPresent());
        }

        @Override
        public void close() {
            service.ifPresent(KeyService::close);
        }
    }
}

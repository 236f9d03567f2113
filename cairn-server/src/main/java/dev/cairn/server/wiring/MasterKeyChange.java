package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Sealed;
import dev.cairn.embedded.catalog.SqliteCatalog;
import dev.cairn.embedded.disk.DataFolder;
import dev.cairn.embedded.disk.DataFolderException;
import dev.cairn.embedded.secret.MasterKey;
import dev.cairn.embedded.secret.SystemSecrets;
import dev.cairn.secret.Secrets;
import dev.cairn.secret.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/// Gives a data folder another master key while its server is stopped.
///
/// All secrets are sealed anew in one transaction of the catalog, so that a crash leaves all under
/// the one key or all under the other. A key that Cairn keeps itself is on disk beside the old one
/// before that, and takes its place after it; a start that finds both asks which of them opens the
/// secrets. A key that is kept elsewhere is in its keeper's hands before and after.
public final class MasterKeyChange {
    private MasterKeyChange() {}

    /// Changes the key.
    ///
    /// @param from where the present key is, in the form of `keys.master`
    /// @param to where the new one is, in the same form; empty makes one in the data folder, when
    ///   the present one is there
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
                var catalog = SqliteCatalog.open(folder.path().resolve("catalog.db"))) {
            var old = key(from, folder.path(), catalog, false, secrets);
            var fresh =
                    to.isEmpty()
                            ? MasterKey.makeNext(folder.path(), secrets)
                            : MasterKey.read(to, folder.path(), System.getenv(), false, secrets);
            if (Arrays.equals(old, fresh)) {
                throw new StartException("the new master key is the present one");
            }
            var count = Sealed.anew(catalog, new Vault(old, secrets), new Vault(fresh, secrets));
            if (to.isEmpty()) {
                MasterKey.takeNext(folder.path());
            }
            return count;
        } catch (DataFolderException | CatalogException | IOException failure) {
            throw new StartException(String.valueOf(failure.getMessage()), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the key was read", interrupted);
        }
    }

    /// The master key of a folder; as [MasterKey#read], but a change that was cut short is settled
    /// first.
    static byte[] key(String setting, Path folder, Catalog catalog, boolean first, Secrets secrets)
            throws IOException, CatalogException, InterruptedException {
        var next = MasterKey.next(folder);
        if (setting.isEmpty() && next.isPresent()) {
            var present = MasterKey.read(setting, folder, System.getenv(), first, secrets);
            if (Sealed.opens(catalog, new Vault(present, secrets))) {
                MasterKey.dropNext(folder);
            } else if (Sealed.opens(catalog, new Vault(next.get(), secrets))) {
                MasterKey.takeNext(folder);
            }
        }
        return MasterKey.read(setting, folder, System.getenv(), first, secrets);
    }
}

package dev.cairn.server.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.embedded.backup.Backup;
import dev.cairn.embedded.secret.KeySource;
import dev.cairn.server.configuration.ColdSettings;
import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.wiring.DataBackup;
import dev.cairn.server.wiring.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "backup",
        description = {
            "Copies all that a data folder holds to another folder, encrypted, while its server runs or is stopped.",
            "What a former backup in that folder has is not copied again. Run it as the user whom the data folder belongs to."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  (umask 077; head -c 32 /dev/urandom | base64 > backup.key)     # once",
            "  cairn backup --to /mnt/backup/cairn --key file:backup.key",
            "  cairn restore-backup /mnt/backup/cairn --key file:backup.key --list",
            "",
            "Keep the key elsewhere: without it no backup opens. History is not in a backup:",
            "it is made again from the ledger. Exits 0 only when the backup is whole."
        })
final class BackupCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder (default: ./cairn-data).")
    private Path data = ServerChoice.DEFAULT_DATA;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "The folder of backups; made when it is not there.")
    private Path to = Path.of("");

    @Option(names = "--key", required = true, paramLabel = "WHERE", description = Key.DESCRIPTION)
    private String key = "";

    @Option(
            names = "--cold",
            paramLabel = "DIR",
            description =
                    "The colder place, where it is a folder (default: the folder's setting archive.cold). One on an S3 is not copied.")
    private @Nullable Path cold;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /// The key of backups, for both commands.
    static final class Key {
        static final String DESCRIPTION =
                "Where the key of the backups is: file:PATH, env:NAME or command:LINE, giving 32 bytes in base64 or hex. Not the master key.";

        private Key() {}

        static byte[] read(String where) throws CommandException, InterruptedException {
            try {
                return KeySource.read("--key", where, System.getenv());
            } catch (IOException failure) {
                throw new CommandException(
                        String.valueOf(failure.getMessage()), CommandException.USAGE);
            }
        }
    }

    @Override
    public Integer call() throws Exception {
        var folder = data.toAbsolutePath().normalize();
        var place =
                cold == null
                        ? Configuration.of(folder, ServeOptions.withoutExpiry(folder)).archiveCold()
                        : Optional.<ColdSettings>of(new ColdSettings.Folder(cold));
        var parts =
                new DataBackup.Parts(
                        folder,
                        place.map(BackupCommand::absolute),
                        to.toAbsolutePath().normalize(),
                        Key.read(key));
        try (var bar = Progress.bytes("backup", -1)) {
            print(DataBackup.run(parts, bar::at));
            return 0;
        } catch (StartException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private static ColdSettings absolute(ColdSettings place) {
        return place instanceof ColdSettings.Folder(var path)
                ? new ColdSettings.Folder(path.toAbsolutePath().normalize())
                : place;
    }

    private void print(Backup.Report report) {
        report.former()
                .ifPresent(damage ->
                        Console.err()
                                .println(
                                        "the last backup is damaged, so all was read anew; prove the others, too, with cairn restore-backup --check ("
                                                + damage
                                                + ")"));
        var manifest = report.manifest();
        if (json) {
            Console.json(
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("backup", report.name())
                            .put("begun", manifest.begun().toString())
                            .put("files", manifest.files())
                            .put("bytes", manifest.bytes())
                            .put("newBytes", report.written())
                            .put("coldElsewhere", report.elsewhere())
                            .put("formerDamaged", report.former().isPresent()));
        } else {
            Console.out()
                    .println(
                            "backup %s: %,d files, %,d bytes, of them %,d new"
                                    .formatted(
                                            report.name(),
                                            manifest.files(),
                                            manifest.bytes(),
                                            report.written()));
            if (report.elsewhere() > 0) {
                Console.out()
                        .println(
                                "%,d files of the colder place stay where they are, on an S3 (archive.cold): keep them for as long as this backup"
                                        .formatted(report.elsewhere()));
            }
        }
    }
}

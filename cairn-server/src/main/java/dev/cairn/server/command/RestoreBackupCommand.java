package dev.cairn.server.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.embedded.backup.BackupManifest;
import dev.cairn.server.wiring.DataRestore;
import dev.cairn.server.wiring.StartException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "restore-backup",
        description =
                "Makes a data folder of a backup. Every file is held against its length and SHA-256 before the folder counts; when it is cut short, run it again.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn restore-backup /mnt/backup/cairn --key file:backup.key --list",
            "  cairn restore-backup /mnt/backup/cairn --key file:backup.key --check",
            "  cairn restore-backup /mnt/backup/cairn --key file:backup.key --data cairn-new",
            "  cairn fsck --data cairn-new && cairn serve --data cairn-new",
            "",
            "The server makes history again from the ledger when it starts."
        })
final class RestoreBackupCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FROM", description = "The folder of backups.")
    private Path from = Path.of("");

    @Option(
            names = "--key",
            required = true,
            paramLabel = "WHERE",
            description = BackupCommand.Key.DESCRIPTION)
    private String key = "";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder to be made: empty, or not there.")
    private @Nullable Path data;

    @Option(
            names = "--cold",
            paramLabel = "DIR",
            description =
                    "An empty folder for what was in the colder place; set archive.cold to it afterwards.")
    private @Nullable Path cold;

    @Option(
            names = "--backup",
            paramLabel = "NAME",
            description = "Which backup (default: the last whole one).")
    private @Nullable String name;

    @Option(names = "--list", description = "Show which whole backups there are.")
    private boolean list;

    @Option(
            names = "--check",
            description =
                    "Read and prove all of the backup. What does not open is set aside, so that the next backup writes it anew.")
    private boolean check;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if ((list ? 1 : 0) + (check ? 1 : 0) + (data == null ? 0 : 1) != 1) {
            throw new CommandException(
                    "expected one of --data DIR, --list and --check", CommandException.USAGE);
        }
        try {
            var backups =
                    DataRestore.open(
                            from.toAbsolutePath().normalize(), BackupCommand.Key.read(key));
            if (list) {
                print(backups.backups());
                return 0;
            }
            var chosen = name == null ? last(backups) : name;
            try (var bar = Progress.bytes("restore-backup", -1)) {
                print(chosen, run(backups, chosen, bar));
            }
            return 0;
        } catch (StartException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private BackupManifest run(DataRestore backups, String chosen, Progress bar)
            throws StartException {
        return data == null
                ? backups.check(chosen, bar::at)
                : backups.restore(
                        chosen,
                        data.toAbsolutePath().normalize(),
                        Optional.ofNullable(cold).map(path -> path.toAbsolutePath().normalize()),
                        bar::at);
    }

    private String last(DataRestore backups) throws StartException, CommandException {
        return backups.backups().keySet().stream()
                .reduce((_, later) -> later)
                .orElseThrow(() ->
                        new CommandException(
                                "there is no whole backup in %s: one that was cut short does not count"
                                        .formatted(from)));
    }

    private void print(Map<String, Optional<BackupManifest>> backups) {
        if (json) {
            var answer = JsonNodeFactory.instance.objectNode();
            var all = answer.putArray("backups");
            backups.forEach((its, manifest) ->
                    all.add(manifest.map(whole -> json(its, whole)).orElseGet(() -> damaged(its))));
            Console.json(answer);
            return;
        }
        var table = new Table("BACKUP", "BEGUN", "FILES", "BYTES", "VERSION");
        backups.forEach((its, manifest) ->
                manifest.ifPresentOrElse(
                        whole ->
                                table.row(
                                        its,
                                        whole.begun().toString(),
                                        "%,d".formatted(whole.files()),
                                        "%,d".formatted(whole.bytes()),
                                        whole.version()),
                        () -> table.row(its, "damaged", "", "", "")));
        table.print(Console.out());
    }

    private void print(String chosen, BackupManifest manifest) {
        if (json) {
            Console.json(json(chosen, manifest));
            return;
        }
        Console.out()
                .println(
                        "%s %s: %,d files, %,d bytes; what was acknowledged before %s is in it"
                                .formatted(
                                        check ? "proved" : "restored",
                                        chosen,
                                        manifest.files(),
                                        manifest.bytes(),
                                        manifest.begun()));
    }

    private static ObjectNode damaged(String its) {
        return JsonNodeFactory.instance.objectNode().put("backup", its).put("damaged", true);
    }

    private static ObjectNode json(String chosen, BackupManifest manifest) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("backup", chosen)
                .put("begun", manifest.begun().toString())
                .put("version", manifest.version())
                .put("files", manifest.files())
                .put("bytes", manifest.bytes());
    }
}

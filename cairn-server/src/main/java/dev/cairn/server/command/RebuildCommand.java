package dev.cairn.server.command;

import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.wiring.ArchiveRebuild;
import dev.cairn.server.wiring.Cairn;
import dev.cairn.server.wiring.StartException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rebuild",
        description =
                "Throws event history away and makes it again from the ledger; or, when it is lost, makes the index of the built-in archive again from its objects. The server must be stopped.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn rebuild --data cairn-data",
            "  cairn rebuild --archive    # archive/index.db is lost, or was moved away because it is damaged",
            "",
            "The objects do not tell of uploads under way, and of tags changed since they were put."
        })
final class RebuildCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder (default: ./cairn-data).")
    private Path data = ServerChoice.DEFAULT_DATA;

    @Option(
            names = "--archive",
            description = "Make the archive's index, and leave history as it is.")
    private boolean archive;

    @Override
    public Integer call() throws Exception {
        var configuration =
                Configuration.of(
                        data.toAbsolutePath().normalize(), ServeOptions.withoutExpiry(data));
        try {
            return archive ? archive(configuration) : history(configuration);
        } catch (StartException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private static int history(Configuration configuration) throws StartException {
        try (var bar = Progress.events("rebuild")) {
            var events = Cairn.rebuildHistory(configuration, bar::at);
            Console.out().println("history rebuilt from %,d events".formatted(events));
            return 0;
        }
    }

    private static int archive(Configuration configuration) throws StartException {
        var out = Console.out();
        try (var bar = Progress.files("rebuild")) {
            var made = ArchiveRebuild.run(configuration, bar::at);
            if (made.isEmpty()) {
                out.println("the archive has its index: nothing was done");
                return 0;
            }
            var report = made.get();
            report.findings().forEach(finding -> out.println("finding   " + finding));
            if (report.found() > report.findings().size()) {
                out.println(
                        "and %,d findings more"
                                .formatted(report.found() - report.findings().size()));
            }
            out.println(
                    "index of the archive rebuilt: %,d objects, from %,d files"
                            .formatted(report.objects(), report.files()));
            return report.found() == 0 ? 0 : CommandException.FAILED;
        }
    }
}

package dev.cairn.server.command;

import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.wiring.Cairn;
import dev.cairn.server.wiring.StartException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rebuild",
        description =
                "Throws event history away and makes it again from the ledger. The server must be stopped.",
        footerHeading = "%nExamples:%n",
        footer = {"  cairn rebuild --data cairn-data"})
final class RebuildCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder (default: ./cairn-data).")
    private Path data = ServerChoice.DEFAULT_DATA;

    @Override
    public Integer call() throws Exception {
        var settings = ServeOptions.withoutExpiry(data);
        try (var bar = Progress.events("rebuild")) {
            var events =
                    Cairn.rebuildHistory(
                            Configuration.of(data.toAbsolutePath().normalize(), settings), bar::at);
            Console.out().println("history rebuilt from %,d events".formatted(events));
            return 0;
        } catch (StartException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
    }
}

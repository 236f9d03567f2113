package dev.cairn.server.command;

import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.configuration.SettingException;
import dev.cairn.server.wiring.Cairn;
import dev.cairn.server.wiring.Logs;
import dev.cairn.server.wiring.StartException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "serve",
        description = "Runs Cairn: everything embedded, on one port, until SIGTERM or Ctrl-C.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  cairn serve",
            "  cairn serve --data /var/lib/cairn --host 0.0.0.0 --port 8080",
            "  cairn serve --set history.retention=1y --set log.format=json",
            "",
            "Prints one line on standard output when it is ready; logs go to standard error."
        })
final class ServeCommand implements Callable<Integer> {
    @Mixin private ServeOptions options = new ServeOptions();

    @Override
    public Integer call() throws Exception {
        return serve(options.configuration());
    }

    /// Serves until it is told to stop.
    static int serve(Configuration configuration) throws Exception {
        var stop = StopSignal.listen();
        try (var cairn = start(configuration)) {
            stop.serving();
            Console.out().println(ready(cairn.endpoint().toString()));
            stop.await();
        } finally {
            stop.closed();
        }
        return 0;
    }

    /// A server for one command, on a port of its own, with the settings of the data folder.
    static Cairn startFor(Path data) throws CommandException, SettingException, IOException {
        return start(configurationFor(data));
    }

    static Configuration configurationFor(Path data) throws SettingException, IOException {
        var settings = ServeOptions.withoutExpiry(data);
        settings.set("http.host", "127.0.0.1", "import");
        settings.set("http.port", "0", "import");
        settings.set("log.level", "warn", "import");
        return Configuration.of(data.toAbsolutePath().normalize(), settings);
    }

    static Cairn start(Configuration configuration) throws CommandException {
        Logs.configure(configuration.logJson(), configuration.logLevel());
        try {
            return Cairn.start(configuration);
        } catch (StartException failure) {
            throw new CommandException(String.valueOf(failure.getMessage()), failure);
        }
    }

    /// The one line that says that a process serves.
    ///
    /// @param addresses where
    static String ready(String addresses) {
        var millis =
                System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
        return String.format(Locale.ROOT, "ready %s in %.1f s", addresses, millis / 1000.0);
    }
}

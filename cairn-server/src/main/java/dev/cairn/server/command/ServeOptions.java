package dev.cairn.server.command;

import dev.cairn.server.configuration.Configuration;
import dev.cairn.server.configuration.SettingException;
import dev.cairn.server.configuration.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How a server is set up from the command line: `--data`, `--config`, `--set` and what is short
/// for one.
final class ServeOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "The data folder, made when absent (default: ./cairn-data; demo: ./cairn-demo).")
    private @Nullable Path data;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "A properties file of settings (default: cairn.properties in the data folder, if there).")
    private @Nullable Path config;

    @Option(
            names = "--host",
            paramLabel = "H",
            description = "The address to listen on (default: 127.0.0.1).")
    private @Nullable String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port to listen on; 0 picks one (default: 4580).")
    private @Nullable String port;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting, as in docs/operating/settings.md; may be given again.")
    private Map<String, String> set = new LinkedHashMap<>();

    private final Path defaultFolder;

    ServeOptions() {
        this("cairn-data");
    }

    /// @param defaultFolder the data folder when none is named
    ServeOptions(String defaultFolder) {
        this.defaultFolder = Path.of(defaultFolder);
    }

    /// The data folder that was named; null for none.
    @Nullable Path data() {
        return data;
    }

    /// The configuration from all sources, the command line being the strongest.
    Configuration configuration() throws SettingException, IOException {
        return configuration(Map.of());
    }

    /// The same, with settings that a command has options of its own for.
    Configuration configuration(Map<String, String> own) throws SettingException, IOException {
        return configuration(data == null ? defaultFolder : data, Map.of(), own);
    }

    /// The same for a process that has another folder.
    ///
    /// @param weakest what counts where nothing else is said
    Configuration configuration(Path folder, Map<String, String> weakest, Map<String, String> own)
            throws SettingException, IOException {
        var settings = new Settings();
        for (var entry : weakest.entrySet()) {
            settings.set(entry.getKey(), entry.getValue(), "default");
        }
        read(settings, folder, config);
        if (host != null) {
            settings.set("http.host", host, "--host");
        }
        if (port != null) {
            settings.set("http.port", port, "--port");
        }
        for (var entry : set.entrySet()) {
            settings.set(entry.getKey(), entry.getValue(), "--set");
        }
        for (var entry : own.entrySet()) {
            settings.set(entry.getKey(), entry.getValue(), "option");
        }
        return Configuration.of(folder.toAbsolutePath().normalize(), settings);
    }

    /// What a command sets for a server that it runs itself on a folder, to fill or rebuild it: the
    /// folder's own settings, but nothing expires. The folder may be served with `--set
    /// history.retention=forever`, which no file tells; what is too old goes when it is next
    /// served.
    static Settings withoutExpiry(Path data) throws SettingException, IOException {
        var settings = new Settings();
        read(settings, data, null);
        settings.set("history.retention", "forever", "here");
        return settings;
    }

    private static void read(Settings settings, Path data, @Nullable Path config)
            throws SettingException, IOException {
        var file = config == null ? data.resolve("cairn.properties") : config;
        if (config != null || Files.isRegularFile(file)) {
            settings.readFile(file);
        }
        settings.readEnvironment(System.getenv());
    }
}

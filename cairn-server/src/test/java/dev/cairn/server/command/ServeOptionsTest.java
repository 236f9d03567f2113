package dev.cairn.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.server.configuration.Configuration;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeOptionsTest {
    @TempDir private Path data;

    @Test
    void a_server_run_for_an_import_has_the_settings_of_its_folder() throws Exception {
        Files.writeString(
                data.resolve("cairn.properties"), "account.id=222222222222\nhttp.host=0.0.0.0\n");

        var configuration = ServeCommand.configurationFor(data);

        assertThat(configuration.accountId()).isEqualTo("222222222222");
        assertThat(configuration.host()).isEqualTo("127.0.0.1");
        assertThat(configuration.port()).isZero();
    }

    @Test
    void nothing_expires_while_a_command_fills_or_rebuilds_a_folder() throws Exception {
        Files.writeString(data.resolve("cairn.properties"), "history.retention=30d\n");

        var settings = ServeOptions.withoutExpiry(data);

        assertThat(Configuration.of(data, settings).historyRetention()).isNull();
        assertThat(ServeCommand.configurationFor(data).historyRetention()).isNull();
    }
}

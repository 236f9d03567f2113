package dev.cairn.server.http;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpooledBodyTest {
    @TempDir private Path folder;

    @Test
    void a_body_that_finds_no_room_on_disk_is_not_the_callers_fault() {
        var bytes = new byte[SpooledBody.MEMORY_BYTES_MAX + 1];
        var exchange =
                new Exchange(
                        new Request("POST", "/", "", Headers.NONE),
                        new ByteArrayInputStream(bytes),
                        bytes.length,
                        "127.0.0.1",
                        null);

        assertThatThrownBy(() -> SpooledBody.read(exchange, 1 << 30, folder.resolve("absent")))
                .asInstanceOf(InstanceOfAssertFactories.type(BodyException.class))
                .extracting(BodyException::kind)
                .isEqualTo(BodyException.Kind.NO_ROOM);
    }
}

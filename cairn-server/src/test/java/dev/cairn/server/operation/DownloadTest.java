package dev.cairn.server.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.protocol.Call;
import dev.cairn.aws.protocol.Codecs;
import dev.cairn.aws.protocol.Protocol;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
    @TempDir private Path folder;

    @Test
    void the_limit_of_a_download_is_heard() throws Exception {
        var cairn = new TestParts(folder).operations.signedAs("cairn").orElseThrow();
        var codec = new Codecs().of(Protocol.REST_JSON).orElseThrow();

        var call =
                codec.parse(
                        cairn.model(),
                        new Request(
                                "GET",
                                "/cairn/v1/download",
                                "format=ndjson&limit=5000",
                                Headers.NONE),
                        new byte[0]);

        assertThat(call).isInstanceOf(Call.Parsed.class);
        assertThat(((Call.Parsed) call).input().path("limit").asInt()).isEqualTo(5000);
    }
}

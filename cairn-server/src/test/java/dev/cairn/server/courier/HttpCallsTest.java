package dev.cairn.server.courier;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.server.courier.HttpCalls.Answer;
import dev.cairn.server.courier.HttpCalls.Asked;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Against a server that answers with bytes as they are given.
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HttpCallsTest {
    private static Answer answer(String bytes, int answerBytesMax) throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var said = Thread.ofVirtual().start(() -> say(server, bytes));
            var answer =
                    new HttpCalls(
                                    new Addresses(List.of("127.0.0.0/8")),
                                    () -> (SSLSocketFactory) SSLSocketFactory.getDefault())
                            .ask(
                                    new Asked(
                                            "GET",
                                            URI.create(
                                                    "http://127.0.0.1:%d/"
                                                            .formatted(server.getLocalPort())),
                                            Map.of(),
                                            null,
                                            answerBytesMax),
                                    Duration.ofSeconds(20));
            said.join();
            return answer;
        }
    }

    private static void say(ServerSocket server, String bytes) {
        try (var socket = server.accept()) {
            var asked = new StringBuilder();
            while (!asked.toString().endsWith("\r\n\r\n")) {
                asked.append((char) socket.getInputStream().read());
            }
            socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
            socket.shutdownOutput();
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // Who asked has read enough.
        }
    }

    @Test
    void who_wants_no_more_than_a_status_has_it_whatever_the_headers_are() throws Exception {
        var head = "HTTP/1.1 202 Accepted\r\nRetry-After: 7\r\n";
        for (var more :
                List.of("", "X: " + "x".repeat(9000) + "\r\n\r\n", "X: 1\r\n".repeat(300))) {
            assertThat(answer(head + more, 0))
                    .isInstanceOfSatisfying(
                            Answer.Answered.class,
                            answered -> {
                                assertThat(answered.status()).isEqualTo(202);
                                assertThat(answered.headers()).containsEntry("retry-after", "7");
                            });
        }
        var large = "X: " + "x".repeat(9000) + "\r\n\r\n";
        assertThat(answer(head + large, 100)).isInstanceOf(Answer.None.class);
        assertThat(answer("HTTP/1.1 100 Continue\r\n" + large, 0)).isInstanceOf(Answer.None.class);
    }

    @Test
    void a_reason_never_quotes_the_answer_and_is_short() throws Exception {
        for (var answer :
                List.of(
                        "HTTP/1.1 200 OK\r\nContent-Length: hush\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhush\r\n",
                        "hush\r\n")) {
            assertThat(answer(answer, 100))
                    .isInstanceOfSatisfying(
                            Answer.None.class,
                            none ->
                                    assertThat(none.reason())
                                            .contains("expected")
                                            .doesNotContain("hush"));
        }
        assertThat(new Answer.None("x".repeat(600)).reason()).hasSize(512);
    }
}

package dev.cairn.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Http2HeadTest {
    private static Http2Head head(String authority, String... headers) {
        return new Http2Head(new Request("GET", "/a", "", Headers.of(headers)), authority);
    }

    @Test
    void a_host_may_be_said_twice_when_it_is_the_same() {
        assertThat(head("h:9000").flaw()).isEmpty();
        assertThat(head("h:9000", "host", "H:9000").flaw()).isEmpty();
        assertThat(new Http2Head(head("h", "host", "h").request(), null).flaw()).isEmpty();
    }

    @Test
    void two_hosts_are_refused() {
        assertThat(head("h", "host", "other").flaw()).contains("expected one host, got two");
        assertThat(head("h", "host", "h", "host", "h").flaw()).contains("expected one host, got 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "connection",
                "Keep-Alive",
                "proxy-connection",
                "transfer-encoding",
                "upgrade"
            })
    void what_speaks_of_one_connection_is_refused(String name) {
        assertThat(head("h", name, "x").flaw())
                .hasValueSatisfying(flaw -> assertThat(flaw).endsWith("over HTTP/2"));
    }

    @Test
    void what_no_line_can_hold_is_refused() {
        assertThat(head("h", "content-length", "1", "content-length", "1").flaw()).isPresent();
        assertThat(head("h", "a b", "1").flaw()).isPresent();
    }
}

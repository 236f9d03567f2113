package dev.cairn.aws.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthorityTest {
    @ParameterizedTest
    @CsvSource({
        "http://cairn.test, cairn.test",
        "http://cairn.test:80, cairn.test",
        "HTTP://cairn.test:80/, cairn.test",
        "http://cairn.test:443, cairn.test:443",
        "https://cairn.test:443, cairn.test",
        "https://cairn.test:80, cairn.test:80",
        "http://127.0.0.1:4580, 127.0.0.1:4580",
        "http://[::1]:80, [::1]",
        "http://[::1]:4580, [::1]:4580",
    })
    void the_host_that_is_signed_has_no_port_that_the_client_leaves_out(URI url, String host) {
        assertThat(Authority.of(url)).isEqualTo(host);
    }
}

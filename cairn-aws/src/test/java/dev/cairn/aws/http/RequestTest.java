package dev.cairn.aws.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
    private static Request put(String... headers) {
        return new Request("PUT", "/b/k", "x=1", Headers.of(headers));
    }

    @Test
    void an_ordinary_head_has_no_flaw() {
        assertThat(put("Host", "h", "Content-Length", "5", "x-amz-meta-a", "\u00e4 b\t c").flaw())
                .isEmpty();
        assertThat(new Request("OPTIONS", "*", "", Headers.NONE).flaw()).isEmpty();
        assertThat(new Request("M-SEARCH", "/\u00fc//..;x", "a=%20+&b", Headers.NONE).flaw())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /a HTTP/1.1", "GET\t", "GE\rT", "G\u00c4T", "a:b"})
    void a_method_is_a_token(String method) {
        assertThat(new Request(method, "/", "", Headers.NONE).flaw())
                .hasValueSatisfying(flaw -> assertThat(flaw).startsWith("expected a method"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "/a b", "/a\tb", "/a\r\nb", "/a\u007f", "http://h/a"})
    void a_path_is_of_one_piece(String path) {
        assertThat(new Request("GET", path, "", Headers.NONE).flaw()).isPresent();
    }

    @Test
    void so_is_a_query() {
        assertThat(new Request("GET", "/", "a=b c", Headers.NONE).flaw()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "transfer-encoding ", "a:", "a\r\nb", "\u00e4"})
    void a_field_has_a_token_for_a_name(String name) {
        assertThat(put(name, "1").flaw())
                .hasValueSatisfying(flaw -> assertThat(flaw).startsWith("expected a field's name"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb: c", "a\nb", "a\rb", "a\u0000b"})
    void a_value_is_one_line(String value) {
        assertThat(put("a", value).flaw()).contains("expected one line as the value of a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+5", "-1", "5, 5", "5 6", "0x5", "1234567890123456789"})
    void a_length_is_a_number(String length) {
        assertThat(put("Content-Length", length).flaw())
                .contains("expected a number as content-length, got '%s'".formatted(length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "6"})
    void a_length_is_said_once(String again) {
        assertThat(put("Content-Length", "5", "content-length", again).flaw())
                .contains("expected one content-length, got 2");
    }

    @Test
    void a_host_is_named_once() {
        assertThat(put("Host", "h", "host", "h").flaw()).contains("expected one host, got 2");
    }
}

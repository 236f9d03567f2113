package dev.cairn.recorder.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoutesTest {
    private final Routes routes =
            new Routes()
                    .add("POST", "/orders", Route.named("CreateOrder"))
                    .add("GET", "/orders/{orderId}/items/{item}", Route.named("GetItem"))
                    .add("get", "/orders/*.csv", Route.named("Export"))
                    .add("*", "/admin/**", Route.named("Administer"));

    private String name(String method, String path) {
        return routes.match(method, path).map(match -> match.route().eventName()).orElse("");
    }

    @Test
    void the_first_route_that_fits_counts() {
        assertThat(name("POST", "/orders")).isEqualTo("CreateOrder");
        assertThat(name("GET", "/orders")).isEmpty();
        assertThat(name("POST", "/orders/")).isEmpty();
        assertThat(name("GET", "/orders/2026.csv")).isEqualTo("Export");
        assertThat(name("GET", "/orders/a/b.csv")).isEmpty();
        assertThat(name("DELETE", "/admin/users/7")).isEqualTo("Administer");
        assertThat(name("GET", "/xorders")).isEmpty();
        assertThat(routes.match("GET", "/orders/7/items/a\nb").orElseThrow().variables())
                .isEqualTo(Map.of("orderId", "7", "item", "a\nb"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Routes().add("GET", "orders", Route.named("A")));
    }

    @Test
    void queries_and_bodies_are_parameters() {
        assertThat(Parameters.query("a=1&b=%C3%BC&a=2&flag&broken=%zz&=x"))
                .isEqualTo(Map.of("a", List.of("1", "2"), "b", "ü", "flag", "", "broken", "%zz"));
        assertThat(Parameters.query(null)).isEmpty();
        assertThat(Parameters.json("{\"a\":{\"b\":[1,2.5,null,true]}}".getBytes(UTF_8)).toString())
                .isEqualTo("{a={b=[1, 2.5, null, true]}}");
        assertThat(Parameters.json("[1]".getBytes(UTF_8))).isEqualTo(Map.of("body", List.of(1)));
        assertThat(Parameters.json("{\"a\":".getBytes(UTF_8))).isEmpty();
        assertThat(Parameters.json("[".repeat(500).getBytes(UTF_8))).isEmpty();
        assertThat(Parameters.json(new byte[0])).isEmpty();
    }
}

package dev.cairn.server.courier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.9.1",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "::ffff:127.0.0.1",
                "fe80::1",
                "fd00::1",
                "ff02::1",
                "64:ff9b::7f00:1"
            })
    void a_private_address_is_refused_unless_it_is_named(String address) {
        assertThat(new Addresses(List.of()).refusal(address)).isPresent();
        assertThat(new Addresses(List.of("0.0.0.0/0", "::/0")).refusal(address)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "8.8.8.8", "172.32.0.1", "2001:4860:4860::8888"})
    void a_public_address_is_allowed(String address) {
        assertThat(new Addresses(List.of()).refusal(address)).isEmpty();
    }

    @Test
    void what_is_named_is_allowed_and_its_neighbours_are_not() {
        var addresses = new Addresses(List.of("10.0.0.0/8"));
        assertThat(addresses.refusal("10.9.9.9")).isEmpty();
        assertThat(addresses.refusal("127.0.0.1"))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("topic.private-addresses"));
    }
}

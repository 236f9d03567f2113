package dev.cairn.server.courier;

import dev.cairn.access.AddressRange;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Which addresses messages may be sent to: public ones, and those of private networks that the
/// setting `topic.private-addresses` names. Otherwise whoever may subscribe could have Cairn call
/// what only Cairn's own machine can reach.
///
/// @param allowed ranges such as `10.0.0.0/8`, private or not
public record Addresses(List<String> allowed) {
    /// Not for the public Internet: IANA's special-purpose registries (RFC 6890).
    private static final List<String> PRIVATE =
            List.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "224.0.0.0/3",
                    "::/128",
                    "::1/128",
                    "64:ff9b::/32",
                    "2002::/16",
                    "fc00::/7",
                    "fe80::/9",
                    "ff00::/8");

    /// For who wants to know whether a host may be called.
    private static final Duration LOOK_UP_MAX = Duration.ofSeconds(5);

    /// All: for what the operator alone names.
    public static final Addresses ALL = new Addresses(List.of("0.0.0.0/0", "::/0"));

    public Addresses {
        allowed = List.copyOf(allowed);
    }

    /// The addresses of a host that may be called.
    ///
    /// @throws IOException as [LookUps#of]
    List<InetAddress> of(String host, Duration timeMax) throws IOException {
        return LookUps.of(host, timeMax).stream().filter(this::mayCall).toList();
    }

    /// Why a host may not be called; empty when it may, or its name is not known now.
    public Optional<String> refusal(String host) {
        try {
            return of(host, LOOK_UP_MAX).isEmpty()
                    ? Optional.of(
                            "the address of %s is private, and the setting topic.private-addresses does not name it"
                                    .formatted(host))
                    : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private boolean mayCall(InetAddress address) {
        // Without the name of an interface, which is no part of an address.
        var text = address.getHostAddress().replaceFirst("%.*", "");
        return allowed.stream().anyMatch(range -> AddressRange.contains(range, text))
                || PRIVATE.stream().noneMatch(range -> AddressRange.contains(range, text));
    }
}

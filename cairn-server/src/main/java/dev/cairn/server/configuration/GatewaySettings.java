package dev.cairn.server.configuration;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How the recording gateway is set up, checked.
///
/// @param listeners none when there is no gateway
/// @param account of calls whose key nobody knows
/// @param accountNamed whether `gateway.account` says so; else it is the default account
/// @param service the signing name of the upstreams' only service; null when requests tell
/// @param silenceMax how long an upstream may say nothing
/// @param keptBytes what is kept of a body, to be read
/// @param hosts host names that buckets may stand before
/// @param trustedProxies ranges of addresses whose `X-Forwarded-For` is believed
/// @param upstreamRoots a PEM file by which `https` upstreams are believed; null: the JDK's
/// @param spoolBytes how many bytes of events may wait in the spool
/// @param readsShare of read-only calls that are recorded, from 0 to 1
public record GatewaySettings(
        List<Listener> listeners,
        String account,
        boolean accountNamed,
        @Nullable String service,
        Duration silenceMax,
        int keptBytes,
        Set<String> hosts,
        List<String> trustedProxies,
        @Nullable Path upstreamRoots,
        long spoolBytes,
        double readsShare) {

    /// When a client has its answer.
    public enum Mode {
        /// When its event is in the ledger.
        STRICT,
        /// When its event is on disk, on its way to the ledger.
        SPOOL
    }

    /// One door of the gateway.
    ///
    /// @param port 0 picks a free one
    /// @param tls whether its clients speak TLS
    /// @param upstream where its calls go
    public record Listener(String host, int port, boolean tls, URI upstream, Mode mode) {}

    private static final int PORT_MAX = 65_535;

    static GatewaySettings of(Settings settings) throws SettingException {
        var listen = Configuration.list(settings, Setting.GATEWAY_LISTEN);
        var upstreams = Configuration.list(settings, Setting.GATEWAY_UPSTREAM);
        if (listen.size() != upstreams.size()) {
            throw new SettingException(
                    "gateway.listen and gateway.upstream: expected as many of the one as of the other, got %d and %d"
                            .formatted(listen.size(), upstreams.size()));
        }
        var modes = modes(Configuration.list(settings, Setting.GATEWAY_MODE), listen.size());
        var listeners = new ArrayList<Listener>();
        for (var i = 0; i < listen.size(); i++) {
            listeners.add(listener(listen.get(i), upstream(upstreams.get(i)), modes.get(i)));
        }
        var account = settings.text(Setting.GATEWAY_ACCOUNT);
        if (!account.isEmpty() && !account.matches("\\d{12}")) {
            throw new SettingException(
                    "gateway.account: expected twelve digits, got '%s'".formatted(account));
        }
        var service = settings.text(Setting.GATEWAY_SERVICE);
        var roots = settings.text(Setting.GATEWAY_UPSTREAM_CA);
        return new GatewaySettings(
                List.copyOf(listeners),
                account.isEmpty() ? settings.text(Setting.ACCOUNT_ID) : account,
                !account.isEmpty(),
                service.isEmpty() ? null : service,
                settings.duration(Setting.GATEWAY_UPSTREAM_TIMEOUT),
                (int) settings.bytes(Setting.GATEWAY_KEPT_BYTES, 4 << 10, 16 << 20),
                Set.copyOf(Configuration.list(settings, Setting.GATEWAY_HOSTS)),
                Configuration.list(settings, Setting.GATEWAY_TRUSTED_PROXIES),
                roots.isEmpty() ? null : Path.of(roots),
                settings.bytes(Setting.GATEWAY_SPOOL_BYTES, 1 << 10, 16L << 30),
                share(settings.text(Setting.GATEWAY_SAMPLE_READS)));
    }

    /// The same, with another account for calls whose key nobody knows.
    public GatewaySettings withAccount(String other) {
        return new GatewaySettings(
                listeners,
                other,
                accountNamed,
                service,
                silenceMax,
                keptBytes,
                hosts,
                trustedProxies,
                upstreamRoots,
                spoolBytes,
                readsShare);
    }

    private static List<Mode> modes(List<String> words, int listeners) throws SettingException {
        if (words.size() != 1 && words.size() != listeners) {
            throw new SettingException(
                    "gateway.mode: expected one, or as many as gateway.listen has, got %d"
                            .formatted(words.size()));
        }
        var modes = new ArrayList<Mode>();
        for (var word : words) {
            modes.add(
                    switch (word) {
                        case "strict" -> Mode.STRICT;
                        case "spool" -> Mode.SPOOL;
                        default ->
                                throw new SettingException(
                                        "gateway.mode: expected strict or spool, got '%s'"
                                                .formatted(word));
                    });
        }
        return words.size() == 1 ? Collections.nCopies(listeners, modes.getFirst()) : modes;
    }

    private static double share(String text) throws SettingException {
        if (text.matches("\\d(\\.\\d{1,9})?") && Double.parseDouble(text) <= 1) {
            return Double.parseDouble(text);
        }
        throw new SettingException(
                "gateway.sample-reads: expected a share from 0 to 1 such as 0.1, got '%s'"
                        .formatted(text));
    }

    private static Listener listener(String text, URI upstream, Mode mode) throws SettingException {
        var tls = text.startsWith("https://");
        var place = text.replaceFirst("^https?://", "");
        var colon = place.lastIndexOf(':');
        var host = colon < 0 ? "" : place.substring(0, colon).replaceAll("^\\[|]$", "");
        var port = place.substring(colon + 1);
        if (host.isEmpty() || !port.matches("\\d{1,5}") || Integer.parseInt(port) > PORT_MAX) {
            throw new SettingException(
                    "gateway.listen: expected an address and a port such as 127.0.0.1:9000 or https://127.0.0.1:9443, got '%s'"
                            .formatted(text));
        }
        return new Listener(host, Integer.parseInt(port), tls, upstream, mode);
    }

    private static URI upstream(String text) throws SettingException {
        try {
            var address = new URI(text);
            if (("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
                    && address.getHost() != null
                    && (address.getRawPath().isEmpty() || address.getRawPath().equals("/"))
                    && address.getRawQuery() == null
                    && address.getRawFragment() == null
                    && address.getRawUserInfo() == null) {
                return address;
            }
        } catch (URISyntaxException _) {
            // Told below.
        }
        throw new SettingException(
                "gateway.upstream: expected an address such as http://127.0.0.1:7480, got '%s'"
                        .formatted(text));
    }
}

package dev.cairn.server.configuration;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What Cairn shows to its clients over TLS, checked but not read.
///
/// @param files null when there are none
/// @param ownPort whether `http.port` speaks TLS
public record TlsSettings(@Nullable Files files, boolean ownPort) {

    /// Two PEM files.
    ///
    /// @param certificate the server's own first
    /// @param key of that certificate
    public record Files(Path certificate, Path key) {}

    static TlsSettings of(Settings settings, GatewaySettings gateway) throws SettingException {
        var certificate = settings.text(Setting.TLS_CERTIFICATE);
        var key = settings.text(Setting.TLS_KEY);
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new SettingException("tls.certificate and tls.key: expected both or neither");
        }
        var ownPort = settings.flag(Setting.HTTP_TLS);
        if (certificate.isEmpty()
                && (ownPort
                        || gateway.listeners().stream().anyMatch(GatewaySettings.Listener::tls))) {
            throw new SettingException(
                    "tls.certificate and tls.key: expected both, for %s speaks TLS"
                            .formatted(ownPort ? "http.port" : "an address of gateway.listen"));
        }
        return new TlsSettings(
                certificate.isEmpty() ? null : new Files(Path.of(certificate), Path.of(key)),
                ownPort);
    }
}

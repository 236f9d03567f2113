package dev.cairn.server.configuration;

import dev.cairn.secret.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How topics reach receivers outside, checked.
///
/// @param url how receivers reach this server, without a slash at its end; empty: where it listens
/// @param privateAddresses ranges such as `10.0.0.0/8`
/// @param retryFor how long a message is tried
/// @param receiverRoots a PEM file; null: those that the JDK came with
/// @param mailHost empty when no mails are sent
/// @param mailSecurity `STARTTLS`, `TLS` or `NONE`
public record TopicSettings(
        String url,
        List<String> privateAddresses,
        Duration retryFor,
        @Nullable Path receiverRoots,
        String mailHost,
        int mailPort,
        String mailSecurity,
        String mailFrom,
        String mailUser,
        Secret mailPassword) {

    static TopicSettings of(Settings settings) throws SettingException {
        var ranges = Configuration.list(settings, Setting.TOPIC_PRIVATE_ADDRESSES);
        for (var range : ranges) {
            if (!range.matches("[0-9a-fA-F.:]+(/\\d{1,3})?")) {
                throw new SettingException(
                        "topic.private-addresses: expected addresses such as 10.0.0.0/8, got '%s'"
                                .formatted(range));
            }
        }
        var user = settings.text(Setting.MAIL_USER);
        if (user.isEmpty() != settings.text(Setting.MAIL_PASSWORD).isEmpty()) {
            throw new SettingException("mail.user and mail.password: expected both or neither");
        }
        var roots = settings.text(Setting.TOPIC_RECEIVERS_CA);
        return new TopicSettings(
                url(settings.text(Setting.SERVER_URL)),
                ranges,
                settings.duration(Setting.TOPIC_RETRY_FOR),
                roots.isEmpty() ? null : Path.of(roots),
                settings.text(Setting.MAIL_SMTP_HOST),
                (int) settings.number(Setting.MAIL_SMTP_PORT, 1, 65_535),
                settings.choice(Setting.MAIL_SECURITY, "starttls", "tls", "none")
                        .toUpperCase(Locale.ROOT),
                settings.text(Setting.MAIL_FROM),
                user,
                new Secret(settings.text(Setting.MAIL_PASSWORD)));
    }

    private static String url(String text) throws SettingException {
        if (text.isEmpty()) {
            return "";
        }
        try {
            var url = new URI(text);
            if (url.getHost() != null
                    && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null) {
                return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
            }
        } catch (URISyntaxException _) {
            // Told below.
        }
        throw new SettingException(
                "server.url: expected a URL such as https://cairn.example.org, got '%s'"
                        .formatted(text));
    }
}

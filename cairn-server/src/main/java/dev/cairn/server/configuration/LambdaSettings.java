package dev.cairn.server.configuration;

import dev.cairn.secret.Secret;
import dev.cairn.server.courier.LambdaServer;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/// The settings `lambda.…`, checked.
final class LambdaSettings {
    private LambdaSettings() {}

    /// @throws SettingException naming the first setting that cannot be used
    static Optional<LambdaServer> of(Settings settings) throws SettingException {
        var endpoint = settings.text(Setting.LAMBDA_ENDPOINT);
        var accessKey = settings.text(Setting.LAMBDA_ACCESS_KEY);
        var secretKey = settings.text(Setting.LAMBDA_SECRET_KEY);
        if (endpoint.isEmpty() != accessKey.isEmpty()
                || endpoint.isEmpty() != secretKey.isEmpty()) {
            throw new SettingException(
                    "lambda.endpoint, lambda.access-key and lambda.secret-key: expected all or none");
        }
        return endpoint.isEmpty()
                ? Optional.empty()
                : Optional.of(new LambdaServer(url(endpoint), accessKey, new Secret(secretKey)));
    }

    private static URI url(String text) throws SettingException {
        try {
            var url = new URI(text);
            if (String.valueOf(url.getScheme()).matches("https?")
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawPath().isEmpty()
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null) {
                return url;
            }
        } catch (URISyntaxException _) {
            // Told below, with what was expected.
        }
        throw new SettingException(
                "lambda.endpoint: expected scheme and host, such as https://lambda.us-east-1.amazonaws.com, got '%s'"
                        .formatted(text));
    }
}

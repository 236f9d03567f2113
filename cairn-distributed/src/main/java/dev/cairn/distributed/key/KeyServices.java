package dev.cairn.distributed.key;

import dev.cairn.secret.KeyService;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds the key service that the setting `keys.master` names.
///
/// | setting | the key |
/// | --- | --- |
/// | `aws-kms://ARN` | of AWS KMS, by the ARN of a key or an alias; credentials as AWS's SDKs find them |
/// | `aws-kms://ARN?endpoint=URL` | of what speaks like AWS KMS there, another Cairn for one |
/// | `vault:URL` | of a HashiCorp Vault's transit engine, by its address in Vault's API, such as `https://vault.example.org:8200/v1/transit/keys/cairn`; the token is in `VAULT_TOKEN` or `~/.vault-token` |
public final class KeyServices {
    private static final String AWS = "aws-kms://";
    private static final String VAULT = "vault:";

    private static final Pattern AWS_KEY =
            Pattern.compile(
                    "(arn:aws[\\w-]*:kms:([\\w-]+):\\d{12}:(?:key|alias)/[\\w/-]+)(?:\\?endpoint=(\\S+))?");

    private static final Pattern VAULT_KEY = Pattern.compile("/v1/([\\w./-]+)/keys/([\\w.-]+)");

    private KeyServices() {}

    /// The service of a setting. Nothing is asked of it yet.
    ///
    /// @param setting `keys.master`
    /// @param environment where Vault's token is
    /// @return empty when it names none
    /// @throws IllegalArgumentException when it names one in another form than those above
    public static Optional<KeyService> of(String setting, Map<String, String> environment) {
        if (setting.startsWith(AWS)) {
            var key = AWS_KEY.matcher(setting.substring(AWS.length()));
            if (!key.matches()) {
                throw otherForm("aws-kms:// and the ARN of a KMS key or alias");
            }
            @Nullable String endpoint = key.group(3);
            return Optional.of(
                    AwsKeyService.of(
                            key.group(1),
                            key.group(2),
                            endpoint == null ? Optional.empty() : Optional.of(url(endpoint))));
        }
        if (setting.startsWith(VAULT)) {
            URI url = url(setting.substring(VAULT.length()));
            var key = VAULT_KEY.matcher(String.valueOf(url.getRawPath()));
            if (!key.matches()) {
                throw otherForm(
                        "vault: and the address of a transit key, such as https://vault.example.org:8200/v1/transit/keys/cairn");
            }
            return Optional.of(VaultKeyService.of(url, key.group(1), key.group(2), environment));
        }
        return Optional.empty();
    }

    private static URI url(String text) {
        try {
            URI url = new URI(text);
            if (String.valueOf(url.getScheme()).matches("https?")
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null) {
                return url;
            }
        } catch (URISyntaxException _) {
            // Told below, with what was expected.
        }
        throw otherForm(
                "an address with scheme and host, and without a user, a query or a fragment");
    }

    /// What was given may hold a password or a token, so it is not said again.
    private static IllegalArgumentException otherForm(String expected) {
        return new IllegalArgumentException(
                "keys.master: expected %s, got another form".formatted(expected));
    }
}

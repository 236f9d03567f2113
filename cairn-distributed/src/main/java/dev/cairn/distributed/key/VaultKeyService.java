package dev.cairn.distributed.key;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.secret.KeyService;
import dev.cairn.secret.KeyServiceException;
import dev.cairn.secret.KeyServiceException.Kind;
import dev.cairn.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/// A key of a HashiCorp Vault's transit engine, by its HTTP API
/// (<https://developer.hashicorp.com/vault/api-docs/secret/transit>): `encrypt` wraps, `decrypt`
/// unwraps.
///
/// The token is `VAULT_TOKEN`, else what Vault's own command line left in `~/.vault-token`; the
/// namespace is `VAULT_NAMESPACE`, if that is set.
final class VaultKeyService implements KeyService {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final Duration CALL_MAX = Duration.ofSeconds(20);

    /// An answer is a wrapped key, or a few words.
    private static final int ANSWER_BYTES_MAX = 1 << 16;

    /// What is said of a failure is a line or two.
    private static final int WORDS_MAX = 500;

    private static final Pattern HEADER = Pattern.compile("[!-~]+");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI key;
    private final String mount;
    private final String name;
    private final Map<String, String> environment;
    private final Duration callMax;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_MAX).build();

    private VaultKeyService(
            URI key, String mount, String name, Map<String, String> environment, Duration callMax) {
        this.key = key;
        this.mount = mount;
        this.name = name;
        this.environment = Map.copyOf(environment);
        this.callMax = callMax;
    }

    /// @param key its address
    /// @param mount the engine's path, such as `transit`
    /// @param name the key's
    static VaultKeyService of(URI key, String mount, String name, Map<String, String> environment) {
        return of(key, mount, name, environment, CALL_MAX);
    }

    /// @param callMax until all of an answer must be there
    static VaultKeyService of(
            URI key, String mount, String name, Map<String, String> environment, Duration callMax) {
        return new VaultKeyService(key, mount, name, environment, callMax);
    }

    @Override
    public String name() {
        return "vault:" + key;
    }

    @Override
    public String wrap(byte[] plain) throws KeyServiceException {
        return ask("encrypt", "plaintext", Base64.getEncoder().encodeToString(plain), "ciphertext");
    }

    @Override
    public byte[] unwrap(String wrapped) throws KeyServiceException {
        try {
            return Base64.getDecoder().decode(ask("decrypt", "ciphertext", wrapped, "plaintext"));
        } catch (IllegalArgumentException damaged) {
            throw new KeyServiceException(
                    Kind.WRONG_KEY, "expected base64 from decrypt, got something else", damaged);
        }
    }

    private String ask(String operation, String member, String value, String wanted)
            throws KeyServiceException {
        var request =
                HttpRequest.newBuilder(
                                key.resolve("/v1/%s/%s/%s".formatted(mount, operation, name)))
                        .header("Content-Type", "application/json")
                        .header("X-Vault-Token", token().reveal())
                        .header("X-Vault-Request", "true")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        JSON.createObjectNode().put(member, value).toString()));
        var namespace = environment.getOrDefault("VAULT_NAMESPACE", "").strip();
        if (!namespace.isEmpty()) {
            refuseOtherForm(namespace, "VAULT_NAMESPACE");
            request.header("X-Vault-Namespace", namespace);
        }
        try {
            var answer = answer(request.build(), operation);
            var text = document(answer.body());
            if (answer.statusCode() != 200) {
                throw new KeyServiceException(
                        kind(answer.statusCode(), operation),
                        "%s answers %d%s".formatted(operation, answer.statusCode(), words(text)));
            }
            var found = text.path("data").path(wanted).asText();
            if (found.isEmpty()) {
                throw new KeyServiceException(
                        Kind.UNAVAILABLE,
                        "expected data.%s from %s, got none".formatted(wanted, operation));
            }
            return found;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new KeyServiceException(
                    Kind.UNAVAILABLE, "interrupted while asking for " + operation, interrupted);
        }
    }

    /// The client's own limit of time ends with the head of an answer.
    private HttpResponse<String> answer(HttpRequest request, String operation)
            throws KeyServiceException, InterruptedException {
        var asked =
                http.sendAsync(
                        request, BodyHandlers.limiting(BodyHandlers.ofString(), ANSWER_BYTES_MAX));
        try {
            return asked.get(callMax.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new KeyServiceException(
                    Kind.UNAVAILABLE,
                    "expected an answer to %s within %d ms, got none, or a part of one"
                            .formatted(operation, callMax.toMillis()),
                    late);
        } catch (ExecutionException failure) {
            throw new KeyServiceException(
                    Kind.UNAVAILABLE,
                    "%s fails: %s".formatted(operation, failure.getCause()),
                    failure);
        } finally {
            asked.cancel(true);
        }
    }

    /// A 400 is Vault's word for ciphertext that does not open, and for a key that is not there
    /// (<https://developer.hashicorp.com/vault/api-docs#http-status-codes>).
    private static Kind kind(int status, String operation) {
        return switch (status) {
            case 400 -> operation.equals("decrypt") ? Kind.WRONG_KEY : Kind.UNUSABLE;
            case 404 -> Kind.UNUSABLE;
            case 401, 403 -> Kind.DENIED;
            default -> Kind.UNAVAILABLE;
        };
    }

    private static JsonNode document(String body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException _) {
            return JSON.missingNode();
        }
    }

    private static String words(JsonNode answer) {
        var words = new ArrayList<String>();
        answer.path("errors").forEach(error -> words.add(error.asText()));
        var all = String.join("; ", words);
        return all.isEmpty() ? "" : ": " + all.substring(0, Math.min(all.length(), WORDS_MAX));
    }

    /// Read for each call: a token is renewed beside us.
    private Secret token() throws KeyServiceException {
        var given = environment.getOrDefault("VAULT_TOKEN", "").strip();
        if (!given.isEmpty()) {
            refuseOtherForm(given, "VAULT_TOKEN");
            return new Secret(given);
        }
        var file = Path.of(environment.getOrDefault("HOME", ""), ".vault-token");
        try {
            var text = Files.readString(file, UTF_8).strip();
            if (!text.isEmpty()) {
                refuseOtherForm(text, file.toString());
                return new Secret(text);
            }
        } catch (IOException _) {
            // Told below, with what was expected.
        }
        throw new KeyServiceException(
                Kind.DENIED, "expected a token in VAULT_TOKEN or " + file + ", found none");
    }

    /// The client would refuse it as part of a header, with the text in its message.
    private static void refuseOtherForm(String text, String where) throws KeyServiceException {
        if (!HEADER.matcher(text).matches()) {
            throw new KeyServiceException(
                    Kind.DENIED,
                    "expected printable ASCII without spaces in %s, got %d characters of another form"
                            .formatted(where, text.length()));
        }
    }

    @Override
    public void close() {
        http.close();
    }
}

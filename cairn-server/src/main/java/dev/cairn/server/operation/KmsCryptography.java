package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.kms.Ciphertext;
import dev.cairn.kms.KeyUse;
import dev.cairn.kms.KmsKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// KMS's operations that encrypt and decrypt.
///
/// Source: AWS KMS API Reference. They change nothing, and read-only is what CloudTrail calls them.
/// Nothing of what is encrypted is recorded, but the encryption context is.
final class KmsCryptography {
    private static final String BLOB = "CiphertextBlob";
    private static final String CONTEXT = "EncryptionContext";
    private static final String SOURCE_KEY = "SourceKeyId";
    private static final String SOURCE_CONTEXT = "SourceEncryptionContext";
    private static final String DESTINATION_KEY = "DestinationKeyId";
    private static final String DESTINATION_CONTEXT = "DestinationEncryptionContext";

    private static final Action DECRYPT = Action.read("kms", "Decrypt");
    private static final Action RE_ENCRYPT_FROM = Action.read("kms", "ReEncryptFrom");
    private static final Action RE_ENCRYPT_TO = Action.operate("kms", "ReEncryptTo");

    private final Operations.KmsParts parts;
    private final KeyUse use;

    KmsCryptography(Operations.KmsParts parts) {
        this.parts = parts;
        this.use = parts.use();
    }

    BuiltOperation builtDecrypt() {
        return BuiltOperation.needing(
                DECRYPT,
                (Operation.Read) this::decrypt,
                call -> List.of(toOpen(call, DECRYPT, KmsCall.KEY_ID, CONTEXT)));
    }

    BuiltOperation builtReEncrypt() {
        return BuiltOperation.needing(
                RE_ENCRYPT_TO,
                (Operation.Read) this::reEncrypt,
                call ->
                        List.of(
                                toOpen(call, RE_ENCRYPT_FROM, SOURCE_KEY, SOURCE_CONTEXT),
                                KmsCall.right(
                                        parts,
                                        call,
                                        RE_ENCRYPT_TO,
                                        call.text(DESTINATION_KEY, ""),
                                        true,
                                        DESTINATION_CONTEXT)));
    }

    /// The right to open a blob with the key that the call names, or else with the blob's own.
    private Right toOpen(Invocation call, Action action, String keyMember, String context)
            throws CatalogException {
        if (call.input().hasNonNull(keyMember)) {
            return KmsCall.right(parts, call, action, call.text(keyMember, ""), true, context);
        }
        var blob = Ciphertext.of(bytes(call.input().path(BLOB)));
        return blob.isEmpty()
                ? new Right(action, Target.account(call.caller().account()), Policy.NONE, Map.of())
                : KmsCall.right(
                        parts,
                        call,
                        action,
                        blob.get().key(call.region()).toString(),
                        true,
                        context);
    }

    ObjectNode encrypt(Invocation call) throws CatalogException {
        refuseUnsupported(call, "EncryptionAlgorithm");
        var key = named(call);
        var context = KmsCall.context(call, CONTEXT);
        endDryRun(call, key);
        var blob = use.encrypt(key, bytes(call.input().path("Plaintext")), context);
        return JsonNodeFactory.instance
                .objectNode()
                .put(BLOB, blob)
                .put(KmsCall.KEY_ID, key.arn().toString())
                .put("EncryptionAlgorithm", KmsCall.ALGORITHM);
    }

    ObjectNode decrypt(Invocation call) throws CatalogException {
        refuseUnsupported(call, "EncryptionAlgorithm");
        var blob = blob(call);
        var key = opening(call, blob, KmsCall.KEY_ID);
        var context = KmsCall.context(call, CONTEXT);
        endDryRun(call, key);
        return JsonNodeFactory.instance
                .objectNode()
                .put(KmsCall.KEY_ID, key.arn().toString())
                .put("Plaintext", use.decrypt(key, blob, context))
                .put("EncryptionAlgorithm", KmsCall.ALGORITHM);
    }

    ObjectNode reEncrypt(Invocation call) throws CatalogException {
        refuseUnsupported(call, "SourceEncryptionAlgorithm");
        refuseUnsupported(call, "DestinationEncryptionAlgorithm");
        var blob = blob(call);
        var source = opening(call, blob, SOURCE_KEY);
        var destination = KmsCall.key(parts, call, call.text(DESTINATION_KEY, ""));
        var sourceContext = KmsCall.context(call, SOURCE_CONTEXT);
        var destinationContext = KmsCall.context(call, DESTINATION_CONTEXT);
        source.checkUsable();
        endDryRun(call, destination);
        var plaintext = use.decrypt(source, blob, sourceContext);
        return JsonNodeFactory.instance
                .objectNode()
                .put(BLOB, use.encrypt(destination, plaintext, destinationContext))
                .put(SOURCE_KEY, source.arn().toString())
                .put(KmsCall.KEY_ID, destination.arn().toString())
                .put("SourceEncryptionAlgorithm", KmsCall.ALGORITHM)
                .put("DestinationEncryptionAlgorithm", KmsCall.ALGORITHM);
    }

    ObjectNode generateDataKey(Invocation call) throws CatalogException {
        var made = made(call);
        return shown(made).put("Plaintext", made.data().plaintext());
    }

    ObjectNode generateDataKeyWithoutPlaintext(Invocation call) throws CatalogException {
        return shown(made(call));
    }

    private record Made(KmsKey key, KeyUse.DataKey data) {}

    private static ObjectNode shown(Made made) {
        return JsonNodeFactory.instance
                .objectNode()
                .put(BLOB, made.data().blob())
                .put(KmsCall.KEY_ID, made.key().arn().toString());
    }

    private Made made(Invocation call) throws CatalogException {
        refuseUnsupported(call, "EncryptionAlgorithm");
        var spec = Optional.ofNullable(call.input().path("KeySpec").textValue());
        var bytes = call.number("NumberOfBytes", 0);
        if (spec.isPresent() == bytes > 0) {
            throw new Failure(
                    ErrorCode.VALIDATION, "Please specify either number of bytes or key spec.");
        }
        var key = named(call);
        var context = KmsCall.context(call, CONTEXT);
        endDryRun(call, key);
        var length = spec.map(name -> name.equals("AES_128") ? 16 : 32).orElse(bytes);
        return new Made(key, use.generate(key, length, context));
    }

    private KmsKey named(Invocation call) throws CatalogException {
        return KmsCall.key(parts, call, call.text(KmsCall.KEY_ID, ""));
    }

    private static Ciphertext blob(Invocation call) {
        return Ciphertext.of(bytes(call.input().path(BLOB)))
                .orElseThrow(() -> new Failure(ErrorCode.INVALID_CIPHERTEXT));
    }

    /// The key that opens a blob, which must be the one that the call names, if it names one.
    private KmsKey opening(Invocation call, Ciphertext blob, String member)
            throws CatalogException {
        var arn = blob.key(call.region());
        if (call.input().hasNonNull(member)) {
            var key = KmsCall.key(parts, call, call.text(member, ""));
            if (!key.arn().equals(arn)) {
                throw new Failure(ErrorCode.INCORRECT_KEY);
            }
            return key;
        }
        return parts.keys()
                .find(arn)
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.ACCESS_DENIED,
                                "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access."));
    }

    private static void refuseUnsupported(Invocation call, String algorithm) {
        if (!call.text(algorithm, KmsCall.ALGORITHM).equals(KmsCall.ALGORITHM)) {
            throw new Failure(
                    ErrorCode.INVALID_KEY_USAGE,
                    "%s: expected %s, got %s"
                            .formatted(algorithm, KmsCall.ALGORITHM, call.text(algorithm, "")));
        }
        if (!call.input().path("GrantTokens").isEmpty()) {
            throw new Failure(
                    ErrorCode.INVALID_GRANT_TOKEN, "Cairn has no grants; see docs/gaps.md");
        }
        if (call.input().has("Recipient")) {
            throw new Failure(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    "Cairn does not answer to enclaves (Recipient); see docs/gaps.md");
        }
    }

    /// @throws Failure DRY_RUN_OPERATION when nothing more is to be done, or what is in the way
    private static void endDryRun(Invocation call, KmsKey key) {
        if (call.input().path("DryRun").asBoolean(false)) {
            key.checkUsable();
            throw new Failure(ErrorCode.DRY_RUN_OPERATION);
        }
    }

    private static byte[] bytes(JsonNode node) {
        try {
            var bytes = node.binaryValue();
            return bytes == null ? new byte[0] : bytes;
        } catch (IOException e) {
            throw new UncheckedIOException("a codec gives blobs as bytes", e);
        }
    }
}

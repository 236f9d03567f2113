package dev.cairn.server.bucket;

import dev.cairn.access.Action;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Target;
import dev.cairn.account.Caller;
import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.DataKey;
import dev.cairn.archive.DataKeys;
import dev.cairn.archive.WrappedKey;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.kms.Ciphertext;
import dev.cairn.kms.EncryptCheck;
import dev.cairn.kms.EncryptionContext;
import dev.cairn.kms.KeyArn;
import dev.cairn.kms.KeyId;
import dev.cairn.kms.KmsKey;
import dev.cairn.server.operation.KmsConditions;
import dev.cairn.server.operation.Operations;
import dev.cairn.server.own.KeyCall;
import dev.cairn.server.own.OwnCalls;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the built-in archive asks of KMS: for trails it acts as CloudTrail, for callers of S3 as
/// those callers, whose rights to the key decide. Each such call is recorded as KMS records it.
///
/// Any thread may call any method.
public final class ObjectKeys implements DataKeys {
    private static final int KEY_BYTES = 32;
    private static final String OBJECT = "aws:s3:arn";
    private static final String DECRYPT = "Decrypt";
    private static final String GENERATE = "GenerateDataKey";

    private final Operations.KmsParts kms;
    private final OwnCalls ownCalls;
    private final InstantSource clock;

    public ObjectKeys(Operations.KmsParts kms, OwnCalls ownCalls, InstantSource clock) {
        this.kms = kms;
        this.ownCalls = ownCalls;
        this.clock = clock;
    }

    // For trails.

    @Override
    public DataKey generate(Archive.Writer as, String objectArn) throws ArchiveException {
        var named = String.valueOf(as.kmsKey());
        var arn =
                KeyArn.of(named)
                        .orElseThrow(() ->
                                denied(
                                        S3Code.KMS_NOT_FOUND,
                                        "expected the ARN of a KMS key, got " + named));
        var context = Map.of(EncryptCheck.CONTEXT, as.trailArn(), OBJECT, objectArn);
        var by = new KeyCall.By.Trail(EncryptCheck.PRINCIPAL, as.account(), as.trailArn());
        try {
            var key = kms.keys().expect(arn);
            var missing = EncryptCheck.missing(key, as.account(), as.trailArn());
            if (missing.isPresent()) {
                throw new Failure(ErrorCode.ACCESS_DENIED, missing.get());
            }
            var made = made(key, context);
            record(GENERATE, by, arn, context, null);
            return made;
        } catch (Failure refused) {
            record(GENERATE, by, arn, context, refused);
            throw denied(code(refused), refused.message());
        } catch (CatalogException e) {
            throw unavailable(e);
        }
    }

    @Override
    public byte[] open(WrappedKey wrapped) throws ArchiveException {
        try {
            return opened(wrapped, expect(wrapped));
        } catch (Failure refused) {
            throw denied(code(refused), refused.message());
        } catch (CatalogException e) {
            throw unavailable(e);
        }
    }

    private static ArchiveException denied(S3Code code, String message) {
        return new ArchiveException(ArchiveException.Kind.DENIED, code.awsName(), message);
    }

    private static ArchiveException unavailable(Exception e) {
        return new ArchiveException(
                ArchiveException.Kind.UNAVAILABLE,
                S3Code.SERVICE_UNAVAILABLE.awsName(),
                "the KMS key cannot be asked for: " + e.getMessage(),
                e);
    }

    // For callers.

    /// An object's key as its reader has it, and the call of KMS that is to be recorded for it.
    ///
    /// @param plaintext null when it was refused
    /// @param refusal null when it was not
    @SuppressWarnings("ArrayRecordComponent") // Handed over once; never compared.
    record Opened(byte @Nullable [] plaintext, @Nullable S3Failure refusal, KeyCall event) {
        @Override
        public String toString() {
            return "Opened[****, %s]".formatted(refusal);
        }
    }

    /// Opens the key of an object for a caller, and records that.
    ///
    /// @throws S3Failure ACCESS_DENIED, KMS_DISABLED, KMS_INVALID_STATE, KMS_NOT_FOUND
    byte[] open(Caller caller, Context context, WrappedKey wrapped) throws ArchiveException {
        var opened = ask(caller, context, wrapped);
        record(opened.event());
        var plaintext = opened.plaintext();
        if (plaintext == null) {
            var refusal = opened.refusal();
            throw refusal == null ? new S3Failure(S3Code.ACCESS_DENIED) : refusal;
        }
        return plaintext;
    }

    /// Opens the key of an object for a caller; whoever asks records it.
    Opened ask(Caller caller, Context context, WrappedKey wrapped) throws ArchiveException {
        var arn = arn(wrapped);
        try {
            var key = expect(wrapped);
            require(caller, context, Action.read("kms", DECRYPT), key, wrapped.context());
            return new Opened(
                    opened(wrapped, key), null, event(DECRYPT, caller, arn, wrapped, null));
        } catch (Failure refused) {
            return new Opened(
                    null,
                    new S3Failure(code(refused), refused.message()),
                    event(DECRYPT, caller, arn, wrapped, refused));
        } catch (CatalogException e) {
            throw unavailable(e);
        }
    }

    private KeyCall event(
            String name, Caller caller, KeyArn arn, WrappedKey wrapped, @Nullable Failure refused) {
        return event(name, new KeyCall.By.Reader(caller), arn, wrapped.context(), refused);
    }

    /// A KMS key as it is named.
    ///
    /// @param id in any of the forms that KMS takes
    /// @param account whose key or alias an id or alias without one is
    /// @param region the same
    record Named(String id, String account, String region) {}

    /// Makes a key for an object that a caller puts, and records that.
    ///
    /// @throws S3Failure ACCESS_DENIED, KMS_DISABLED, KMS_INVALID_STATE, KMS_NOT_FOUND
    DataKey generate(Caller caller, Context context, Named named, String objectArn)
            throws ArchiveException {
        var pairs = Map.of(OBJECT, objectArn);
        var by = new KeyCall.By.Reader(caller);
        try {
            var arn = found(named);
            try {
                var key = kms.keys().expect(arn);
                require(caller, context, Action.operate("kms", GENERATE), key, pairs);
                var made = made(key, pairs);
                record(GENERATE, by, arn, pairs, null);
                return made;
            } catch (Failure refused) {
                record(GENERATE, by, arn, pairs, refused);
                throw refused;
            }
        } catch (Failure refused) {
            throw new S3Failure(code(refused), refused.message());
        } catch (CatalogException e) {
            throw unavailable(e);
        }
    }

    private KeyArn found(Named named) throws CatalogException {
        var id =
                KeyId.of(named.id(), named.account(), named.region())
                        .orElseThrow(() ->
                                new Failure(ErrorCode.NOT_FOUND, "Invalid keyId " + named.id()));
        return switch (id) {
            case KeyId.OfKey(var arn) -> arn;
            case KeyId.OfAlias(var alias) ->
                    kms.aliases()
                            .find(alias)
                            .orElseThrow(() ->
                                    new Failure(
                                            ErrorCode.NOT_FOUND,
                                            "Alias %s is not found.".formatted(alias)))
                            .target();
        };
    }

    // How it is done.

    private void require(
            Caller caller, Context context, Action action, KmsKey key, Map<String, String> pairs)
            throws CatalogException {
        var keys = new HashMap<>(KmsConditions.of(kms, caller.account(), key, pairs));
        keys.put("kms:viaservice", List.of("s3.%s.amazonaws.com".formatted(key.arn().region())));
        var decision =
                kms.access()
                        .decide(
                                caller,
                                action,
                                new Target(key.arn().account(), key.arn().toString()),
                                context,
                                key.policy(),
                                keys);
        if (decision instanceof Decision.Denied(String message)) {
            throw new Failure(ErrorCode.ACCESS_DENIED, message);
        }
    }

    private static KeyArn arn(WrappedKey wrapped) throws ArchiveException {
        return KeyArn.of(wrapped.kmsKey())
                .orElseThrow(() ->
                        new ArchiveException(
                                ArchiveException.Kind.CORRUPT,
                                S3Code.INTERNAL_ERROR.awsName(),
                                "expected the ARN of a KMS key, got " + wrapped.kmsKey()));
    }

    private KmsKey expect(WrappedKey wrapped) throws CatalogException, ArchiveException {
        return kms.keys().expect(arn(wrapped));
    }

    private DataKey made(KmsKey key, Map<String, String> pairs) throws CatalogException {
        var made = kms.use().generate(key, KEY_BYTES, new EncryptionContext(pairs));
        return new DataKey(
                made.plaintext(),
                new WrappedKey(
                        key.arn().toString(),
                        Base64.getEncoder().encodeToString(made.blob()),
                        pairs));
    }

    /// @throws Failure DISABLED, KMS_INVALID_STATE, INVALID_CIPHERTEXT
    private byte[] opened(WrappedKey wrapped, KmsKey key) throws CatalogException {
        Optional<Ciphertext> blob = Ciphertext.of(Base64.getDecoder().decode(wrapped.blob()));
        if (blob.isEmpty() || !blob.get().key(key.arn().region()).equals(key.arn())) {
            throw new Failure(ErrorCode.INVALID_CIPHERTEXT);
        }
        return kms.use().decrypt(key, blob.get(), new EncryptionContext(wrapped.context()));
    }

    /// S3's code for what KMS refuses.
    private static S3Code code(Failure refused) {
        return switch (refused.code()) {
            case DISABLED -> S3Code.KMS_DISABLED;
            case KMS_INVALID_STATE -> S3Code.KMS_INVALID_STATE;
            case NOT_FOUND -> S3Code.KMS_NOT_FOUND;
            case ACCESS_DENIED -> S3Code.ACCESS_DENIED;
            case INVALID_CIPHERTEXT -> S3Code.KMS_INVALID_CIPHERTEXT;
            default -> throw refused;
        };
    }

    private KeyCall event(
            String name,
            KeyCall.By by,
            KeyArn arn,
            Map<String, String> pairs,
            @Nullable Failure refused) {
        return new KeyCall(
                ownCalls.newEventId(),
                ownCalls.newEventId(),
                clock.instant(),
                name,
                by,
                arn,
                pairs,
                refused == null ? null : recorded(refused.code()),
                refused == null ? null : refused.message());
    }

    /// CloudTrail's word where it is not the API's.
    private static String recorded(ErrorCode code) {
        return code == ErrorCode.ACCESS_DENIED ? "AccessDenied" : code.awsName();
    }

    private void record(
            String name,
            KeyCall.By by,
            KeyArn arn,
            Map<String, String> pairs,
            @Nullable Failure refused)
            throws ArchiveException {
        record(event(name, by, arn, pairs, refused));
    }

    private void record(KeyCall event) throws ArchiveException {
        try {
            ownCalls.record(event);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(e);
        }
    }
}

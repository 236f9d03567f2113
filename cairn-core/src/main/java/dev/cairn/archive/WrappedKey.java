package dev.cairn.archive;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What is kept with an object that is encrypted under a KMS key: the object's own key, encrypted
/// by that one.
///
/// It stands among the object's headers, so that index and footer have it like all else that is
/// told of the object. Two of those are told to readers, as S3 has them; those that begin with
/// [#KEPT] are not.
///
/// @param kmsKey the KMS key's ARN
/// @param blob the object's key as the KMS key encrypted it, in Base64
/// @param context the encryption context that opens it
public record WrappedKey(String kmsKey, String blob, Map<String, String> context) {
    /// What the names of headers begin with that nobody is told.
    public static final String KEPT = "cairn-";

    /// How the object is encrypted: `aws:kms`.
    public static final String ALGORITHM = "x-amz-server-side-encryption";

    private static final String KMS = "aws:kms";
    private static final String KMS_KEY = "x-amz-server-side-encryption-aws-kms-key-id";
    private static final String BLOB = KEPT + "data-key";
    private static final String CONTEXT = KEPT + "encryption-context:";

    public WrappedKey {
        context = Map.copyOf(context);
    }

    /// The key that an object's headers tell of; empty when it is encrypted under the archive's
    /// own.
    public static Optional<WrappedKey> of(Map<String, String> headers) {
        String kmsKey = headers.get(KMS_KEY);
        String blob = headers.get(BLOB);
        if (kmsKey == null || blob == null) {
            return Optional.empty();
        }
        var context = new HashMap<String, String>();
        headers.forEach((name, value) -> {
            if (name.startsWith(CONTEXT)) {
                context.put(name.substring(CONTEXT.length()), value);
            }
        });
        return Optional.of(new WrappedKey(kmsKey, blob, context));
    }

    /// As [#of] reads it.
    public Map<String, String> headers() {
        var headers = new HashMap<>(told());
        headers.put(BLOB, blob);
        context.forEach((name, value) -> headers.put(CONTEXT + name, value));
        return headers;
    }

    /// What whoever puts or reads the object is told.
    public Map<String, String> told() {
        return Map.of(ALGORITHM, KMS, KMS_KEY, kmsKey);
    }

    /// Headers without any of a key's, for a copy of what they are told of.
    public static Map<String, String> without(Map<String, String> headers) {
        var others = new HashMap<>(headers);
        others.keySet()
                .removeIf(name ->
                        name.startsWith(KEPT) || name.equals(ALGORITHM) || name.equals(KMS_KEY));
        return others;
    }
}

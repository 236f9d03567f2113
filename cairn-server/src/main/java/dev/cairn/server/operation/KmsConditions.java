package dev.cairn.server.operation;

import dev.cairn.catalog.CatalogException;
import dev.cairn.kms.KmsKey;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// KMS's condition keys that every use of a key has
/// (https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html).
public final class KmsConditions {
    private KmsConditions() {}

    /// @param account of who asks
    /// @param context the encryption context that is asked with; empty for none
    /// @return values by lower-case name, for the caller to add to: a key's name has no case, its
    ///   values have
    public static Map<String, List<String>> of(
            Operations.KmsParts parts, String account, KmsKey key, Map<String, String> context)
            throws CatalogException {
        var keys = new HashMap<String, List<String>>();
        keys.put("kms:calleraccount", List.of(account));
        keys.put("kms:keyspec", List.of(KmsCall.ALGORITHM));
        keys.put("kms:keyusage", List.of(KmsCall.USAGE));
        keys.put("kms:keyorigin", List.of(KmsCall.ORIGIN));
        keys.put("kms:multiregion", List.of("false"));
        keys.put("kms:resourcealiases", parts.aliases().of(key.arn()));
        key.tags()
                .forEach((name, value) ->
                        keys.put("aws:resourcetag/" + lower(name), List.of(value)));
        if (!context.isEmpty()) {
            keys.put("kms:encryptioncontextkeys", List.copyOf(context.keySet()));
            context.forEach((name, value) ->
                    keys.put("kms:encryptioncontext:" + lower(name), List.of(value)));
        }
        return keys;
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}

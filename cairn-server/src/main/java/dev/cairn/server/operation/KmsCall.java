package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.kms.Alias;
import dev.cairn.kms.Aliases;
import dev.cairn.kms.EncryptionContext;
import dev.cairn.kms.KeyArn;
import dev.cairn.kms.KeyId;
import dev.cairn.kms.KmsKey;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What KMS's operations have in common: the key that a call names, the rights to it, pages.
final class KmsCall {
    static final String ALGORITHM = "SYMMETRIC_DEFAULT";
    static final String USAGE = "ENCRYPT_DECRYPT";
    static final String ORIGIN = "AWS_KMS";
    static final String KEY_ID = "KeyId";

    private KmsCall() {}

    /// The key that a member names by id or ARN. Most operations take no alias.
    ///
    /// @throws Failure NOT_FOUND, INVALID_ARN when it is no key's name
    static KeyArn arn(Invocation call, String member) {
        var text = call.text(member, "");
        return KeyId.of(text, call.caller().account(), call.region())
                .filter(KeyId.OfKey.class::isInstance)
                .map(id -> ((KeyId.OfKey) id).arn())
                .orElseThrow(() -> KeyId.invalid(text));
    }

    /// The key that a text names, in any of its forms.
    ///
    /// @throws Failure NOT_FOUND, INVALID_ARN
    static KmsKey key(Operations.KmsParts parts, Invocation call, String text)
            throws CatalogException {
        var id =
                KeyId.of(text, call.caller().account(), call.region())
                        .orElseThrow(() -> KeyId.invalid(text));
        return switch (id) {
            case KeyId.OfKey(var arn) -> parts.keys().expect(arn);
            case KeyId.OfAlias(var arn) -> {
                var alias = parts.aliases().find(arn).orElseThrow(() -> Aliases.missing(arn));
                yield parts.keys().expect(alias.target());
            }
        };
    }

    // Rights.

    /// An operation on the key that the input names.
    ///
    /// @param shared whether a key's policy can allow it to other accounts
    static BuiltOperation onKey(
            Operations.KmsParts parts, Action action, boolean shared, Operation operation) {
        return BuiltOperation.needing(
                action,
                operation,
                call -> List.of(right(parts, call, action, call.text(KEY_ID, ""), shared)));
    }

    /// The right to do something with the key that a text names.
    static Right right(
            Operations.KmsParts parts, Invocation call, Action action, String text, boolean shared)
            throws CatalogException {
        return right(parts, call, action, text, shared, "EncryptionContext");
    }

    /// @param context the member with the encryption context that is asked with
    static Right right(
            Operations.KmsParts parts,
            Invocation call,
            Action action,
            String text,
            boolean shared,
            String context)
            throws CatalogException {
        var id = KeyId.of(text, call.caller().account(), call.region());
        if (id.isEmpty()) {
            return new Right(
                    action, Target.account(call.caller().account()), Policy.NONE, Map.of());
        }
        var key = find(parts, id.get());
        if (key.isEmpty()) {
            return new Right(
                    action, new Target(id.get().account(), id.get().text()), Policy.NONE, Map.of());
        }
        var arn = key.get().arn();
        var policy =
                shared || arn.account().equals(call.caller().account())
                        ? key.get().policy()
                        : Policy.CLOSED;
        return new Right(
                action,
                new Target(arn.account(), arn.toString()),
                policy,
                keys(parts, call, id.get(), key.get(), context));
    }

    private static Map<String, List<String>> keys(
            Operations.KmsParts parts, Invocation call, KeyId named, KmsKey key, String context)
            throws CatalogException {
        var pairs = new HashMap<String, String>();
        call.input()
                .path(context)
                .properties()
                .forEach(pair -> pairs.put(pair.getKey(), pair.getValue().asText()));
        var keys = KmsConditions.of(parts, call.caller().account(), key, pairs);
        if (named instanceof KeyId.OfAlias(var alias)) {
            keys.put("kms:requestalias", List.of(alias.name()));
        }
        if (call.input().has("CiphertextBlob") || call.input().has("Plaintext")) {
            keys.put("kms:encryptionalgorithm", List.of(ALGORITHM));
        }
        return keys;
    }

    private static Optional<KmsKey> find(Operations.KmsParts parts, KeyId id)
            throws CatalogException {
        return switch (id) {
            case KeyId.OfKey(var arn) -> parts.keys().find(arn);
            case KeyId.OfAlias(var arn) -> {
                Optional<Alias> alias = parts.aliases().find(arn);
                yield alias.isEmpty() ? Optional.empty() : parts.keys().find(alias.get().target());
            }
        };
    }

    // Members.

    /// @throws Failure VALIDATION when it is too long
    static EncryptionContext context(Invocation call, String member) {
        var pairs = new LinkedHashMap<String, String>();
        call.input()
                .path(member)
                .properties()
                .forEach(pair -> pairs.put(pair.getKey(), pair.getValue().asText()));
        var context = new EncryptionContext(pairs);
        if (context.size() > EncryptionContext.BYTES_MAX) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "%s is %d bytes long, at most %d are taken"
                            .formatted(member, context.size(), EncryptionContext.BYTES_MAX));
        }
        return context;
    }

    /// Seconds with milliseconds, as KMS gives times.
    static BigDecimal seconds(Instant time) {
        return BigDecimal.valueOf(time.toEpochMilli(), 3);
    }

    /// @throws Failure TAG when a key is there twice
    static Map<String, String> tags(JsonNode list) {
        var tags = new LinkedHashMap<String, String>();
        for (var tag : list) {
            if (tags.put(tag.path("TagKey").asText(), tag.path("TagValue").asText()) != null) {
                throw new Failure(ErrorCode.TAG, "Duplicate tag keys");
            }
        }
        return tags;
    }

    // Pages.

    /// How many are wanted on a page.
    ///
    /// @throws Failure VALIDATION when more than the operation gives
    static int limit(Invocation call, int usual, int max) {
        var limit = call.number("Limit", usual);
        if (limit > max) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value less than or equal to %d"
                            .formatted(limit, max));
        }
        return limit;
    }

    /// The last name of the page before; empty for the first page.
    ///
    /// @throws Failure INVALID_MARKER
    static String after(Invocation call) {
        return NameToken.read(call.text("Marker", ""))
                .orElseThrow(() -> new Failure(ErrorCode.INVALID_MARKER));
    }

    /// Puts a page into an answer.
    ///
    /// @param found one more than the limit when there are more
    /// @param name what a marker names the last one by
    /// @param shown how one stands in the list
    static <T> void page(
            ObjectNode output,
            String list,
            List<T> found,
            int limit,
            Function<T, String> name,
            Function<T, JsonNode> shown) {
        var items = output.putArray(list);
        found.stream().limit(limit).map(shown).forEach(items::add);
        var more = found.size() > limit;
        output.put("Truncated", more);
        if (more) {
            output.put("NextMarker", NameToken.of(name.apply(found.get(limit - 1))));
        }
    }
}

package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.kms.Alias;
import dev.cairn.kms.AliasArn;
import dev.cairn.kms.Aliases;
import dev.cairn.kms.KmsKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// KMS's operations on aliases.
///
/// Source: AWS KMS API Reference. Who changes an alias needs the right on the alias and, by its
/// policy, on each key that it refers to before or after.
final class KmsAliasOperations {
    private static final String NAME = "AliasName";
    private static final String TARGET = "TargetKeyId";
    private static final String RESERVED = "alias/aws/";

    private final Operations.KmsParts parts;
    private final Aliases aliases;

    KmsAliasOperations(Operations.KmsParts parts) {
        this.parts = parts;
        this.aliases = parts.aliases();
    }

    /// An operation on the alias that the input names.
    BuiltOperation on(Action action, Operation.Change operation) {
        return BuiltOperation.needing(action, operation, call -> rights(call, action));
    }

    private List<Right> rights(Invocation call, Action action) throws CatalogException {
        var rights = new ArrayList<Right>();
        var name = call.text(NAME, "");
        if (AliasArn.isName(name)) {
            var arn = new AliasArn(call.region(), call.caller().account(), name);
            rights.add(
                    new Right(
                            action,
                            new Target(arn.account(), arn.toString()),
                            Policy.NONE,
                            Map.of()));
            if (aliases.find(arn).isPresent()) {
                rights.add(KmsCall.right(parts, call, action, name, false));
            }
        }
        if (call.input().hasNonNull(TARGET)) {
            rights.add(KmsCall.right(parts, call, action, call.text(TARGET, ""), false));
        }
        return rights;
    }

    ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        aliases.create(tx, alias(call), target(call, tx), call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode update(Invocation call, Transaction tx) throws CatalogException {
        aliases.update(tx, alias(call), target(call, tx), call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode delete(Invocation call, Transaction tx) throws CatalogException {
        aliases.delete(tx, alias(call));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var limit = KmsCall.limit(call, 50, 100);
        var after = KmsCall.after(call);
        var found =
                call.input().hasNonNull(KmsCall.KEY_ID)
                        ? ofKey(call, after)
                        : aliases.list(call.caller().account(), call.region(), after, limit + 1);
        var output = JsonNodeFactory.instance.objectNode();
        KmsCall.page(
                output,
                "Aliases",
                found,
                limit,
                alias -> alias.arn().name(),
                alias ->
                        JsonNodeFactory.instance
                                .objectNode()
                                .put(NAME, alias.arn().name())
                                .put("AliasArn", alias.arn().toString())
                                .put(TARGET, alias.target().id())
                                .put("CreationDate", KmsCall.seconds(alias.created()))
                                .put("LastUpdatedDate", KmsCall.seconds(alias.updated())));
        return output;
    }

    private List<Alias> ofKey(Invocation call, String after) throws CatalogException {
        var key = parts.keys().expect(KmsCall.arn(call, KmsCall.KEY_ID)).arn();
        var found = new ArrayList<Alias>();
        for (var name : aliases.of(key)) {
            if (name.compareTo(after) > 0) {
                aliases.find(new AliasArn(key.region(), key.account(), name)).ifPresent(found::add);
            }
        }
        return found;
    }

    /// @throws Failure VALIDATION, INVALID_ALIAS_NAME, NOT_AUTHORIZED
    private static AliasArn alias(Invocation call) {
        var name = call.text(NAME, "");
        if (!name.startsWith(AliasArn.PREFIX)) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
        }
        if (!AliasArn.isName(name)) {
            throw new Failure(
                    ErrorCode.INVALID_ALIAS_NAME,
                    "An alias name has letters, digits, '/', '_' and '-', got " + name);
        }
        if (name.startsWith(RESERVED)) {
            throw new Failure(ErrorCode.NOT_AUTHORIZED);
        }
        return new AliasArn(call.region(), call.caller().account(), name);
    }

    private KmsKey target(Invocation call, Transaction tx) throws CatalogException {
        if (call.text(TARGET, "").contains(AliasArn.PREFIX)) {
            throw new Failure(ErrorCode.VALIDATION, "Aliases must refer to keys. Not aliases");
        }
        return parts.keys().expect(tx, KmsCall.arn(call, TARGET));
    }
}

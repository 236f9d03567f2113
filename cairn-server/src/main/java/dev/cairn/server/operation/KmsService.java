package dev.cairn.server.operation;

import dev.cairn.access.Action;
import dev.cairn.aws.shape.ServiceModel;
import java.util.HashMap;
import java.util.Map;

/// KMS: which of its operations are built, and what each needs.
///
/// Within what a key's policy leaves to its account, a user's key must allow `read` to look and to
/// decrypt, `operate` to encrypt, to make keys and to care for them, and `all` for what makes
/// things unreadable or lets others in.
final class KmsService {
    static final Action PUT_KEY_POLICY = Action.administer("kms", "PutKeyPolicy");

    private KmsService() {}

    static ServedService of(ServiceModel model, Operations.KmsParts parts) {
        var keys = new KmsKeyOperations(parts);
        var aliases = new KmsAliasOperations(parts);
        var cryptography = new KmsCryptography(parts);
        var built = new Built(parts, new HashMap<>());
        // Which may be allowed to other accounts:
        // https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
        built.ofAccount(operate("CreateKey"), (Operation.Change) keys::create);
        built.ofAccount(read("ListKeys"), (Operation.Read) keys::list);
        built.ofAccount(read("ListAliases"), (Operation.Read) aliases::list);
        built.shared(read("DescribeKey"), (Operation.Read) keys::describe);
        built.shared(read("GetKeyRotationStatus"), (Operation.Read) keys::rotationStatus);
        built.owned(read("ListKeyRotations"), (Operation.Read) keys::rotations);
        built.owned(read("GetKeyPolicy"), (Operation.Read) keys::policy);
        built.owned(read("ListKeyPolicies"), (Operation.Read) keys::policies);
        built.owned(read("ListResourceTags"), (Operation.Read) keys::tags);
        built.owned(operate("EnableKey"), (Operation.Change) keys::enable);
        built.owned(operate("EnableKeyRotation"), (Operation.Change) keys::enableRotation);
        built.owned(operate("RotateKeyOnDemand"), (Operation.Change) keys::rotate);
        built.owned(operate("CancelKeyDeletion"), (Operation.Change) keys::cancelDeletion);
        built.owned(operate("UpdateKeyDescription"), (Operation.Change) keys::updateDescription);
        built.owned(operate("TagResource"), (Operation.Change) keys::tag);
        built.owned(operate("UntagResource"), (Operation.Change) keys::untag);
        built.owned(administer("DisableKey"), (Operation.Change) keys::disable);
        built.owned(administer("DisableKeyRotation"), (Operation.Change) keys::disableRotation);
        built.owned(administer("ScheduleKeyDeletion"), (Operation.Change) keys::scheduleDeletion);
        built.owned(PUT_KEY_POLICY, (Operation.Change) keys::putPolicy);
        built.put(aliases.on(operate("CreateAlias"), aliases::create));
        built.put(aliases.on(operate("UpdateAlias"), aliases::update));
        built.put(aliases.on(operate("DeleteAlias"), aliases::delete));
        built.shared(operate("Encrypt"), (Operation.Read) cryptography::encrypt);
        built.shared(operate("GenerateDataKey"), (Operation.Read) cryptography::generateDataKey);
        built.shared(
                operate("GenerateDataKeyWithoutPlaintext"),
                (Operation.Read) cryptography::generateDataKeyWithoutPlaintext);
        built.operations.put("Decrypt", cryptography.builtDecrypt());
        built.operations.put("ReEncrypt", cryptography.builtReEncrypt());
        return new ServedService("kms", "kms.amazonaws.com", model, Map.copyOf(built.operations));
    }

    private static Action read(String operation) {
        return Action.read("kms", operation);
    }

    private static Action operate(String operation) {
        return Action.operate("kms", operation);
    }

    private static Action administer(String operation) {
        return Action.administer("kms", operation);
    }

    private record Built(Operations.KmsParts parts, Map<String, BuiltOperation> operations) {
        void put(BuiltOperation operation) {
            operations.put(operation.action().operation(), operation);
        }

        void ofAccount(Action action, Operation operation) {
            put(BuiltOperation.own(action, operation));
        }

        void owned(Action action, Operation operation) {
            put(KmsCall.onKey(parts, action, false, operation));
        }

        void shared(Action action, Operation operation) {
            put(KmsCall.onKey(parts, action, true, operation));
        }
    }
}

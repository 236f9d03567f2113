package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.kms.KeyArn;
import dev.cairn.kms.KmsKey;
import dev.cairn.kms.KmsKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// KMS's operations on keys themselves, but for what they encrypt and what they are called.
///
/// Source: AWS KMS API Reference. Keys are symmetric, made here, and of one region; others are
/// refused when they are asked for.
final class KmsKeyOperations {
    private static final String POLICY_NAME = "default";
    private static final int DELETION_DAYS_MIN = 7;
    private static final int DELETION_DAYS_MAX = 30;

    private final Operations.KmsParts parts;
    private final KmsKeys keys;
    private final Access access;

    KmsKeyOperations(Operations.KmsParts parts) {
        this.parts = parts;
        this.keys = parts.keys();
        this.access = parts.access();
    }

    // Made and found.

    ObjectNode create(Invocation call, Transaction tx) throws CatalogException {
        if (call.input().has("KeySpec") && call.input().has("CustomerMasterKeySpec")) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.");
        }
        only(call, "KeySpec", KmsCall.ALGORITHM);
        only(call, "CustomerMasterKeySpec", KmsCall.ALGORITHM);
        only(call, "KeyUsage", KmsCall.USAGE);
        only(call, "Origin", KmsCall.ORIGIN);
        only(call, "MultiRegion", "false");
        only(call, "CustomKeyStoreId", "");
        only(call, "XksKeyId", "");
        var policy = Optional.ofNullable(call.input().path("Policy").textValue());
        var key =
                keys.create(
                        tx,
                        call.caller().account(),
                        call.region(),
                        call.text("Description", ""),
                        policy,
                        KmsCall.tags(call.input().path("Tags")),
                        call.now());
        if (policy.isPresent()) {
            checkLockout(call, key.arn(), key.policy());
        }
        var output = JsonNodeFactory.instance.objectNode();
        output.set("KeyMetadata", metadata(key));
        return output;
    }

    private static void only(Invocation call, String member, String value) {
        var asked = call.text(member, value);
        if (!asked.equals(value)) {
            throw new Failure(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    "Cairn makes symmetric keys with material of its own, for one region; got %s %s. docs/gaps.md says what is missing and why"
                            .formatted(member, asked));
        }
    }

    ObjectNode describe(Invocation call) throws CatalogException {
        var output = JsonNodeFactory.instance.objectNode();
        output.set(
                "KeyMetadata", metadata(KmsCall.key(parts, call, call.text(KmsCall.KEY_ID, ""))));
        return output;
    }

    private static ObjectNode metadata(KmsKey key) {
        var metadata = JsonNodeFactory.instance.objectNode();
        metadata.put("AWSAccountId", key.arn().account())
                .put("KeyId", key.arn().id())
                .put("Arn", key.arn().toString())
                .put("CreationDate", KmsCall.seconds(key.created()))
                .put("Enabled", key.state() == KmsKey.State.ENABLED)
                .put("Description", key.description())
                .put("KeyUsage", KmsCall.USAGE)
                .put("KeyState", key.state().wireName());
        key.deletion().ifPresent(at -> metadata.put("DeletionDate", KmsCall.seconds(at)));
        metadata.put("Origin", KmsCall.ORIGIN)
                .put("KeyManager", "CUSTOMER")
                .put("CustomerMasterKeySpec", KmsCall.ALGORITHM)
                .put("KeySpec", KmsCall.ALGORITHM)
                .put("MultiRegion", false);
        metadata.putArray("EncryptionAlgorithms").add(KmsCall.ALGORITHM);
        return metadata;
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var limit = KmsCall.limit(call, 100, 1000);
        var found = new ArrayList<KeyArn>();
        var after = KmsCall.after(call);
        // The catalog gives as many as a page has; whether there are more is asked apart.
        found.addAll(keys.list(call.caller().account(), call.region(), after, limit));
        if (found.size() == limit) {
            found.addAll(
                    keys.list(call.caller().account(), call.region(), found.getLast().id(), 1));
        }
        var output = JsonNodeFactory.instance.objectNode();
        KmsCall.page(
                output,
                "Keys",
                found,
                limit,
                KeyArn::id,
                arn ->
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("KeyId", arn.id())
                                .put("KeyArn", arn.toString()));
        return output;
    }

    // Changed.

    ObjectNode enable(Invocation call, Transaction tx) throws CatalogException {
        keys.enable(tx, arn(call));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode disable(Invocation call, Transaction tx) throws CatalogException {
        keys.disable(tx, arn(call));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode updateDescription(Invocation call, Transaction tx) throws CatalogException {
        keys.describe(tx, arn(call), call.text("Description", ""));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode scheduleDeletion(Invocation call, Transaction tx) throws CatalogException {
        var days = call.number("PendingWindowInDays", DELETION_DAYS_MAX);
        if (days < DELETION_DAYS_MIN || days > DELETION_DAYS_MAX) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "1 validation error detected: Value '%d' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value between %d and %d"
                            .formatted(days, DELETION_DAYS_MIN, DELETION_DAYS_MAX));
        }
        var key = keys.scheduleDeletion(tx, arn(call), days, call.now());
        return JsonNodeFactory.instance
                .objectNode()
                .put("KeyId", key.arn().toString())
                .put("DeletionDate", KmsCall.seconds(key.deletion().orElseThrow()))
                .put("KeyState", key.state().wireName())
                .put("PendingWindowInDays", days);
    }

    ObjectNode cancelDeletion(Invocation call, Transaction tx) throws CatalogException {
        keys.cancelDeletion(tx, arn(call));
        return JsonNodeFactory.instance.objectNode().put("KeyId", arn(call).toString());
    }

    // Rotated.

    ObjectNode enableRotation(Invocation call, Transaction tx) throws CatalogException {
        keys.enableRotation(
                tx,
                arn(call),
                call.number("RotationPeriodInDays", KmsKeys.ROTATION_DAYS),
                call.now());
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode disableRotation(Invocation call, Transaction tx) throws CatalogException {
        keys.disableRotation(tx, arn(call));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode rotate(Invocation call, Transaction tx) throws CatalogException {
        keys.rotateOnDemand(tx, arn(call), call.now());
        return JsonNodeFactory.instance.objectNode().put("KeyId", arn(call).id());
    }

    ObjectNode rotationStatus(Invocation call) throws CatalogException {
        var key = keys.expect(arn(call));
        var rotation = key.rotation().filter(_ -> key.state() != KmsKey.State.PENDING_DELETION);
        var output =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("KeyRotationEnabled", rotation.isPresent())
                        .put("KeyId", key.arn().id());
        rotation.ifPresent(r ->
                output.put("RotationPeriodInDays", r.days())
                        .put("NextRotationDate", KmsCall.seconds(r.next())));
        key.rotationAsked()
                .ifPresent(at -> output.put("OnDemandRotationStartDate", KmsCall.seconds(at)));
        return output;
    }

    ObjectNode rotations(Invocation call) throws CatalogException {
        var key = keys.expect(arn(call));
        var limit = KmsCall.limit(call, 100, 1000);
        var found = new ArrayList<>(keys.rotations(key.arn(), number(call), limit));
        if (found.size() == limit) {
            found.addAll(keys.rotations(key.arn(), found.getLast().number(), 1));
        }
        var output = JsonNodeFactory.instance.objectNode();
        KmsCall.page(
                output,
                "Rotations",
                found,
                limit,
                material -> Integer.toString(material.number()),
                material ->
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("KeyId", key.arn().id())
                                .put("RotationDate", KmsCall.seconds(material.since()))
                                .put("RotationType", material.how().name()));
        return output;
    }

    private static int number(Invocation call) {
        var after = KmsCall.after(call);
        if (!after.matches("\\d{0,9}")) {
            throw new Failure(ErrorCode.INVALID_MARKER);
        }
        return after.isEmpty() ? 0 : Integer.parseInt(after);
    }

    // Policies.

    ObjectNode policy(Invocation call) throws CatalogException {
        var key = keys.expect(arn(call));
        if (!call.text("PolicyName", POLICY_NAME).equals(POLICY_NAME)) {
            throw new Failure(ErrorCode.NOT_FOUND, "No such policy exists");
        }
        return JsonNodeFactory.instance
                .objectNode()
                .put("Policy", key.policyText())
                .put("PolicyName", POLICY_NAME);
    }

    ObjectNode policies(Invocation call) throws CatalogException {
        keys.expect(arn(call));
        KmsCall.limit(call, 100, 1000);
        var output = JsonNodeFactory.instance.objectNode();
        output.putArray("PolicyNames").add(POLICY_NAME);
        return output.put("Truncated", false);
    }

    ObjectNode putPolicy(Invocation call, Transaction tx) throws CatalogException {
        if (!call.text("PolicyName", POLICY_NAME).equals(POLICY_NAME)) {
            throw new Failure(
                    ErrorCode.VALIDATION, "The only policy of a key has the name " + POLICY_NAME);
        }
        var text = call.text("Policy", "");
        var arn = arn(call);
        keys.putPolicy(tx, arn, text);
        checkLockout(call, arn, KmsKeys.read(text));
        return JsonNodeFactory.instance.objectNode();
    }

    /// A policy must let whoever puts it put another one, unless they say that they know.
    private void checkLockout(Invocation call, KeyArn arn, Policy policy) {
        if (call.input().path("BypassPolicyLockoutSafetyCheck").asBoolean(false)) {
            return;
        }
        var decision =
                access.decide(
                        call.caller(),
                        KmsService.PUT_KEY_POLICY,
                        new Target(arn.account(), arn.toString()),
                        new Context(call.now(), call.region(), null, true),
                        policy,
                        Map.of("kms:calleraccount", List.of(call.caller().account())));
        if (decision instanceof Decision.Denied) {
            throw new Failure(
                    ErrorCode.MALFORMED_POLICY_DOCUMENT,
                    "The new key policy will not allow you to update the key policy in the future.");
        }
    }

    // Tags.

    ObjectNode tag(Invocation call, Transaction tx) throws CatalogException {
        keys.tag(tx, arn(call), KmsCall.tags(call.input().path("Tags")));
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode untag(Invocation call, Transaction tx) throws CatalogException {
        var names = new ArrayList<String>();
        call.input().path("TagKeys").forEach(name -> names.add(name.asText()));
        keys.untag(tx, arn(call), names);
        return JsonNodeFactory.instance.objectNode();
    }

    ObjectNode tags(Invocation call) throws CatalogException {
        var limit = KmsCall.limit(call, KmsKeys.TAGS_MAX, KmsKeys.TAGS_MAX);
        var after = KmsCall.after(call);
        var found =
                keys.expect(arn(call)).tags().entrySet().stream()
                        .filter(tag -> tag.getKey().compareTo(after) > 0)
                        .toList();
        var output = JsonNodeFactory.instance.objectNode();
        KmsCall.page(
                output,
                "Tags",
                found,
                limit,
                Map.Entry::getKey,
                tag ->
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("TagKey", tag.getKey())
                                .put("TagValue", tag.getValue()));
        return output;
    }

    private static KeyArn arn(Invocation call) {
        return KmsCall.arn(call, KmsCall.KEY_ID);
    }
}

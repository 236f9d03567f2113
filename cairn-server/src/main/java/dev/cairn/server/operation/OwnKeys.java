package dev.cairn.server.operation;

import dev.cairn.archive.BucketRegister;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.kms.AliasArn;
import dev.cairn.kms.EncryptCheck;
import dev.cairn.kms.KeyArn;
import dev.cairn.kms.KeyId;
import dev.cairn.kms.KmsKey;
import dev.cairn.trail.Trail;
import java.util.Optional;

/// Keys of Cairn's own KMS, for its own buckets: a key must be in the region of the bucket, usable,
/// and let CloudTrail encrypt
/// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html).
///
/// @param kms the keys
/// @param buckets where bucket's regions are found
public record OwnKeys(Operations.KmsParts kms, BucketRegister buckets) implements TrailKeys {

    @Override
    public String arn(String text, String account, String region) throws CatalogException {
        var id = KeyId.of(text, account, region(text).orElse(region));
        if (id.isEmpty()) {
            throw invalid(text);
        }
        return switch (id.get()) {
            case KeyId.OfKey(var arn) -> arn.toString();
            case KeyId.OfAlias(var alias) ->
                    kms.aliases()
                            .find(alias)
                            .orElseThrow(() -> notFound("There is no alias %s.".formatted(alias)))
                            .target()
                            .toString();
        };
    }

    /// An ARN may name another region than the one that is called: the bucket's.
    private static Optional<String> region(String text) {
        return KeyArn.of(text)
                .map(KeyArn::region)
                .or(() -> AliasArn.of(text).map(AliasArn::region));
    }

    static Failure invalid(String text) {
        return new Failure(
                ErrorCode.INVALID_KMS_KEY_ID,
                "KMS key %s is not valid: expected a key's id or ARN, or an alias's name or ARN."
                        .formatted(text));
    }

    private static Failure notFound(String message) {
        return new Failure(ErrorCode.KMS_KEY_NOT_FOUND, message);
    }

    @Override
    public Optional<Failure> refusal(Trail trail) throws CatalogException {
        var named = String.valueOf(trail.kmsKey());
        Optional<KmsKey> found = Optional.empty();
        var arn = KeyArn.of(named);
        if (arn.isPresent()) {
            found = kms.keys().find(arn.get());
        }
        if (found.isEmpty()) {
            return Optional.of(notFound("There is no KMS key %s.".formatted(named)));
        }
        var key = found.get();
        var bucket = buckets.find(trail.bucket());
        if (bucket.isPresent() && !bucket.get().region().equals(key.arn().region())) {
            return Optional.of(
                    notFound(
                            "The KMS key %s is not in the region of the bucket %s, %s."
                                    .formatted(named, trail.bucket(), bucket.get().region())));
        }
        try {
            key.checkUsable();
        } catch (Failure unusable) {
            return Optional.of(new Failure(ErrorCode.KMS, unusable.message()));
        }
        return EncryptCheck.missing(key, trail.account(), trail.arn())
                .map(missing ->
                        new Failure(
                                ErrorCode.INSUFFICIENT_ENCRYPTION_POLICY,
                                "Insufficient permissions to access S3 bucket %s or KMS key %s. %s"
                                        .formatted(trail.bucket(), named, missing)));
    }
}

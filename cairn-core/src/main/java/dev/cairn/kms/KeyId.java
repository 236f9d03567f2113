package dev.cairn.kms;

import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.Optional;

/// What a call names a key by: its id or ARN, or an alias's name or ARN
/// (https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id).
public sealed interface KeyId {

    /// By the key itself.
    record OfKey(KeyArn arn) implements KeyId {}

    /// By one of its aliases.
    record OfAlias(AliasArn arn) implements KeyId {}

    /// Whose the key is, or its alias.
    default String account() {
        return switch (this) {
            case OfKey(KeyArn arn) -> arn.account();
            case OfAlias(AliasArn arn) -> arn.account();
        };
    }

    /// The ARN that is named.
    default String text() {
        return switch (this) {
            case OfKey(KeyArn arn) -> arn.toString();
            case OfAlias(AliasArn arn) -> arn.toString();
        };
    }

    /// Reads the name of a key of the region that is called.
    ///
    /// @param account whose keys are meant by bare ids and alias names
    /// @return empty when no key there can have that name
    static Optional<KeyId> of(String text, String account, String region) {
        if (text.startsWith("arn:")) {
            return KeyArn.of(text)
                    .filter(arn -> arn.region().equals(region))
                    .<KeyId>map(OfKey::new)
                    .or(() ->
                            AliasArn.of(text)
                                    .filter(arn -> arn.region().equals(region))
                                    .map(OfAlias::new));
        }
        if (text.startsWith(AliasArn.PREFIX)) {
            return AliasArn.isName(text)
                    ? Optional.of(new OfAlias(new AliasArn(region, account, text)))
                    : Optional.empty();
        }
        return KeyArn.isId(text)
                ? Optional.of(new OfKey(new KeyArn(region, account, text)))
                : Optional.empty();
    }

    /// KMS's words for what [#of] does not take.
    static Failure invalid(String text) {
        if (text.startsWith("arn:")) {
            Optional<String> elsewhere =
                    KeyArn.of(text)
                            .map(KeyArn::region)
                            .or(() -> AliasArn.of(text).map(AliasArn::region));
            return elsewhere.isPresent()
                    ? new Failure(ErrorCode.NOT_FOUND, "Invalid arn " + elsewhere.get())
                    : new Failure(ErrorCode.INVALID_ARN, "Invalid arn " + text);
        }
        return new Failure(ErrorCode.NOT_FOUND, "Invalid keyId '%s'".formatted(text));
    }
}

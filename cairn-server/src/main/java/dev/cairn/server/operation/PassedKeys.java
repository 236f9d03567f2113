package dev.cairn.server.operation;

import dev.cairn.failure.Failure;
import dev.cairn.trail.Trail;
import java.util.Optional;
import java.util.regex.Pattern;

/// Keys of the KMS behind another S3: what a trail names is passed on with each put, and that store
/// says whether it has such a key.
public record PassedKeys() implements TrailKeys {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._/\\-:]{1,350}");

    @Override
    public String arn(String text, String account, String region) {
        if (!NAME.matcher(text).matches()) {
            throw OwnKeys.invalid(text);
        }
        return text;
    }

    @Override
    public Optional<Failure> refusal(Trail trail) {
        return Optional.empty();
    }
}

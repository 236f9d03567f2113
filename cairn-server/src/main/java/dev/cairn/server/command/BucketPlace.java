package dev.cairn.server.command;

import java.util.Optional;

/// A bucket, or what is below a prefix of it, as `s3://BUCKET[/PREFIX]`.
///
/// @param prefix empty for all of the bucket
record BucketPlace(String bucket, String prefix) {
    private static final String SCHEME = "s3://";

    /// Empty when the text does not begin with `s3://`.
    static Optional<BucketPlace> of(String text) throws CommandException {
        if (!text.startsWith(SCHEME)) {
            return Optional.empty();
        }
        var rest = text.substring(SCHEME.length());
        var slash = rest.indexOf('/');
        var bucket = slash < 0 ? rest : rest.substring(0, slash);
        if (bucket.isEmpty()) {
            throw new CommandException(
                    "expected s3://BUCKET or s3://BUCKET/PREFIX, got " + text,
                    CommandException.USAGE);
        }
        return Optional.of(new BucketPlace(bucket, slash < 0 ? "" : rest.substring(slash + 1)));
    }

    @Override
    public String toString() {
        return SCHEME + bucket + '/' + prefix;
    }
}

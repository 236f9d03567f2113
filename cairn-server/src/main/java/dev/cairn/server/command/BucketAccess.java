package dev.cairn.server.command;

import java.util.List;

/// Whether everyone is let into a bucket, and could be by a slip.
///
/// @param blocked whether a policy that lets everyone in would be refused
/// @param open whether its policy lets everyone in
record BucketAccess(boolean blocked, boolean open) {
    private static final String NO_BLOCK = "NoSuchPublicAccessBlockConfiguration";
    private static final String NO_POLICY = "NoSuchBucketPolicy";

    /// Asks a server.
    ///
    /// @throws CommandException when it does not know the bucket, or does not tell the caller
    static BucketAccess of(TrailCalls calls, String region, String bucket)
            throws CommandException, InterruptedException {
        return new BucketAccess(
                says(calls, region, bucket, "publicAccessBlock", "BlockPublicPolicy", NO_BLOCK),
                says(calls, region, bucket, "policyStatus", "IsPublic", NO_POLICY));
    }

    private static boolean says(
            TrailCalls calls,
            String region,
            String bucket,
            String subresource,
            String flag,
            String absent)
            throws CommandException, InterruptedException {
        try {
            return calls.describe(region, bucket, subresource)
                    .contains("<%1$s>true</%1$s>".formatted(flag));
        } catch (CommandException refused) {
            if (String.valueOf(refused.getMessage()).startsWith(absent + ":")) {
                return false;
            }
            throw refused;
        }
    }

    /// What is to be known of it, and done.
    List<String> lines(String bucket) {
        String block =
                blocked
                        ? "public access blocked: a policy that lets everyone in is refused"
                        : "public access NOT BLOCKED: aws s3api put-public-access-block --bucket %s --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
                                .formatted(bucket);
        return open
                ? List.of(
                        block,
                        "policy        LETS EVERYONE IN: aws s3api get-bucket-policy --bucket "
                                + bucket)
                : List.of(block);
    }
}

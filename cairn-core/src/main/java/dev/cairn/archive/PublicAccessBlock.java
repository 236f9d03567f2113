package dev.cairn.archive;

/// What keeps a bucket from being opened to everyone by a slip
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
///
/// The built-in archive takes no ACLs that let others in, so what is said of ACLs holds anyway; it
/// is kept, and told as it was put.
///
/// @param blockPublicAcls whether ACLs that let everyone in are refused
/// @param ignorePublicAcls whether such ACLs let nobody in
/// @param blockPublicPolicy whether policies that let everyone in are refused
/// @param restrictPublicBuckets whether a policy that lets everyone in lets in nobody of another
///   account
public record PublicAccessBlock(
        boolean blockPublicAcls,
        boolean ignorePublicAcls,
        boolean blockPublicPolicy,
        boolean restrictPublicBuckets) {
    /// What a new bucket has, as on AWS since April 2023.
    public static final PublicAccessBlock ALL = new PublicAccessBlock(true, true, true, true);

    /// What holds where a bucket has none.
    public static final PublicAccessBlock NONE = new PublicAccessBlock(false, false, false, false);

    /// Whether nothing is let through here that is not let through there.
    public boolean isAtLeast(PublicAccessBlock there) {
        return (blockPublicAcls || !there.blockPublicAcls)
                && (ignorePublicAcls || !there.ignorePublicAcls)
                && (blockPublicPolicy || !there.blockPublicPolicy)
                && (restrictPublicBuckets || !there.restrictPublicBuckets);
    }
}

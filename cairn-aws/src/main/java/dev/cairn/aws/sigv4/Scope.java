package dev.cairn.aws.sigv4;

/// The credential scope of a signature: whose key, for which day, region and service.
///
/// @param accessKeyId the claimed access key
/// @param date `yyyyMMdd`, in UTC
/// @param region as claimed; any name is well-formed
/// @param service the signing name, for example `cloudtrail`
public record Scope(String accessKeyId, String date, String region, String service) {

    static final String TERMINATOR = "aws4_request";

    /// `date/region/service/aws4_request`: the second-last line of the string to sign.
    public String path() {
        return date + "/" + region + "/" + service + "/" + TERMINATOR;
    }

    /// Whether the service is S3, which canonicalises paths its own way and has its own error
    /// names.
    public boolean isS3() {
        return service.equals("s3") || service.equals("s3express") || service.equals("s3-outposts");
    }
}

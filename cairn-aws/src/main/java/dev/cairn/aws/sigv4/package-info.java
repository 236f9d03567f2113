/// AWS Signature Version 4: who signed this request, and is it true.
///
/// A request goes through in two steps, because the secret key belongs to someone else.
/// [Signature#read] finds the claim (access key id, date, region, service) without any secret, so
/// that a router can choose by service and a key store can look the key up;
/// [SignatureVerifier#verify] then recomputes the signature. A body sent in signed chunks is
/// checked while it is read, by [AwsChunkedInputStream]. [RequestSigner] is the other side, for our
/// own command line.
///
/// Everything a caller can do wrong is a [Refusal] with AWS's own names for it per protocol family.
/// Neither secrets nor derived keys appear in any message or `toString`. Comparison of signatures
/// takes the same time whatever differs.
///
/// Rules: AWS's "Create a signed AWS API request", "Signature Calculations for the Authorization
/// Header: Transferring Payload in Multiple Chunks" and "Authenticating Requests: Using Query
/// Parameters".
@NullMarked
package dev.cairn.aws.sigv4;

import org.jspecify.annotations.NullMarked;

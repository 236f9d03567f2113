package dev.cairn.aws.sigv4;

import dev.cairn.aws.http.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a request claims about its signer, before anyone has looked whether it is true.
public sealed interface Signature {

    /// Reads the claim from the `Authorization` header or the presigned query. Needs no secret and
    /// reads no body.
    static Signature read(Request request) {
        return new SignatureReader(request).read();
    }

    /// No AWS signature. An `Authorization` header of another scheme (a bearer token) counts as
    /// none.
    record Unsigned() implements Signature {}

    /// There is a signature, but it cannot be checked.
    ///
    /// @param refusal what to answer
    /// @param detail AWS's sentence for it
    record Malformed(Refusal refusal, String detail) implements Signature {}

    /// A well-formed claim.
    ///
    /// @param scope whose key, for which day, region and service
    /// @param signedAt the signing time, whole seconds
    /// @param validFor how long a presigned request may be used after `signedAt`; empty for the
    ///   header form
    /// @param securityToken the session token sent along; whether it belongs to the key is the key
    ///   store's matter
    /// @param payload what is said about the body
    /// @param signedHeaders names of the headers covered, lower-case, in the order given
    /// @param value the signature, 64 hex digits
    /// @param request what was signed
    record Signed(
            Scope scope,
            Instant signedAt,
            Optional<Duration> validFor,
            Optional<String> securityToken,
            Payload payload,
            List<String> signedHeaders,
            String value,
            Request request)
            implements Signature {

        /// Whether this is a presigned query rather than an `Authorization` header.
        public boolean presigned() {
            return validFor.isPresent();
        }

        /// Scope only: signature and token are credentials while they are valid.
        @Override
        public String toString() {
            return "Signed[" + scope.accessKeyId() + "/" + scope.path() + "]";
        }
    }
}

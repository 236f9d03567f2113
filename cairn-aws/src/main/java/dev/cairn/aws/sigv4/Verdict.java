package dev.cairn.aws.sigv4;

import java.util.Optional;

/// What came of checking a signature.
public sealed interface Verdict {

    /// The holder of the secret made this request. For [Payload.Declared] the body still has to
    /// have that hash, for [Payload.Chunked] it has to be read through [AwsChunkedInputStream],
    /// unless the verifier was given the hash.
    final class Verified implements Verdict {
        private final Signature.Signed signed;
        private final byte[] signingKey;

        Verified(Signature.Signed signed, byte[] signingKey) {
            this.signed = signed;
            this.signingKey = signingKey;
        }

        /// The claim that was found true.
        public Signature.Signed signed() {
            return signed;
        }

        byte[] signingKey() {
            return signingKey;
        }

        @Override
        public String toString() {
            return "Verified[" + signed + "]";
        }
    }

    /// Not accepted.
    ///
    /// @param refusal why
    /// @param detail a sentence of AWS's that fits this request better than the general one
    record Refused(Refusal refusal, Optional<String> detail) implements Verdict {

        Refused(Refusal refusal) {
            this(refusal, Optional.empty());
        }

        Refused(Refusal refusal, String detail) {
            this(refusal, Optional.of(detail));
        }

        /// The message for the wire.
        public String message(Refusal.Dialect dialect) {
            boolean general = dialect == Refusal.Dialect.S3 && refusal == Refusal.SKEWED;
            return general ? refusal.message(dialect) : detail.orElse(refusal.message(dialect));
        }
    }
}

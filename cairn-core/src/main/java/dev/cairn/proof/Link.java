package dev.cairn.proof;

import java.util.Optional;

/// A digest as it lies in the bucket.
///
/// @param name what its key says
/// @param document its content
/// @param sha256 of its unpacked bytes, lower-case hex
/// @param signature that stands beside it, lower-case hex; empty when it is bare
record Link(
        DigestName name,
        String bucket,
        String key,
        DigestDocument document,
        String sha256,
        Optional<String> signature) {

    /// The text that its signer signed (user guide, "custom implementations of log file integrity
    /// validation").
    String signedText() {
        return document.endText()
                + '\n'
                + document.bucket()
                + '/'
                + document.key()
                + '\n'
                + sha256
                + '\n'
                + document.previous().map(DigestDocument.Previous::signature).orElse("null");
    }

    Link signedWith(String other) {
        return new Link(name, bucket, key, document, sha256, Optional.of(other));
    }

    Head head() {
        return new Head(document.bucket(), key, document.end(), signature.orElse(""));
    }
}

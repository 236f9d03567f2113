/// Proof of the codecs: AWS's own protocol cases, and what callers may send that no case has.
@NullMarked
package dev.cairn.aws.protocol;

import org.jspecify.annotations.NullMarked;

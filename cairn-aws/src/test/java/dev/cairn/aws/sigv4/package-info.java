/// Proof of the signatures: AWS's published vectors, other people's signers, and everything one can
/// get wrong.
@NullMarked
package dev.cairn.aws.sigv4;

import org.jspecify.annotations.NullMarked;

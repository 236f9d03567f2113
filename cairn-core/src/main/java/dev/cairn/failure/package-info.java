/// A *failure* is an answer to a caller that is not what they asked for: they erred, were refused,
/// or must come back later.
///
/// Read [dev.cairn.failure.ErrorCode] first: the closed table of every name Cairn answers with. It
/// guards the form of I5: push-back and refusals are named, never silent.
@NullMarked
package dev.cairn.failure;

import org.jspecify.annotations.NullMarked;

/// Proof of the models: what the build made of them, and what they refuse.
@NullMarked
package dev.cairn.aws.shape;

import org.jspecify.annotations.NullMarked;

/// The other side of a *wire*: servers that say on it what a test wants.
@NullMarked
package dev.cairn.testkit.wire;

import org.jspecify.annotations.NullMarked;

/// Drivers that measure Cairn. None of them is a test.
@NullMarked
package dev.cairn.bench;

import org.jspecify.annotations.NullMarked;

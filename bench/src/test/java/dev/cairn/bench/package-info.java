/// Tests of the harness itself; nothing is measured here.
@NullMarked
package dev.cairn.bench;

import org.jspecify.annotations.NullMarked;

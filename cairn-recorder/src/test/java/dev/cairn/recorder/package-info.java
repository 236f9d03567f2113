@NullMarked
package dev.cairn.recorder;

import org.jspecify.annotations.NullMarked;

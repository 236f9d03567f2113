@NullMarked
package dev.cairn.recorder.sdk;

import org.jspecify.annotations.NullMarked;

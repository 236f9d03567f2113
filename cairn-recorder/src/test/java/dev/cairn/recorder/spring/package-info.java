@NullMarked
package dev.cairn.recorder.spring;

import org.jspecify.annotations.NullMarked;

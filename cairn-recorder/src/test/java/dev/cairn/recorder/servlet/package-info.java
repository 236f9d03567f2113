@NullMarked
package dev.cairn.recorder.servlet;

import org.jspecify.annotations.NullMarked;

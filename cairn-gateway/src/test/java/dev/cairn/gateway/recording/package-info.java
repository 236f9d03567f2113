@NullMarked
package dev.cairn.gateway.recording;

import org.jspecify.annotations.NullMarked;

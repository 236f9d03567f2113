@NullMarked
package dev.cairn.server.release;

import org.jspecify.annotations.NullMarked;

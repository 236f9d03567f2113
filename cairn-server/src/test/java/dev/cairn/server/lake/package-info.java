@NullMarked
package dev.cairn.server.lake;

import org.jspecify.annotations.NullMarked;

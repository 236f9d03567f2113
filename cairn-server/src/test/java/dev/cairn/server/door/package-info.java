@NullMarked
package dev.cairn.server.door;

import org.jspecify.annotations.NullMarked;

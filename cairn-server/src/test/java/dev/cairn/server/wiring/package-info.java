@NullMarked
package dev.cairn.server.wiring;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.cairn.embedded.delivery;

import org.jspecify.annotations.NullMarked;

/// An event.
@NullMarked
package dev.cairn.event;

import org.jspecify.annotations.NullMarked;

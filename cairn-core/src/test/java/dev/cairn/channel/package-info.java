@NullMarked
package dev.cairn.channel;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.cairn.distributed.key;

import org.jspecify.annotations.NullMarked;

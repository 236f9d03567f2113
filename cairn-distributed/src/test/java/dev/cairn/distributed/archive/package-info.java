@NullMarked
package dev.cairn.distributed.archive;

import org.jspecify.annotations.NullMarked;

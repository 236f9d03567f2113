@NullMarked
package dev.cairn.lake.log;

import org.jspecify.annotations.NullMarked;

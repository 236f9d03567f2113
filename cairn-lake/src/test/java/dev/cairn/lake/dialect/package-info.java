@NullMarked
package dev.cairn.lake.dialect;

import org.jspecify.annotations.NullMarked;

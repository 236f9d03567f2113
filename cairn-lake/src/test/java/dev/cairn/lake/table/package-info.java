@NullMarked
package dev.cairn.lake.table;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.cairn.lake.worker;

import org.jspecify.annotations.NullMarked;

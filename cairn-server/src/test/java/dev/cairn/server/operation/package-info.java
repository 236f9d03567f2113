@NullMarked
package dev.cairn.server.operation;

import org.jspecify.annotations.NullMarked;

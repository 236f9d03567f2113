@NullMarked
package dev.cairn.server.own;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.cairn.server.courier;

import org.jspecify.annotations.NullMarked;

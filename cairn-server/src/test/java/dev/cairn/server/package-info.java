/// Tests of the server as a whole.
@NullMarked
package dev.cairn.server;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.cairn.server.bucket;

import org.jspecify.annotations.NullMarked;

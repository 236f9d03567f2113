@NullMarked
package dev.cairn.gateway.upstream;

import org.jspecify.annotations.NullMarked;

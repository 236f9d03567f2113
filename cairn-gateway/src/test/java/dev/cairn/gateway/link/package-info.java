@NullMarked
package dev.cairn.gateway.link;

import org.jspecify.annotations.NullMarked;

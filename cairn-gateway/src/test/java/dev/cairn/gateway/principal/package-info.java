@NullMarked
package dev.cairn.gateway.principal;

import org.jspecify.annotations.NullMarked;

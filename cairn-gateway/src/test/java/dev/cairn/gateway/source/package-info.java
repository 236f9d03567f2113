/// Tests of the sources, on samples made up after each program's documented form.
@NullMarked
package dev.cairn.gateway.source;

import org.jspecify.annotations.NullMarked;

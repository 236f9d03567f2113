@NullMarked
package dev.cairn.server.configuration;

import org.jspecify.annotations.NullMarked;

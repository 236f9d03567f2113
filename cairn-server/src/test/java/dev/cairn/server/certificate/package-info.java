@NullMarked
package dev.cairn.server.certificate;

import org.jspecify.annotations.NullMarked;

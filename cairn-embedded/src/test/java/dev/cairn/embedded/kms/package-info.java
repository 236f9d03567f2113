@NullMarked
package dev.cairn.embedded.kms;

import org.jspecify.annotations.NullMarked;

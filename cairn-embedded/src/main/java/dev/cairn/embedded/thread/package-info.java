/// The ends of our own threads.
///
/// Read [dev.cairn.embedded.thread.Threads]. It guards I2: what a thread writes is written to its
/// end.
@NullMarked
package dev.cairn.embedded.thread;

import org.jspecify.annotations.NullMarked;

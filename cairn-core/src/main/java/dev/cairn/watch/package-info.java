/// A *watch* waits for calls that someone wants to hear of, and tells a topic of them in words.
///
/// Read [dev.cairn.watch.Watch] first, then [dev.cairn.watch.WatchReader]. What is guarded: each
/// event that a watch takes is told, or counted and the count told, once; whatever the process dies
/// on.
@NullMarked
package dev.cairn.watch;

import org.jspecify.annotations.NullMarked;

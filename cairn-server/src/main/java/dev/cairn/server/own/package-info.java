/// Cairn's *own* calls as events: the watcher is watched.
///
/// Read [dev.cairn.server.own.OwnRecord] for the form of such an event and
/// [dev.cairn.server.own.OwnCalls] for when it is recorded.
@NullMarked
package dev.cairn.server.own;

import org.jspecify.annotations.NullMarked;

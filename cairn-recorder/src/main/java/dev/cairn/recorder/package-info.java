/// A *recorder* records an application's own calls in a Cairn.
///
/// Read [dev.cairn.recorder.Recorder] first, then [dev.cairn.recorder.Event]. An event is on this
/// machine's disk (the *spool*) when `record` returns, and is sent on until Cairn says that it is
/// recorded. It guards I5 (nothing is dropped silently): a spool that is full pushes back, and what
/// Cairn refuses is kept by name.
@NullMarked
package dev.cairn.recorder;

import org.jspecify.annotations.NullMarked;

/// Records the calls to an application's own HTTP API, in any servlet container.
///
/// Read [dev.cairn.recorder.servlet.RecordingFilter] first. Needs `jakarta.servlet` 6, which the
/// container has.
@NullMarked
package dev.cairn.recorder.servlet;

import org.jspecify.annotations.NullMarked;

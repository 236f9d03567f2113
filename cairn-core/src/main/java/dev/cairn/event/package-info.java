/// An *event* is one CloudTrail record: its original bytes, and the fields that questions are asked
/// of most.
///
/// Read [dev.cairn.event.EventReader] first: it is the only maker of [dev.cairn.event.Event]. What
/// each field means, and how it is derived where a record lacks it, is told in `docs/event.md`. The
/// package guards I6: the bytes are kept as they came, and nothing here writes a record anew.
@NullMarked
package dev.cairn.event;

import org.jspecify.annotations.NullMarked;

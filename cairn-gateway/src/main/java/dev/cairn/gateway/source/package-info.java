/// *Sources*: programs that keep an audit log of their own, taken in as CloudTrail records.
///
/// Read [dev.cairn.gateway.source.Source] first, then [dev.cairn.gateway.source.SourceIntake],
/// which makes events of what sources send. What a source sends, one piece for each call, is an
/// *original*: it is kept beside what could be read from it, in `additionalEventData.original`.
///
/// The package guards I5 for them: every original becomes an event, however little of it is
/// understood, or is refused by its place in the body, or passed over by a rule that is written
/// down and counted. Senders repeat what was not acknowledged, so the same original always makes an
/// event of the same id.
@NullMarked
package dev.cairn.gateway.source;

import org.jspecify.annotations.NullMarked;

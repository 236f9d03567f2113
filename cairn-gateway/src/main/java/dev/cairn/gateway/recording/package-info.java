/// *Recording* what passed: from a call and who made it to an event in the ledger.
///
/// Read [dev.cairn.gateway.recording.Promise] first: what clients may count on. It guards I2 for
/// calls through the gateway: a client that has its whole answer has its event on disk.
@NullMarked
package dev.cairn.gateway.recording;

import org.jspecify.annotations.NullMarked;

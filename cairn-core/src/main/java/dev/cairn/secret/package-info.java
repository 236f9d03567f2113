/// A *secret* is a text that must not be seen: not in a log line, not in a message, not on the disk
/// in the clear.
///
/// Read [dev.cairn.secret.Vault] first: how secrets are kept under the master key. It guards the
/// last part of I8: what is made by chance and must not be guessed comes from
/// [dev.cairn.secret.Secrets].
@NullMarked
package dev.cairn.secret;

import org.jspecify.annotations.NullMarked;

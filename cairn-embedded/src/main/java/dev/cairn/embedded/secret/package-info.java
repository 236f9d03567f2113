/// Where unguessable bytes and the master key come from on one machine.
///
/// Read [dev.cairn.embedded.secret.MasterKey], then [dev.cairn.embedded.secret.MasterKeyFile].
@NullMarked
package dev.cairn.embedded.secret;

import org.jspecify.annotations.NullMarked;

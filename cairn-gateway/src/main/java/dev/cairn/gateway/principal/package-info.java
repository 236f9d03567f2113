/// The *principal* behind an access key: who a call is said to come from.
///
/// Read [dev.cairn.gateway.principal.Principals] first. The gateway does not check signatures: that
/// is the upstream's matter, which refuses the wrong ones, and the refusal is recorded. So a
/// record's identity is proved where the upstream took the call, and claimed where it did not.
/// Sessions are learned from what the upstream's STS answers.
@NullMarked
package dev.cairn.gateway.principal;

import org.jspecify.annotations.NullMarked;

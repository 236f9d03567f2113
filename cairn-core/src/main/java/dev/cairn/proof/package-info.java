/// *Proof* is what an outsider can hold against a bucket of log files: nothing in it was changed,
/// taken away, added or put elsewhere since it was sealed.
///
/// Read [dev.cairn.proof.Verification] first. It judges what any CloudTrail delivered, Cairn's and
/// AWS's alike, reads the bucket only, and trusts nothing in it: public keys and the expected end
/// of each chain come from elsewhere. It guards I4 from outside, and shares no code with what
/// writes and signs digests, so that an error there cannot hide here.
@NullMarked
package dev.cairn.proof;

import org.jspecify.annotations.NullMarked;

/// A *digest* seals the log files of a window of time: it names them with their hashes, and signs
/// its predecessor's signature.
///
/// Read [dev.cairn.digest.Digest] first. Forms, hashes and signatures are AWS's to the byte
/// ("Custom implementations of CloudTrail log file integrity validation" in the CloudTrail user
/// guide), so that `aws cloudtrail validate-logs` can judge them. Guards the second half of I4.
@NullMarked
package dev.cairn.digest;

import org.jspecify.annotations.NullMarked;

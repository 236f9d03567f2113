/// How CloudTrail's records show requests and answers: names, dates, secrets.
///
/// Services write their records in a few *styles*; [RecordStyle] has what they differ in. Cairn's
/// own calls and calls that pass its gateway are shown by the same code. Documents are those of the
/// wire layer (see `dev.cairn.aws.shape`).
@NullMarked
package dev.cairn.aws.style;

import org.jspecify.annotations.NullMarked;

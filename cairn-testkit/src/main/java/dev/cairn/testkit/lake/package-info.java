/// AWS's sample queries over the *lake*, and what answers them without a database.
///
/// Read [dev.cairn.testkit.lake.AwsSamples] first; [dev.cairn.testkit.lake.AnswerJudge] holds an
/// answer against the [dev.cairn.testkit.lake.Evaluator]'s.
@NullMarked
package dev.cairn.testkit.lake;

import org.jspecify.annotations.NullMarked;

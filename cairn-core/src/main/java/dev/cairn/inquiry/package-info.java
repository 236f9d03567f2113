/// An *inquiry* is a question about the messages of log groups, in the language of CloudWatch Logs
/// Insights.
///
/// Read [dev.cairn.inquiry.Inquiry] first (what can be asked), then [dev.cairn.inquiry.Pipeline]
/// (how an answer is made of messages, one at a time). It guards that an answer takes bounded
/// memory, whatever is asked.
@NullMarked
package dev.cairn.inquiry;

import org.jspecify.annotations.NullMarked;

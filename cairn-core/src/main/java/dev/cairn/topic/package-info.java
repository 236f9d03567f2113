/// A *topic* passes a message on to whoever subscribed: SNS, as far as notices of delivered files
/// need it.
///
/// Read [dev.cairn.topic.Topics] first. It keeps topics and subscriptions, and
/// [dev.cairn.topic.Publishing] passes a message on: into own queues within the transaction of its
/// publication, so exactly once; to the outside by the rows of [dev.cairn.topic.Outbound], at least
/// once, with the same message id on every try. Which messages a subscription takes is its
/// [dev.cairn.topic.Filter]'s.
@NullMarked
package dev.cairn.topic;

import org.jspecify.annotations.NullMarked;

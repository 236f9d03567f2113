/// A *queue* holds messages until someone has received and deleted them: what SQS calls a standard
/// queue (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/welcome.html).
///
/// Read [dev.cairn.queue.Queues] first (which queues there are, and how a service puts a message
/// into one), then [dev.cairn.queue.Messages] (how messages come and go). Both only ever work
/// within a transaction of the catalog: a message and whatever caused it stand or fall together
/// (I2), and a message that was acknowledged is received at least once, unless it expires first.
@NullMarked
package dev.cairn.queue;

import org.jspecify.annotations.NullMarked;

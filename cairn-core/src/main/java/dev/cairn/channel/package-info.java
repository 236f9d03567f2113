/// A *channel* is how events of programs that are not AWS's get into event data stores
/// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store-integration.html).
///
/// Read [dev.cairn.channel.Channels] first: which channels there are, and which event data stores
/// each feeds. [dev.cairn.channel.AuditEvent] checks what is put into one and makes it a record.
@NullMarked
package dev.cairn.channel;

import org.jspecify.annotations.NullMarked;

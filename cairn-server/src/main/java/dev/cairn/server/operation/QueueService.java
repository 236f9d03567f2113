package dev.cairn.server.operation;

import dev.cairn.access.Action;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Violations;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.Queues;
import java.util.HashMap;
import java.util.Map;

/// SQS: which of its operations are built.
final class QueueService {
    private QueueService() {}

    static ServedService of(ServiceModel model, Operations.QueueParts parts) {
        var queues = new QueueOperations(parts.queues(), parts.messages());
        var permissions = new QueuePermissions(parts.queues());
        var messages =
                new QueueMessages(
                        parts.catalog(),
                        parts.ledger(),
                        parts.queues(),
                        parts.messages(),
                        parts.arrivals(),
                        parts.clock());
        var built = new Built(parts.queues());
        // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-overview-of-managing-access.html:
        // what may be shared across accounts, and what may not.
        built.ofAccount("CreateQueue", (Operation.Change) queues::create);
        built.ofAccount("ListQueues", (Operation.Read) queues::list);
        built.owned("DeleteQueue", (Operation.Change) queues::delete);
        built.owned("SetQueueAttributes", (Operation.Change) queues::setAttributes);
        built.owned("TagQueue", (Operation.Change) queues::tag);
        built.owned("UntagQueue", (Operation.Change) queues::untag);
        built.owned("ListQueueTags", (Operation.Read) queues::tags);
        built.owned("AddPermission", (Operation.Change) permissions::add);
        built.owned("RemovePermission", (Operation.Change) permissions::remove);
        built.shared("PurgeQueue", (Operation.Change) queues::purge);
        built.shared("GetQueueUrl", (Operation.Read) queues::url);
        built.shared("GetQueueAttributes", (Operation.Read) queues::attributes);
        built.shared("ListDeadLetterSourceQueues", (Operation.Read) queues::deadLetterSources);
        built.message("SendMessage", "SendMessage", messages::send);
        built.message("SendMessageBatch", "SendMessage", messages::sendBatch);
        built.message("ReceiveMessage", "ReceiveMessage", messages::receive);
        built.message("DeleteMessage", "DeleteMessage", messages::delete);
        built.message("DeleteMessageBatch", "DeleteMessage", messages::deleteBatch);
        built.message(
                "ChangeMessageVisibility", "ChangeMessageVisibility", messages::changeVisibility);
        built.message(
                "ChangeMessageVisibilityBatch",
                "ChangeMessageVisibility",
                messages::changeVisibilityBatch);
        return new ServedService("sqs", "sqs.amazonaws.com", model, Map.copyOf(built.operations));
    }

    /// SQS's own words for an input that its model does not allow.
    static Failure refine(Violations violations) {
        var first = violations.found().getFirst();
        if (first.constraint().equals("Member must not be null")) {
            var path = first.path();
            var name = path.substring(path.lastIndexOf('.') + 1);
            return new Failure(
                    ErrorCode.MISSING_REQUIRED_PARAMETER,
                    "The request must contain the parameter %s%s."
                            .formatted(Character.toUpperCase(name.charAt(0)), name.substring(1)));
        }
        return new Failure(ErrorCode.INVALID_PARAMETER_VALUE, violations.message());
    }

    private record Built(Queues queues, Map<String, BuiltOperation> operations) {
        Built(Queues queues) {
            this(queues, new HashMap<>());
        }

        void ofAccount(String name, Operation operation) {
            operations.put(name, BuiltOperation.own(action(name, operation), operation));
        }

        void owned(String name, Operation operation) {
            operations.put(name, QueueCall.on(queues, action(name, operation), false, operation));
        }

        void shared(String name, Operation operation) {
            operations.put(name, QueueCall.on(queues, action(name, operation), true, operation));
        }

        /// @param right what IAM calls it: batches have no right of their own
        void message(String name, String right, Operation.Message operation) {
            operations.put(
                    name,
                    QueueCall.on(queues, Action.operate("sqs", right), true, operation)
                            .withDataPlane(_ -> true));
        }

        private static Action action(String name, Operation operation) {
            return operation instanceof Operation.Read
                    ? Action.read("sqs", name)
                    : Action.operate("sqs", name);
        }
    }
}

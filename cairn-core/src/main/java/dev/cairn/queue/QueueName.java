package dev.cairn.queue;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which queue: names are unique within an account and region.
///
/// @param name 1 to 80 letters, digits, hyphens and underscores
public record QueueName(String account, String region, String name) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,80}");
    private static final Pattern ARN =
            Pattern.compile("arn:aws[a-z-]*:sqs:([a-z0-9-]{1,40}):(\\d{12}):([A-Za-z0-9_-]{1,80})");

    /// Whether a queue may have that name.
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /// The queue that an ARN names; empty when it is not the ARN of a standard queue.
    public static Optional<QueueName> ofArn(String arn) {
        Matcher parts = ARN.matcher(arn);
        return parts.matches()
                ? Optional.of(new QueueName(parts.group(2), parts.group(1), parts.group(3)))
                : Optional.empty();
    }

    /// Its ARN, such as `arn:aws:sqs:us-east-1:123456789012:notices`.
    public String arn() {
        return "arn:aws:sqs:%s:%s:%s".formatted(region, account, name);
    }

    /// The key of its document.
    String key() {
        return place() + name;
    }

    /// What the keys of all queues of its account and region start with.
    String place() {
        return account + "/" + region + "/";
    }
}

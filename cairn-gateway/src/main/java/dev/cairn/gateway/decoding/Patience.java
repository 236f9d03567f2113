package dev.cairn.gateway.decoding;

import static java.util.Map.entry;

import java.time.Duration;
import java.util.Map;

/// How long a server may say nothing while it works on a call: of most as long as the operator
/// says, of those whose answer is known to take its time, longer.
///
/// From the services' own pages: how long a poll waits, a function, a model or a workflow may run,
/// and what they advise clients to wait.
public final class Patience {
    private static final Duration POLL = Duration.ofSeconds(90);
    private static final Duration FUNCTION = Duration.ofMinutes(16);
    private static final Duration WORKFLOW = Duration.ofMinutes(6);
    private static final Duration INFERENCE = Duration.ofMinutes(61);

    private static final Map<String, Duration> LONG =
            Map.ofEntries(
                    entry("swf PollForActivityTask", POLL),
                    entry("swf PollForDecisionTask", POLL),
                    entry("states GetActivityTask", POLL),
                    entry("states StartSyncExecution", WORKFLOW),
                    entry("states TestState", WORKFLOW),
                    entry("lambda Invoke", FUNCTION),
                    entry("lambda InvokeWithResponseStream", FUNCTION),
                    entry("sagemaker InvokeEndpoint", Duration.ofMinutes(2)),
                    entry("sagemaker InvokeEndpointWithResponseStream", Duration.ofMinutes(9)),
                    entry("bedrock Converse", INFERENCE),
                    entry("bedrock ConverseStream", INFERENCE),
                    entry("bedrock InvokeModel", INFERENCE),
                    entry("bedrock InvokeModelWithResponseStream", INFERENCE));

    private Patience() {}

    /// What is known of an operation; zero for most.
    public static Duration of(Named name) {
        var source = name.eventSource();
        var dot = source.indexOf('.');
        return LONG.getOrDefault(
                source.substring(0, dot < 0 ? source.length() : dot) + " " + name.eventName(),
                Duration.ZERO);
    }
}

package dev.cairn.recorder.spring;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// `cairn.recorder.…` in an application's properties; see [dev.cairn.recorder.Recorder.Builder].
///
/// @param endpoint where Cairn is; without it nothing is recorded
/// @param token made with `cairn token create --for intake`; or a key:
/// @param accessKeyId of a key that allows `operate`
/// @param secretAccessKey of the same
/// @param account whose the events are
/// @param region where they are from
/// @param source their event source; the application's name when left out
/// @param spool a folder for this application alone
/// @param spoolMax how much of the disk the spool may take
/// @param waitForRoom how long a request waits for room in a full spool
/// @param closeWait how long events are sent while the application ends
/// @param redact parameters to hide in every event
/// @param annotatedOnly whether only methods with [Recorded] are recorded, rather than all
/// @param routes what requests are recorded as by their path, before any method is asked
@ConfigurationProperties("cairn.recorder")
public record RecorderProperties(
        URI endpoint,
        @Nullable String token,
        @Nullable String accessKeyId,
        @Nullable String secretAccessKey,
        String account,
        @DefaultValue("us-east-1") String region,
        @Nullable String source,
        @DefaultValue("cairn-spool") String spool,
        @DefaultValue("256MB") DataSize spoolMax,
        @DefaultValue("0s") Duration waitForRoom,
        @DefaultValue("2s") Duration closeWait,
        @DefaultValue List<String> redact,
        @DefaultValue("false") boolean annotatedOnly,
        @DefaultValue List<RouteProperties> routes) {

    /// `cairn.recorder.routes[0].…`
    ///
    /// @param method such as `POST`, or `*`
    /// @param path such as `/orders/{orderId}`
    /// @param event what such a call does
    /// @param readOnly whether it only looks; by its method when left out
    /// @param data whether its events are data events
    /// @param body whether what a body says is among the parameters
    /// @param redact parameters to hide
    /// @param resources types and ARNs: `Shop::Order
    ///   arn:shop:orders:{region}:{account}:order/{orderId}`
    public record RouteProperties(
            @DefaultValue("*") String method,
            String path,
            String event,
            @Nullable Boolean readOnly,
            @DefaultValue("false") boolean data,
            @DefaultValue("false") boolean body,
            @DefaultValue List<String> redact,
            @DefaultValue List<String> resources) {}

    @Override
    public String toString() {
        return "RecorderProperties[" + endpoint + "]";
    }
}

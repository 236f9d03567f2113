package dev.cairn.channel;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A channel as its owner asked for it. Immutable.
///
/// @param id a UUID in lower case, the last part of its ARN
/// @param account whose it is, 12 digits
/// @param region where it was created; its events are of that region
/// @param name unique within account and region
/// @param source where its events come from: `Custom`, or the name of a partner of AWS's
/// @param destinations the ARNs of the event data stores it feeds
/// @param tags in order of key
/// @param policy its resource policy as it was written; null when it has none
public record Channel(
        String id,
        String account,
        String region,
        String name,
        String source,
        List<String> destinations,
        Map<String, String> tags,
        @Nullable String policy) {
    public Channel {
        destinations = List.copyOf(destinations);
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /// Its ARN, the same for ever.
    public String arn() {
        return new ChannelArn(region, account, id).toString();
    }

    /// The same channel with another name, and other destinations.
    public Channel renamed(String other, List<String> others) {
        return new Channel(id, account, region, other, source, others, tags, policy);
    }

    /// The same channel with other tags.
    public Channel tagged(Map<String, String> others) {
        return new Channel(id, account, region, name, source, destinations, others, policy);
    }

    /// The same channel with another policy, or none.
    public Channel guarded(@Nullable String other) {
        return new Channel(id, account, region, name, source, destinations, tags, other);
    }
}

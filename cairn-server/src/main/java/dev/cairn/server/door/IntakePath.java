package dev.cairn.server.door;

import dev.cairn.gateway.source.Source;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where a request on `/intake/v1/` goes: `events`, or a source with the account and region of its
/// events, such as `minio`, `minio/eu-west-1` or `minio/123456789012/eu-west-1`.
///
/// They stand in the path, because not every sender keeps a query: Kubernetes' API server drops it.
///
/// @param source null for events
/// @param account empty for the sender's
/// @param region empty for the server's
record IntakePath(@Nullable Source source, String account, String region) {
    static final String PREFIX = "/intake/v1/";
    private static final String EVENTS = "events";

    /// What OTLP's exporters put behind the address they are given.
    private static final String OTLP_SIGNAL = "/v1/logs";

    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern REGION = Pattern.compile("[a-z][a-z0-9-]{0,31}");

    /// @return empty for a path that is none of these
    static Optional<IntakePath> of(String rawPath, Map<String, Source> sources) {
        if (!rawPath.startsWith(PREFIX)) {
            return Optional.empty();
        }
        var rest = rawPath.substring(PREFIX.length());
        if (rest.equals(EVENTS)) {
            return Optional.of(new IntakePath(null, "", ""));
        }
        if (rest.endsWith(OTLP_SIGNAL)) {
            rest = rest.substring(0, rest.length() - OTLP_SIGNAL.length());
        }
        var parts = List.of(rest.split("/", -1));
        var source = sources.get(parts.getFirst());
        if (source == null) {
            return Optional.empty();
        }
        var account = "";
        var region = "";
        for (var part : parts.subList(1, parts.size())) {
            if (account.isEmpty() && region.isEmpty() && ACCOUNT.matcher(part).matches()) {
                account = part;
            } else if (region.isEmpty() && REGION.matcher(part).matches()) {
                region = part;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(new IntakePath(source, account, region));
    }

    /// The same place for another source.
    IntakePath with(Source other) {
        return new IntakePath(other, account, region);
    }

    /// What to expect instead of a path that is none.
    static String expected(Map<String, Source> sources) {
        return "expected %sevents, or one of %s, with /ACCOUNT, /REGION or /ACCOUNT/REGION behind it"
                .formatted(
                        PREFIX,
                        sources.keySet().stream()
                                .sorted()
                                .map(name -> PREFIX + name)
                                .collect(Collectors.joining(", ")));
    }
}

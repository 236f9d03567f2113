package dev.cairn.server.release;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.maven.artifact.versioning.ComparableVersion;
import org.jspecify.annotations.Nullable;

/// What a database says of one vulnerability: an entry in OSV's form
/// (<https://ossf.github.io/osv-schema/>), as far as libraries from Maven are concerned.
///
/// @param id such as `GHSA-…`
/// @param aliases other names of it, such as `CVE-…`
/// @param severity such as `HIGH`, or what the entry says in its place; empty when it says nothing
/// @param summary one line; may be empty
/// @param modified when the entry was last changed, as it stands there
/// @param affected the libraries it is about
public record Advisory(
        String id,
        List<String> aliases,
        String severity,
        String summary,
        String modified,
        List<Affected> affected) {
    private static final String ECOSYSTEM = "Maven";

    /// OSV's word for "before every version".
    private static final String FROM_THE_START = "0";

    public Advisory {
        aliases = List.copyOf(aliases);
        affected = List.copyOf(affected);
    }

    /// Versions of a library.
    ///
    /// @param coordinates `group:name`
    /// @param versions those that are named one by one
    /// @param ranges the others
    public record Affected(String coordinates, List<String> versions, List<Range> ranges) {
        public Affected {
            versions = List.copyOf(versions);
            ranges = List.copyOf(ranges);
        }

        boolean has(ComparableVersion version) {
            return versions.stream().map(ComparableVersion::new).anyMatch(version::equals)
                    || ranges.stream().anyMatch(range -> range.has(version));
        }
    }

    /// A range of versions in Maven's order, told by what happened along it.
    ///
    /// @param events in Maven's order of their versions
    /// @param limits versions from which on the range says nothing; empty: it has no end
    public record Range(List<Event> events, List<ComparableVersion> limits) {
        public Range {
            events = events.stream().sorted().toList();
            limits = List.copyOf(limits);
        }

        /// OSV's own way to judge (<https://ossf.github.io/osv-schema/#evaluation>).
        boolean has(ComparableVersion version) {
            if (!limits.isEmpty()
                    && limits.stream().noneMatch(limit -> version.compareTo(limit) < 0)) {
                return false;
            }
            var vulnerable = false;
            for (var event : events) {
                vulnerable = event.after(version, vulnerable);
            }
            return vulnerable;
        }
    }

    /// What happened at a version.
    ///
    /// @param version empty: before every version
    public record Event(What what, Optional<ComparableVersion> version)
            implements Comparable<Event> {
        /// In the order in which those of one version count.
        public enum What {
            INTRODUCED,
            FIXED,
            LAST_AFFECTED
        }

        /// Whether a version is vulnerable, given what it was before this event.
        boolean after(ComparableVersion asked, boolean before) {
            var order = version.map(asked::compareTo).orElse(1);
            return switch (what) {
                case INTRODUCED -> before || order >= 0;
                case FIXED -> before && order < 0;
                case LAST_AFFECTED -> before && order <= 0;
            };
        }

        @Override
        public int compareTo(Event other) {
            var order =
                    version.isPresent() && other.version.isPresent()
                            ? version.get().compareTo(other.version.get())
                            : Boolean.compare(version.isPresent(), other.version.isPresent());
            return order != 0 ? order : what.compareTo(other.what);
        }
    }

    /// Whether a library, as it is, is among those affected.
    boolean affects(Component component) {
        var version = new ComparableVersion(component.version());
        return affected.stream()
                .anyMatch(
                        it -> it.coordinates().equals(component.coordinates()) && it.has(version));
    }

    /// The first version after a library's in which this is mended.
    ///
    /// @return empty when the entry names none
    public Optional<String> fixedIn(Component component) {
        var version = new ComparableVersion(component.version());
        return affected.stream()
                .filter(it -> it.coordinates().equals(component.coordinates()))
                .flatMap(it -> it.ranges().stream())
                .filter(range -> range.has(version))
                .flatMap(range -> range.events().stream())
                .filter(event -> event.what() == Event.What.FIXED)
                .flatMap(event -> event.version().stream())
                .filter(fixed -> fixed.compareTo(version) > 0)
                .min(ComparableVersion::compareTo)
                .map(ComparableVersion::toString);
    }

    /// Reads an entry.
    ///
    /// @return empty when it was withdrawn
    /// @throws IllegalArgumentException when it has no id, or no libraries that it could be about
    static Optional<Advisory> of(JsonNode entry) {
        if (!entry.path("id").isTextual() || !entry.path("affected").isArray()) {
            throw new IllegalArgumentException(
                    "expected an entry in OSV's form, with id and affected");
        }
        if (entry.hasNonNull("withdrawn")) {
            return Optional.empty();
        }
        var affected = new ArrayList<Affected>();
        for (var part : entry.path("affected")) {
            var ecosystem = part.path("package").path("ecosystem").asText();
            // Repositories other than Maven Central follow behind a colon.
            if (ecosystem.equals(ECOSYSTEM) || ecosystem.startsWith(ECOSYSTEM + ":")) {
                affected.add(
                        new Affected(
                                part.path("package").path("name").asText(),
                                texts(part.path("versions")),
                                ranges(part.path("ranges"))));
            }
        }
        return Optional.of(
                new Advisory(
                        entry.path("id").asText(),
                        texts(entry.path("aliases")),
                        severity(entry),
                        entry.path("summary").asText(),
                        entry.path("modified").asText(),
                        affected));
    }

    private static String severity(JsonNode entry) {
        var word = entry.path("database_specific").path("severity").asText();
        return word.isEmpty()
                ? entry.path("severity").path(0).path("score").asText()
                : word.toUpperCase(Locale.ROOT);
    }

    private static List<Range> ranges(JsonNode nodes) {
        var ranges = new ArrayList<Range>();
        for (var node : nodes) {
            // Commits say nothing about a jar.
            if (!node.path("type").asText().equals("GIT")) {
                ranges.add(range(node.path("events")));
            }
        }
        return ranges;
    }

    private static Range range(JsonNode nodes) {
        var events = new ArrayList<Event>();
        var limits = new ArrayList<ComparableVersion>();
        for (var node : nodes) {
            add(events, Event.What.INTRODUCED, node.get("introduced"));
            add(events, Event.What.FIXED, node.get("fixed"));
            add(events, Event.What.LAST_AFFECTED, node.get("last_affected"));
            // "*" is the limit that every version is before.
            if (node.has("limit") && !node.path("limit").asText().equals("*")) {
                limits.add(new ComparableVersion(node.path("limit").asText()));
            }
        }
        return new Range(events, limits);
    }

    private static void add(List<Event> events, Event.What what, @Nullable JsonNode version) {
        if (version != null) {
            var text = version.asText();
            events.add(
                    new Event(
                            what,
                            text.equals(FROM_THE_START)
                                    ? Optional.empty()
                                    : Optional.of(new ComparableVersion(text))));
        }
    }

    private static List<String> texts(JsonNode nodes) {
        var texts = new ArrayList<String>();
        nodes.forEach(node -> texts.add(node.asText()));
        return texts;
    }
}

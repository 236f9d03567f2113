package dev.cairn.server.release;

import java.util.List;

/// A library of a release.
///
/// @param group such as `org.eclipse.jetty`
/// @param name such as `jetty-server`
/// @param version as Maven orders them, such as `12.1.14`
/// @param licences SPDX ids, or names where a library gives none of those; empty when it gives none
/// @param sha256 of its file, in lower-case hex; empty when the list has none
public record Component(
        String group, String name, String version, List<String> licences, String sha256) {
    public Component {
        licences = List.copyOf(licences);
    }

    /// As Maven and OSV name it, `group:name`.
    public String coordinates() {
        return group + ":" + name;
    }
}

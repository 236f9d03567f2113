package dev.cairn.server.configuration;

/// The version that was built, from the jar's manifest.
public final class Version {
    private Version() {}

    /// Such as `0.1.0`; `development` when not run from a jar.
    public static String current() {
        var version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}

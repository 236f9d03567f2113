package dev.cairn.server.configuration;

import java.time.Duration;

/// How event data stores are filled and queried, checked.
///
/// @param commitInterval how often tables take what was recorded
/// @param memoryBytes of each query, before it goes on disk
/// @param temporaryBytes of disk, for each query
/// @param queryTime how long a query may run
public record LakeSettings(
        Duration commitInterval, long memoryBytes, long temporaryBytes, Duration queryTime) {

    static LakeSettings of(Settings settings) throws SettingException {
        return new LakeSettings(
                Configuration.secondAtLeast(settings, Setting.LAKE_COMMIT_INTERVAL),
                settings.bytes(Setting.LAKE_MEMORY, 64L << 20, 1L << 50),
                settings.bytes(Setting.LAKE_TEMPORARY_SPACE, 1L << 20, 1L << 50),
                Configuration.secondAtLeast(settings, Setting.LAKE_QUERY_TIME));
    }
}

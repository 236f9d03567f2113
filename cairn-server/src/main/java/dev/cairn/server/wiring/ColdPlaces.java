package dev.cairn.server.wiring;

import dev.cairn.archive.ColdFiles;
import dev.cairn.distributed.archive.S3ColdFiles;
import dev.cairn.embedded.archive.DiskColdFiles;
import dev.cairn.embedded.disk.RealDisk;
import dev.cairn.server.configuration.ColdSettings;

/// Opens the colder place that settings name.
final class ColdPlaces {
    private ColdPlaces() {}

    /// Nothing is asked of it yet.
    static ColdFiles open(ColdSettings place) {
        return switch (place) {
            case ColdSettings.Folder(var path) -> new DiskColdFiles(new RealDisk(path));
            case ColdSettings.Elsewhere(var destination, var bucket, var prefix) ->
                    new S3ColdFiles(destination, bucket, prefix);
        };
    }
}

package dev.cairn.lake.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// A log file, and what tells whether it is still the same.
///
/// @param length in bytes, as it is kept
/// @param modified when it was last changed, in milliseconds since 1970
record LogFile(Path path, long length, long modified) {
    static LogFile of(Path path, BasicFileAttributes attributes) {
        return new LogFile(path, attributes.size(), attributes.lastModifiedTime().toMillis());
    }

    static LogFile of(Path path) throws IOException {
        return of(path, Files.readAttributes(path, BasicFileAttributes.class));
    }
}

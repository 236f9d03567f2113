package dev.cairn.lake.log;

import java.io.IOException;
import java.nio.file.Path;

/// A file of which something could not be read. What could be read is in the table all the same.
///
/// @param file its path
/// @param message what was found first
/// @param count how many records or places are bad; what stands behind a broken place may be lost
///   uncounted
public record BadFile(String file, String message, long count) {
    static BadFile unreadable(Path path, IOException failure) {
        return new BadFile(path.toString(), "cannot be read: " + failure, 1);
    }
}

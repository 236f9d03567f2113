package dev.cairn.embedded.archive;

import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads an object that lies in one file.
final class WholeReading implements Reading {
    private final ObjectFiles files;
    private final Stored object;
    private final String name;
    private final byte @Nullable [] dataKey;
    private final DiskFile file;

    private WholeReading(
            ObjectFiles files,
            Stored object,
            String name,
            byte @Nullable [] dataKey,
            DiskFile file) {
        this.files = files;
        this.object = object;
        this.name = name;
        this.dataKey = dataKey;
        this.file = file;
    }

    /// @param name the file that all of its bytes are in
    /// @param dataKey null for an object that has none
    static WholeReading open(
            ObjectFiles files, Stored object, String name, byte @Nullable [] dataKey)
            throws DiskException {
        return new WholeReading(files, object, name, dataKey, files.open(name));
    }

    @Override
    public Stored object() {
        return object;
    }

    @Override
    public InputStream bytes(long from, long length) {
        return files.content(file, name, dataKey, object.length(), from, length);
    }

    @Override
    public void close() {
        file.close();
    }
}

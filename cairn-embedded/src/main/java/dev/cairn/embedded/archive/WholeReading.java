package dev.cairn.embedded.archive;

import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.io.InputStream;

/// Reads an object that lies in one file.
final class WholeReading implements Reading {
    private final ObjectFiles files;
    private final Stored object;
    private final DiskFile file;

    private WholeReading(ObjectFiles files, Stored object, DiskFile file) {
        this.files = files;
        this.object = object;
        this.file = file;
    }

    static WholeReading open(ObjectFiles files, Stored object) throws DiskException {
        return new WholeReading(files, object, files.open(object.file()));
    }

    @Override
    public Stored object() {
        return object;
    }

    @Override
    public InputStream bytes(long from, long length) {
        return files.content(file, object.file(), object.length(), from, length);
    }

    @Override
    public void close() {
        file.close();
    }
}

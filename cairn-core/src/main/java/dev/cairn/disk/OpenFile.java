package dev.cairn.disk;

import java.nio.ByteBuffer;

/// A file that is open for reading, of a [Disk] or of another place that keeps files. Any thread
/// may read.
public interface OpenFile extends AutoCloseable {

    /// Reads from a position until the buffer is full or the file ends.
    ///
    /// @return how many bytes were read; fewer than remain in the buffer only at the end of the
    ///   file
    int read(ByteBuffer into, long at) throws DiskException;

    /// The file's size in bytes.
    long size() throws DiskException;

    @Override
    void close();
}

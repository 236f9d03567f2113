package dev.cairn.disk;

import java.nio.ByteBuffer;

/// An open file of a [Disk].
///
/// Any thread may read. One thread at a time writes. A thread that is interrupted while it reads or
/// writes gets a [DiskException], and the file may be closed by it: threads that can be interrupted
/// open their own.
public interface DiskFile extends OpenFile {

    /// Writes all that remains in the buffer. Past the end, the file grows. After an exception any
    /// part of it may have been written.
    void write(ByteBuffer bytes, long at) throws DiskException;

    /// Returns when all that was written is durable. After an exception nothing written since the
    /// last success can be trusted, not even if a later call succeeds: the operating system may
    /// have given those bytes up.
    void force() throws DiskException;

    /// Cuts the file off at a size; does nothing if it is shorter.
    void truncate(long size) throws DiskException;
}

package dev.cairn.archive;

import dev.cairn.disk.DiskException;
import dev.cairn.disk.OpenFile;
import java.nio.ByteBuffer;

/// The files of the colder place: a folder on slower and cheaper disks, or a bucket of an S3.
///
/// Each is written once, under a name that no file had before, such as `00000001/a0/a0b1…`, and is
/// read and deleted as a whole. What they hold is sealed before it comes here. Any thread may call
/// any method.
///
/// A place that is away fails with FAILED, in words that say where it is and what it answered.
public interface ColdFiles extends AutoCloseable {

    /// Where a file lies in its place: below this, by its name.
    String ROOT = "objects";

    /// Begins a file. Nothing of it can be read before it is finished, or it can be read to be
    /// unfinished.
    ///
    /// @param name that no file has or had
    Draft create(String name) throws DiskException;

    /// Opens a finished file.
    ///
    /// @throws DiskException NOT_FOUND when the place is there and the file is not
    OpenFile open(String name) throws DiskException;

    /// Deletes a file for good, or what there is of one that was never finished. It is fine when
    /// there is none.
    void delete(String name) throws DiskException;

    /// What the place is marked with, so that it can be told from another; empty when it is not.
    String mark() throws DiskException;

    /// Marks the place, durably, and in one step.
    ///
    /// @param text at most 100 bytes of UTF-8
    void mark(String text) throws DiskException;

    @Override
    void close();

    /// A file that is being written, by one thread.
    interface Draft extends AutoCloseable {
        /// Adds all that remains in the buffer.
        void append(ByteBuffer bytes) throws DiskException;

        /// Ends the file, and returns when it is durable by its name. Nothing may be added after.
        void finish() throws DiskException;

        /// Lets go of it. What was not finished may stay until it is deleted.
        @Override
        void close();
    }
}

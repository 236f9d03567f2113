package dev.cairn.disk;

import java.util.List;

/// A folder of files, with its durability spelt out.
///
/// Names are relative to the folder and use `/`: `ledger/0/00.segment`. What is written survives a
/// crash only after [DiskFile#force], and a name (created, renamed or deleted) only after [#force]
/// of the folder it stands in; before that, any part of it may survive and any part may not, in any
/// order. Any thread may call any method.
public interface Disk {

    /// Opens a file for reading.
    ///
    /// @throws DiskException with NOT_FOUND when there is none
    DiskFile open(String name) throws DiskException;

    /// Opens a file for reading and writing.
    ///
    /// @throws DiskException with NOT_FOUND when there is none
    DiskFile edit(String name) throws DiskException;

    /// Creates an empty file and opens it for reading and writing.
    ///
    /// @throws DiskException with EXISTS when the name is taken
    DiskFile create(String name) throws DiskException;

    /// Gives a file another name, in one step, in place of any file that has it. Both names must be
    /// in one folder.
    void rename(String from, String to) throws DiskException;

    /// Deletes a file. Those who have it open go on reading it.
    ///
    /// @throws DiskException with NOT_FOUND when there is none
    void delete(String name) throws DiskException;

    /// Creates a folder, and those above it, unless it is there.
    void createFolder(String name) throws DiskException;

    /// Makes the names in a folder durable. The empty name is the disk's own folder.
    void force(String folder) throws DiskException;

    /// The names of files and folders in a folder, without the folder's own, sorted.
    ///
    /// @throws DiskException with NOT_FOUND when there is no such folder
    List<String> list(String folder) throws DiskException;

    /// Whether there is a file or folder of this name.
    boolean exists(String name) throws DiskException;

    /// How many bytes may still be written.
    long free() throws DiskException;
}

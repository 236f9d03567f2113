package dev.cairn.lake.log;

/// Is told how far the reading of log files is. Any thread may tell it.
public interface Reading {
    /// @param done packed bytes read so far
    /// @param total packed bytes to be read
    /// @param events read so far
    void at(long done, long total, long events);
}

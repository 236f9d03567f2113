package dev.cairn.reader;

/// What to do about events that the disk does not give back at the moment.
public enum Unreadable {
    /// Fail: they may come back.
    WAIT,
    /// Set them aside.
    SET_ASIDE
}

package dev.cairn.reader;

/// What a step of a reader came to.
public enum Step {
    /// Everything is dealt with.
    IDLE,
    /// Something was recorded that nobody asked for, and was passed without being read.
    PASSED,
    /// There may be more.
    MORE
}

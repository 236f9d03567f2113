package dev.cairn.selector;

/// What a glance at a record tells of the question whether it is taken. Reading the whole record
/// never contradicts it.
public enum Verdict {
    /// It is taken.
    TAKEN,
    /// It is not taken.
    REFUSED,
    /// The record has to be read.
    UNSURE
}

package dev.cairn.intake;

import dev.cairn.event.RefusalCode;

/// What [RecordSplitter] finds next in a body.
public sealed interface Split {

    /// A record, still unread: a JSON value from its first byte to its last.
    ///
    /// @param index its place in the body, from 0, over all values found and refused
    @SuppressWarnings("ArrayRecordComponent") // The array's identity is never relied on.
    record Found(long index, byte[] json) implements Split {}

    /// Something that is no record, or a record that is too long. What follows it is still read
    /// where that can be done without guessing.
    record Refused(long index, RefusalCode code, String message) implements Split {}

    /// Nothing more.
    ///
    /// @param count how many values were found and refused
    record End(long count) implements Split {}
}

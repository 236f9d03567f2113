package dev.cairn.archive;

/// A key that one object is encrypted under.
///
/// @param plaintext 32 bytes, not to be kept
/// @param wrapped to be kept with the object
@SuppressWarnings("ArrayRecordComponent") // Handed over once; never compared.
public record DataKey(byte[] plaintext, WrappedKey wrapped) {
    @Override
    public String toString() {
        return "DataKey[****, %s]".formatted(wrapped.kmsKey());
    }
}

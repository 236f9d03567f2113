package dev.cairn.gateway.decoding;

/// The beginning of a body, as far as it was kept.
///
/// The array is handed over, not copied.
///
/// @param bytes what was kept
/// @param length how many bytes passed by
/// @param cut whether there is more than was kept: then what is here cannot be read as a document
@SuppressWarnings(
        "ArrayRecordComponent") // never compared; a copy of each body would be paid on every call
public record Kept(byte[] bytes, long length, boolean cut) {

    /// No body at all.
    public static final Kept NOTHING = new Kept(new byte[0], 0);

    /// As much as was kept of what passed by.
    public Kept(byte[] bytes, long length) {
        this(bytes, length, length > bytes.length);
    }

    /// A body kept whole.
    public static Kept whole(byte[] bytes) {
        return new Kept(bytes, bytes.length);
    }

    /// Its length only: bodies hold secrets.
    @Override
    public String toString() {
        return "Kept[" + bytes.length + " of " + length + " bytes]";
    }
}

package dev.cairn.gateway.decoding;

/// The beginning of a body, as far as it was kept.
///
/// The array is handed over, not copied.
///
/// @param bytes what was kept
/// @param length how many bytes passed by
@SuppressWarnings(
        "ArrayRecordComponent") // never compared; a copy of each body would be paid on every call
public record Kept(byte[] bytes, long length) {

    /// No body at all.
    public static final Kept NOTHING = new Kept(new byte[0], 0);

    /// A body kept whole.
    public static Kept whole(byte[] bytes) {
        return new Kept(bytes, bytes.length);
    }

    /// Whether bytes passed by that were not kept: then what is here cannot be read as a document.
    public boolean cut() {
        return length > bytes.length;
    }

    /// Its length only: bodies hold secrets.
    @Override
    public String toString() {
        return "Kept[" + bytes.length + " of " + length + " bytes]";
    }
}

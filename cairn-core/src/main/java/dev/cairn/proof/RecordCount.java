package dev.cairn.proof;

/// Counts the records of a log file, `{"Records":[{…},{…}]}`, as its bytes go by.
///
/// Believes that it is JSON: whoever asks has the file's hash.
final class RecordCount implements Gunzip.Sink {
    /// Within the object, and within its list.
    private static final int AMONG_RECORDS = 2;

    private long records;
    private int depth;
    private boolean text;
    private boolean escaped;

    @Override
    public void take(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            byte b = bytes[i];
            if (text) {
                text = escaped || b != '"';
                escaped = !escaped && b == '\\';
            } else if (b == '"') {
                text = true;
            } else if (b == '{' || b == '[') {
                records += b == '{' && depth == AMONG_RECORDS ? 1 : 0;
                depth++;
            } else if (b == '}' || b == ']') {
                depth--;
            }
        }
    }

    long records() {
        return records;
    }
}

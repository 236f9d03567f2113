package dev.cairn.intake;

import dev.cairn.event.RefusalCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Takes a body apart into records, each with exactly the bytes it has there.
///
/// It takes whatever producers write: a log file `{"Records":[…]}` (the member anywhere among
/// others), an array, one record a line, records one after the other, one record alone; also
/// several log files in one body. It only follows strings and brackets: whether a record is sound
/// JSON is for [dev.cairn.event.EventReader] to say.
///
/// Memory: one record of at most `recordBytesMax` and a buffer, however long the body. Not safe for
/// use by several threads at once.
public final class RecordSplitter {
    private static final int BUFFER_BYTES = 16 * 1024;

    /// After so many broken lines a body is taken for something else.
    private static final int BROKEN_MAX = 1_000;

    private final InputStream in;
    private final int recordBytesMax;

    /// The name of the member that makes an object a file of records.
    private final byte[] list;

    private byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int limit;

    /// How many bytes of the body lie before the buffer's first.
    private long before;

    /// Where the record being kept begins in the buffer; -1 when none is.
    private int keptFrom = -1;

    private long valueFrom;
    private Place place = Place.START;
    private boolean afterItem;
    private int broken;
    private long index;

    /// Where in the body the next byte stands.
    private enum Place {
        START,
        /// Between values.
        TOP,
        /// In an array of records that stands alone.
        ARRAY,
        /// In the array of a log file.
        RECORDS,
        /// After that array, in the log file's object.
        FILE,
        END
    }

    /// How following a value ended.
    private enum Followed {
        WHOLE,
        /// The object turned out to be a log file; the next byte is its array's first.
        LOG_FILE,
        BODY_ENDED,
        /// A string with a raw line end, or an object where none can stand: the value's end is
        /// missing.
        BROKEN
    }

    /// @param in the body, unpacked; read to its end, and not closed
    /// @param recordBytesMax longer records are refused, and passed over without being kept
    public RecordSplitter(InputStream in, int recordBytesMax) {
        this(in, recordBytesMax, "Records");
    }

    /// For what is no log file of CloudTrail's, but has the same form.
    ///
    /// @param list the name of the member whose array holds the records, of ASCII
    public RecordSplitter(InputStream in, int recordBytesMax, String list) {
        this.in = in;
        this.recordBytesMax = recordBytesMax;
        this.list = list.getBytes(StandardCharsets.US_ASCII);
    }

    /// Finds the next record. After [Split.End] it keeps answering that.
    ///
    /// @throws IOException what the body's stream throws
    public Split next() throws IOException {
        while (true) {
            Split split =
                    switch (place) {
                        case START -> start();
                        case TOP -> top();
                        case ARRAY, RECORDS -> item();
                        case FILE -> rest();
                        case END -> new Split.End(index);
                    };
            if (split != null) {
                return split;
            }
        }
    }

    /// Passes over a byte order mark (RFC 8259 lets readers do so).
    private @Nullable Split start() throws IOException {
        place = Place.TOP;
        while (limit - at < 3 && fill()) {
            // Until three bytes are there or the body ends.
        }
        if (limit - at >= 3
                && buffer[at] == (byte) 0xef
                && buffer[at + 1] == (byte) 0xbb
                && buffer[at + 2] == (byte) 0xbf) {
            at += 3;
        }
        return null;
    }

    private @Nullable Split top() throws IOException {
        if (!blank()) {
            place = Place.END;
            return null;
        }
        return switch (buffer[at]) {
            case '{' -> {
                begin();
                yield ended(object(true));
            }
            case '[' -> {
                at++;
                afterItem = false;
                place = Place.ARRAY;
                yield null;
            }
            default -> stray();
        };
    }

    /// A byte that begins no record. Between lines of records it spoils its line only.
    private Split stray() throws IOException {
        String message =
                "expected a JSON object or array, got byte 0x%02x at %d"
                        .formatted(buffer[at], position());
        if (index == 0 || broken == BROKEN_MAX) {
            place = Place.END;
            return refused(RefusalCode.INVALID_JSON, message);
        }
        line();
        broken++;
        return refused(RefusalCode.INVALID_JSON, message);
    }

    /// Goes to the end of the line.
    private void line() throws IOException {
        while (at < limit || fill()) {
            if (buffer[at++] == '\n') {
                return;
            }
        }
    }

    private @Nullable Split item() throws IOException {
        if (!blank()) {
            return truncated();
        }
        byte first = buffer[at];
        if (first == ']') {
            at++;
            place = place == Place.ARRAY ? Place.TOP : Place.FILE;
            return null;
        }
        if (first == ',' && afterItem) {
            at++;
            afterItem = false;
            return null;
        }
        if (first == ',' || first == '}' || first == ':' || afterItem) {
            place = Place.END;
            return refused(
                    RefusalCode.INVALID_JSON,
                    "expected a record, a comma or the end of the array, got byte 0x%02x at %d"
                            .formatted(first, position()));
        }
        afterItem = true;
        begin();
        Followed followed =
                switch (first) {
                    case '{' -> object(false);
                    case '[' -> nested();
                    case '"' -> stringMatching() < 0 ? cut() : Followed.WHOLE;
                    default -> word();
                };
        return ended(followed);
    }

    /// The log file's members after its records.
    private @Nullable Split rest() throws IOException {
        keptFrom = -1;
        return switch (members(true, 1)) {
            case WHOLE -> {
                place = Place.TOP;
                yield null;
            }
            case LOG_FILE -> {
                place = Place.RECORDS;
                afterItem = false;
                yield null;
            }
            case BODY_ENDED -> truncated();
            case BROKEN -> {
                place = Place.END;
                yield refused(
                        RefusalCode.INVALID_JSON,
                        "expected the end of the log file, got something else at byte "
                                + position());
            }
        };
    }

    private void begin() {
        keptFrom = at;
        valueFrom = position();
    }

    private @Nullable Split ended(Followed followed) {
        int from = keptFrom;
        keptFrom = -1;
        return switch (followed) {
            case WHOLE -> {
                long bytes = position() - valueFrom;
                if (from < 0 || bytes > recordBytesMax) {
                    yield refused(
                            RefusalCode.EVENT_TOO_LARGE,
                            "expected at most %d bytes, got %d".formatted(recordBytesMax, bytes));
                }
                yield new Split.Found(index++, Arrays.copyOfRange(buffer, from, at));
            }
            case LOG_FILE -> {
                place = Place.RECORDS;
                afterItem = false;
                yield null;
            }
            case BODY_ENDED -> truncated();
            case BROKEN -> {
                boolean goesOn = place == Place.TOP && broken++ < BROKEN_MAX;
                place = goesOn ? Place.TOP : Place.END;
                yield refused(
                        RefusalCode.INVALID_JSON,
                        "expected the end of the record that begins at byte %d, got something else at byte %d"
                                .formatted(valueFrom, position()));
            }
        };
    }

    private Split truncated() {
        place = Place.END;
        return refused(
                RefusalCode.INCOMPLETE_BODY,
                "expected the rest of the body, got its end after %d bytes".formatted(position()));
    }

    private Split refused(RefusalCode code, String message) {
        return new Split.Refused(index++, code, message);
    }

    /// Follows an object; the next byte is its first.
    ///
    /// @param mayBeFile whether a member `Records` with an array makes it a log file
    private Followed object(boolean mayBeFile) throws IOException {
        at++;
        return members(mayBeFile, 1);
    }

    private Followed nested() throws IOException {
        at++;
        return members(false, 1);
    }

    /// Follows what is open to its end.
    ///
    /// @param mayBeFile as in [#object]; then the depth is 1 at the object's own members
    private Followed members(boolean mayBeFile, int open) throws IOException {
        int depth = open;
        byte previous = ',';
        boolean recordsKey = false;
        boolean lineBegins = false;
        while (at < limit || fill()) {
            byte b = buffer[at];
            switch (b) {
                case '"' -> {
                    boolean key = mayBeFile && depth == 1 && previous != ':';
                    int matched = stringMatching();
                    if (matched < 0) {
                        return cut();
                    }
                    recordsKey = key && matched == list.length;
                    previous = '"';
                    lineBegins = false;
                    continue;
                }
                case '{' -> {
                    if (previous != ',' && previous != ':' && previous != '[') {
                        // The next record, if it begins a line; else nobody knows.
                        if (!lineBegins) {
                            keptFrom = -1;
                            line();
                        }
                        return Followed.BROKEN;
                    }
                    depth++;
                    previous = b;
                }
                case '[' -> {
                    if (recordsKey && previous == ':') {
                        at++;
                        return Followed.LOG_FILE;
                    }
                    depth++;
                    previous = b;
                }
                case '}', ']' -> {
                    depth--;
                    previous = b;
                    if (depth == 0) {
                        at++;
                        return Followed.WHOLE;
                    }
                }
                case '\n' -> {
                    lineBegins = true;
                    at++;
                    continue;
                }
                case ' ', '\t', '\r' -> {
                    at++;
                    continue;
                }
                default -> previous = b;
            }
            lineBegins = false;
            at++;
        }
        return Followed.BODY_ENDED;
    }

    /// How a value ended whose string has no end.
    private Followed cut() throws IOException {
        return at < limit || fill() ? Followed.BROKEN : Followed.BODY_ENDED;
    }

    /// Follows a string; the next byte is its quote.
    ///
    /// @return how many bytes of the list's name it is, 0 when it is another word; -1 when it has
    ///   no end, and then the next byte is the line end that no string can have, if any
    private int stringMatching() throws IOException {
        at++;
        int length = 0;
        boolean same = true;
        while (at < limit || fill()) {
            if (!same) {
                at = plainEnd();
                if (at == limit) {
                    continue;
                }
            }
            byte b = buffer[at];
            if (b == '"') {
                at++;
                return same && length == list.length ? length : 0;
            }
            if (b == '\n') {
                return -1;
            }
            if (b == '\\') {
                same = false;
                at++;
                if (at == limit && !fill()) {
                    return -1;
                }
            } else {
                same = length < list.length && list[length] == b;
                length++;
            }
            at++;
        }
        return -1;
    }

    /// Where the next byte stands that means something inside a string; the limit when none of
    /// those in the buffer does. Most of a body's bytes pass here.
    private int plainEnd() {
        byte[] bytes = buffer;
        int end = limit;
        int i = at;
        while (i < end) {
            byte b = bytes[i];
            if (b == '"' || b == '\\' || b == '\n') {
                break;
            }
            i++;
        }
        return i;
    }

    /// Follows a number, a truth, null or rubbish inside an array.
    private Followed word() throws IOException {
        while (at < limit || fill()) {
            switch (buffer[at]) {
                case ',', ']', '}', ' ', '\t', '\r', '\n' -> {
                    return Followed.WHOLE;
                }
                default -> at++;
            }
        }
        return Followed.BODY_ENDED;
    }

    /// Passes over white space; false at the end of the body.
    private boolean blank() throws IOException {
        while (at < limit || fill()) {
            byte b = buffer[at];
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return true;
            }
            at++;
        }
        return false;
    }

    private long position() {
        return before + at;
    }

    /// Reads on. Bytes of the record being kept stay in the buffer, unless they have become too
    /// many: then the record is no longer kept.
    private boolean fill() throws IOException {
        if (keptFrom >= 0 && at - keptFrom > recordBytesMax) {
            keptFrom = -1;
        }
        int from = keptFrom >= 0 ? keptFrom : at;
        if (from > 0) {
            System.arraycopy(buffer, from, buffer, 0, limit - from);
            before += from;
            at -= from;
            limit -= from;
            if (keptFrom >= 0) {
                keptFrom = 0;
            }
        }
        if (limit == buffer.length) {
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        }
        int read = in.read(buffer, limit, buffer.length - limit);
        while (read == 0) {
            read = in.read(buffer, limit, buffer.length - limit);
        }
        if (read < 0) {
            return false;
        }
        limit += read;
        return true;
    }
}

package dev.cairn.embedded.history;

import dev.cairn.event.Place;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.NumericUtils;
import org.apache.lucene.util.StringHelper;

/// What one event becomes in an index.
///
/// A record has any number of paths, and Lucene pays for a field in every segment; so there is a
/// fixed set of fields, and the path is part of the term:
///
/// | field | kind | holds |
/// |---|---|---|
/// | `json` | stored | the record's bytes |
/// | `time` | doc values, first sort key, descending | eventTime in milliseconds |
/// | `order` | doc values, second sort key | eventID, account, region: no two events share it |
/// | `position` | doc values | the offset in the partition |
/// | `origin` | doc values | [dev.cairn.ledger.Origin#code] |
/// | `partition` | terms | the partition: its document frequency is the count of events delivered |
/// | `place` | terms | account and region |
/// | `term` | terms | path, [#SEPARATOR], value: the record's own |
/// | `derived` | terms | the same for derived paths, where they add to the record |
/// | `number` | terms | path, separator, eight bytes that sort as the value's number does |
/// | `path` | terms | each path that has others below it: what exists there |
/// | `word` | terms | each word of each value, but of [dev.cairn.history.Phrase#WHOLE_PATHS] |
/// | `any` | terms | eight bytes of hash of each value, but at [#USUAL_PATHS]; and of each tail of an ARN |
///
/// Terms have no frequencies and no positions: events are not ranked, and positions would cost more
/// than the record itself. A phrase finds candidates by its words and then reads them. Hashes of
/// eight bytes instead of the values keep `any` small; that two values of one installation share
/// one is less likely than a fault of the disk, and would only show one event too many.
///
/// Values are cut at [#VALUE_BYTES_MAX] bytes in terms, words at [#WORD_POINTS_MAX] code points.
/// What was cut is marked, and a question that depends on the rest reads the marked records.
final class Layout {
    static final String JSON = "json";
    static final String TIME = "time";
    static final String ORDER = "order";
    static final String POSITION = "position";
    static final String ORIGIN = "origin";
    static final String PARTITION = "partition";
    static final String PLACE = "place";
    static final String TERM = "term";
    static final String DERIVED = "derived";
    static final String NUMBER = "number";
    static final String PATH = "path";
    static final String WORD = "word";
    static final String ANY = "any";

    /// Never occurs in UTF-8, so that no path or value can be mistaken for another's.
    static final byte SEPARATOR = (byte) 0xFF;

    static final int VALUE_BYTES_MAX = 1024;

    static final int WORD_POINTS_MAX = 64;

    /// ARNs with more tails are marked instead.
    static final int TAILS_MAX = 16;

    /// Paths that most records have. A value at any path is looked for at these one by one, so that
    /// their values, which are most of a record's and among them its unique ids, need no hash.
    static final Set<String> USUAL_PATHS =
            Set.of(
                    "eventVersion",
                    "eventTime",
                    "eventSource",
                    "eventName",
                    "awsRegion",
                    "sourceIPAddress",
                    "userAgent",
                    "requestID",
                    "eventID",
                    "eventType",
                    "eventCategory",
                    "readOnly",
                    "managementEvent",
                    "recipientAccountId",
                    "requestParameters",
                    "responseElements",
                    "userIdentity.type",
                    "userIdentity.principalId",
                    "userIdentity.arn",
                    "userIdentity.accountId",
                    "userIdentity.accessKeyId",
                    "userIdentity.userName",
                    "userIdentity.sessionContext.attributes.creationDate",
                    "userIdentity.sessionContext.attributes.mfaAuthenticated",
                    "userIdentity.sessionContext.sessionIssuer.type",
                    "userIdentity.sessionContext.sessionIssuer.principalId",
                    "userIdentity.sessionContext.sessionIssuer.arn",
                    "userIdentity.sessionContext.sessionIssuer.accountId",
                    "userIdentity.sessionContext.sessionIssuer.userName",
                    "tlsDetails.tlsVersion",
                    "tlsDetails.cipherSuite",
                    "tlsDetails.clientProvidedHostHeader",
                    "additionalEventData.x-amz-id-2");

    private Layout() {}

    /// Path and value as one term.
    static BytesRef term(String path, String value) {
        return term(path, value.getBytes(StandardCharsets.UTF_8));
    }

    static BytesRef term(String path, byte[] value) {
        return term(start(path), value);
    }

    /// What the terms of a path begin with.
    static byte[] start(String path) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        byte[] start = Arrays.copyOf(name, name.length + 1);
        start[name.length] = SEPARATOR;
        return start;
    }

    static BytesRef term(byte[] start, byte[] value) {
        int length = Math.min(value.length, VALUE_BYTES_MAX);
        byte[] term = Arrays.copyOf(start, start.length + length);
        System.arraycopy(value, 0, term, start.length, length);
        return new BytesRef(term);
    }

    /// Whether a value is not, or may not be, whole in its term. One that just fits counts as cut,
    /// so that a term of full length is known for what it may be.
    static boolean isCut(byte[] value) {
        return value.length >= VALUE_BYTES_MAX;
    }

    /// Marks that a value at the path was cut: a value that is none.
    static BytesRef cutMark(String path) {
        return term(path, new byte[] {SEPARATOR});
    }

    /// Marks that something of the record was cut: a path and a value that are none.
    static BytesRef cutMark() {
        return new BytesRef(new byte[] {SEPARATOR, SEPARATOR, SEPARATOR});
    }

    static BytesRef number(String path, double number) {
        byte[] bytes = new byte[Long.BYTES];
        NumericUtils.longToSortableBytes(NumericUtils.doubleToSortableLong(number), bytes, 0);
        return term(path, bytes);
    }

    /// The hash that stands for a whole value.
    static BytesRef whole(byte[] value, int offset, int length) {
        return hash(value, offset, length, 0x57);
    }

    /// The hash that stands for the end of an ARN.
    static BytesRef tail(byte[] value, int offset, int length) {
        return hash(value, offset, length, 0x54);
    }

    private static BytesRef hash(byte[] value, int offset, int length, int seed) {
        long hash = StringHelper.murmurhash3_x64_128(value, offset, length, seed)[0];
        byte[] bytes = new byte[Long.BYTES];
        NumericUtils.longToSortableBytes(hash, bytes, 0);
        return new BytesRef(bytes);
    }

    static BytesRef place(Place place) {
        return new BytesRef(place.account() + '\0' + place.region());
    }

    /// The second sort key. Its parts end in two bytes that sort before whatever may follow, so
    /// that the whole sorts as its parts do one after the other, and can be taken apart again.
    static BytesRef order(String id, Place place) {
        byte[] key =
                new byte
                        [3 * (id.length() + place.account().length() + place.region().length()) * 2
                                + 6];
        int end = orderPart(id, key, 0);
        end = orderPart(place.account(), key, end);
        end = orderPart(place.region(), key, end);
        return new BytesRef(Arrays.copyOf(key, end));
    }

    private static int orderPart(String part, byte[] key, int at) {
        int end = at;
        for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
            key[end++] = b;
            if (b == 0) {
                key[end++] = SEPARATOR;
            }
        }
        key[end++] = 0;
        key[end++] = 0;
        return end;
    }

    /// The parts of a sort key: id, account, region.
    static String[] orderParts(BytesRef key) {
        String[] parts = new String[3];
        byte[] part = new byte[key.length];
        int length = 0;
        int found = 0;
        for (int at = key.offset; at < key.offset + key.length; at++) {
            byte b = key.bytes[at];
            if (b != 0) {
                part[length++] = b;
            } else if (key.bytes[++at] == SEPARATOR) {
                part[length++] = 0;
            } else {
                parts[found++] = new String(part, 0, length, StandardCharsets.UTF_8);
                length = 0;
            }
        }
        return parts;
    }
}

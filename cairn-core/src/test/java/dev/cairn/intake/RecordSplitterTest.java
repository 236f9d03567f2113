package dev.cairn.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.RefusalCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class RecordSplitterTest {
    private static final int MAX = 1_000;

    @Test
    void aLogFileGivesItsRecordsByteForByte() throws IOException {
        assertThat(split("{\"Records\":[{\"a\" : 1},{\"b\":\"}]\\\"\"}]}"))
                .containsExactly("{\"a\" : 1}", "{\"b\":\"}]\\\"\"}", "end 2");
    }

    @Test
    void recordsMayStandAmongOtherMembers() throws IOException {
        assertThat(
                        split(
                                "{\"v\":{\"Records\":[0]},\"w\":[\"Records\"],\"Records\" : [ {\"a\":1} ] ,\"Records\":[{\"b\":2}],\"x\":[1]}\n"))
                .containsExactly("{\"a\":1}", "{\"b\":2}", "end 2");
    }

    @Test
    void anObjectWithoutAnArrayOfRecordsIsOneRecord() throws IOException {
        assertThat(split(" {\n \"Records\": {\"a\": [1]}\n}\r\n"))
                .containsExactly("{\n \"Records\": {\"a\": [1]}\n}", "end 1");
    }

    @Test
    void anArrayGivesItsItems() throws IOException {
        assertThat(split("[{\"a\":1}, 7 ,\"x,]\", [{}] ,null]"))
                .containsExactly("{\"a\":1}", "7", "\"x,]\"", "[{}]", "null", "end 5");
    }

    @Test
    void linesGiveOneRecordEachWhateverTheirEnds() throws IOException {
        assertThat(split("\ufeff{\"a\":1}\r\n\n{\"b\":2}\n   \n{\"c\":3}"))
                .containsExactly("{\"a\":1}", "{\"b\":2}", "{\"c\":3}", "end 3");
    }

    @Test
    void recordsOneAfterTheOtherNeedNothingBetweenThem() throws IOException {
        assertThat(split("{\"a\":1}{\"b\":2}{\"Records\":[{\"c\":3}]}[{\"d\":4}]"))
                .containsExactly("{\"a\":1}", "{\"b\":2}", "{\"c\":3}", "{\"d\":4}", "end 4");
    }

    @Test
    void emptyBodiesHaveNoRecords() throws IOException {
        assertThat(split("")).containsExactly("end 0");
        assertThat(split(" \n")).containsExactly("end 0");
        assertThat(split("\ufeff")).containsExactly("end 0");
        assertThat(split("[]")).containsExactly("end 0");
        assertThat(split("{\"Records\":[]}")).containsExactly("end 0");
    }

    @Test
    void aRecordTooLongIsRefusedAndTheRestGoesOn() throws IOException {
        String fits = "{\"a\":\"" + "x".repeat(MAX - 8) + "\"}";
        String tooLong = "{\"a\":\"" + "x".repeat(MAX - 7) + "\"}";
        String huge = "{\"a\":\"" + "x".repeat(10_000_000) + "\"}";
        assertThat(split("{\"Records\":[" + fits + "," + tooLong + "," + huge + ",{\"b\":2}]}"))
                .containsExactly(
                        fits,
                        "1 EVENT_TOO_LARGE expected at most 1000 bytes, got 1001",
                        "2 EVENT_TOO_LARGE expected at most 1000 bytes, got 10000008",
                        "{\"b\":2}",
                        "end 4");
        assertThat(split(huge + "\n{\"b\":2}"))
                .containsExactly(
                        "0 EVENT_TOO_LARGE expected at most 1000 bytes, got 10000008",
                        "{\"b\":2}",
                        "end 2");
    }

    /// Longer than the heap of the tests could keep.
    @Test
    @Tag("long")
    void aRecordWithoutEndIsPassedOverInLittleMemory() throws IOException {
        long length = 1_500_000_000;
        InputStream endless =
                new InputStream() {
                    private long given;

                    @Override
                    public int read() {
                        return given++ == 0 ? '{' : 'x';
                    }

                    @Override
                    public int read(byte[] into, int offset, int count) {
                        if (given >= length) {
                            return -1;
                        }
                        Arrays.fill(into, offset, offset + count, (byte) 'x');
                        if (given == 0) {
                            into[offset] = '{';
                        }
                        given += count;
                        return count;
                    }
                };
        assertThat(split(endless, MAX))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("0 INCOMPLETE_BODY");
    }

    @Test
    void aBodyThatStopsHalfwayIsToldAtItsEnd() throws IOException {
        assertThat(split("{\"Records\":[{\"a\":1},{\"b\""))
                .containsExactly(
                        "{\"a\":1}",
                        "1 INCOMPLETE_BODY expected the rest of the body, got its end after 24 bytes",
                        "end 2");
        assertThat(split("{\"Records\":[{\"a\":1}"))
                .containsExactly(
                        "{\"a\":1}",
                        "1 INCOMPLETE_BODY expected the rest of the body, got its end after 19 bytes",
                        "end 2");
        for (String cut :
                List.of("{\"Records\":[{\"a\":1}]", "[{\"a\":1}", "{\"a\":1}\n{\"b\":\"x")) {
            assertThat(split(cut).getFirst()).isEqualTo("{\"a\":1}");
            assertThat(split(cut).get(1)).startsWith("1 INCOMPLETE_BODY");
        }
        for (String cut :
                List.of("{", "{\"", "{\"a", "[", "{\"Records\":[", "{\"Records\":[\"", "{\"a\\")) {
            assertThat(split(cut)).hasSize(2).first().asString().startsWith("0 INCOMPLETE_BODY");
        }
    }

    @Test
    void whatIsNoJsonIsToldOnce() throws IOException {
        assertThat(split("<html>\n<body>\n"))
                .containsExactly(
                        "0 INVALID_JSON expected a JSON object or array, got byte 0x3c at 0",
                        "end 1");
        assertThat(split("\0\0\0\0")).hasSize(2);
        assertThat(split("}")).hasSize(2);
        assertThat(split("PK\3\4")).hasSize(2);
    }

    @Test
    void aBrokenLineSpoilsOnlyItself() throws IOException {
        assertThat(split("{\"a\":1}\nrubbish {\nmore\n{\"b\":2}\n"))
                .containsExactly(
                        "{\"a\":1}",
                        "1 INVALID_JSON expected a JSON object or array, got byte 0x72 at 8",
                        "2 INVALID_JSON expected a JSON object or array, got byte 0x6d at 18",
                        "{\"b\":2}",
                        "end 4");
        assertThat(split("{\"a\":1}\n{\"b\":{\"c\":\"cut\n{\"d\":4}\n{\"e\":{\"f\":6}\n{\"g\":7}"))
                .containsExactly(
                        "{\"a\":1}",
                        "1 INVALID_JSON expected the end of the record that begins at byte 8, got something else at byte 22",
                        "{\"d\":4}",
                        "3 INVALID_JSON expected the end of the record that begins at byte 31, got something else at byte 44",
                        "{\"g\":7}",
                        "end 5");
    }

    @Test
    void aThousandBrokenLinesEndTheReading() throws IOException {
        List<String> found = split("{}\n" + "rubbish\n".repeat(5_000) + "{}\n");
        assertThat(found).hasSize(1_003);
        assertThat(found.getLast()).isEqualTo("end 1002");
    }

    @Test
    void somethingElseBetweenRecordsOfALogFileEndsTheReading() throws IOException {
        assertThat(split("{\"Records\":[{\"a\":1} {\"b\":2}]}"))
                .containsExactly(
                        "{\"a\":1}",
                        "1 INVALID_JSON expected a record, a comma or the end of the array, got byte 0x7b at 20",
                        "end 2");
    }

    /// The forms a body may have, in random white space, read in random pieces, give back what was
    /// put in.
    @Property(tries = 300)
    void everyFormGivesBackTheRecordsPutIn(
            @ForAll("records") List<String> records, @ForAll long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> expected = new ArrayList<>(records);
        expected.add("end " + records.size());
        for (int form = 0; form < 5; form++) {
            byte[] body = body(form, records, random).getBytes(StandardCharsets.UTF_8);
            assertThat(split(new Pieces(body, random), 1_000_000)).isEqualTo(expected);
        }
    }

    @Provide
    Arbitrary<List<String>> records() {
        Arbitrary<String> text =
                Arbitraries.of(
                        "a", "{", "}", "[", "]", ",", ":", "\\\"", "\\\\", "\\u0041", "ü", "€",
                        "Records");
        Arbitrary<String> string =
                text.list().ofMaxSize(6).map(parts -> "\"" + String.join("", parts) + "\"");
        Arbitrary<String> leaf =
                Arbitraries.oneOf(
                        string, Arbitraries.of("1", "-2.5e3", "true", "null", "{}", "[]"));
        Arbitrary<String> nested =
                Arbitraries.lazyOf(
                        () -> leaf,
                        () ->
                                leaf.list()
                                        .ofMaxSize(3)
                                        .map(items -> "[" + String.join(" , ", items) + "]"),
                        () ->
                                leaf.list()
                                        .ofMaxSize(3)
                                        .map(items -> {
                                            StringBuilder object = new StringBuilder("{");
                                            for (int i = 0; i < items.size(); i++) {
                                                object.append(i > 0 ? "\t,\n" : "")
                                                        .append("\"k")
                                                        .append(i)
                                                        .append("\" : ")
                                                        .append(items.get(i));
                                            }
                                            return object.append('}').toString();
                                        }));
        Arbitrary<String> record =
                nested.list()
                        .ofMaxSize(4)
                        .map(values -> {
                            StringBuilder object = new StringBuilder("{");
                            for (int i = 0; i < values.size(); i++) {
                                object.append(i > 0 ? "," : "")
                                        .append("\"m")
                                        .append(i)
                                        .append("\":")
                                        .append(values.get(i));
                            }
                            return object.append('}').toString();
                        });
        return record.list().ofMaxSize(8);
    }

    private static String body(int form, List<String> records, SplittableRandom random) {
        return switch (form) {
            case 0 ->
                    blank(random)
                            + "{"
                            + blank(random)
                            + "\"Records\""
                            + blank(random)
                            + ":"
                            + blank(random)
                            + "["
                            + joined(records, random)
                            + "]"
                            + blank(random)
                            + "}"
                            + blank(random);
            case 1 ->
                    "{\"other\":{\"Records\":[1,{}]},\"Records\":["
                            + joined(records, random)
                            + "],\"more\":[{\"Records\":[2]}]}";
            case 2 -> "[" + joined(records, random) + "]" + blank(random);
            case 3 -> String.join("", records);
            default -> String.join(random.nextBoolean() ? "\n" : "\r\n\n ", records);
        };
    }

    private static String joined(List<String> records, SplittableRandom random) {
        StringBuilder joined = new StringBuilder(blank(random));
        for (int i = 0; i < records.size(); i++) {
            joined.append(i > 0 ? "," + blank(random) : "")
                    .append(records.get(i))
                    .append(blank(random));
        }
        return joined.toString();
    }

    private static String blank(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> " ";
            case 1 -> "\r\n\t";
            default -> "";
        };
    }

    private static List<String> split(String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        List<String> whole = split(new ByteArrayInputStream(bytes), MAX);
        assertThat(split(new Pieces(bytes, new SplittableRandom(1)), MAX)).isEqualTo(whole);
        return whole;
    }

    private static List<String> split(InputStream body, int recordBytesMax) throws IOException {
        RecordSplitter splitter = new RecordSplitter(body, recordBytesMax);
        List<String> found = new ArrayList<>();
        while (true) {
            switch (splitter.next()) {
                case Split.Found(long index, byte[] json) -> {
                    assertThat(index).isEqualTo(found.size());
                    found.add(new String(json, StandardCharsets.UTF_8));
                }
                case Split.Refused(long index, RefusalCode code, String message) -> {
                    assertThat(index).isEqualTo(found.size());
                    found.add(index + " " + code + " " + message);
                }
                case Split.End(long count) -> {
                    assertThat(splitter.next()).isEqualTo(new Split.End(count));
                    found.add("end " + count);
                    return found;
                }
            }
        }
    }

    /// Hands out a body in pieces of a few bytes, sometimes of none.
    private static final class Pieces extends InputStream {
        private final byte[] body;
        private final SplittableRandom random;
        private int at;

        Pieces(byte[] body, SplittableRandom random) {
            this.body = body;
            this.random = random;
        }

        @Override
        public int read() {
            return at < body.length ? body[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (at == body.length) {
                return -1;
            }
            int piece = body.length > 10_000 ? length : random.nextInt(5);
            int count = Math.min(Math.min(piece, length), body.length - at);
            System.arraycopy(body, at, into, offset, count);
            at += count;
            return count;
        }
    }
}

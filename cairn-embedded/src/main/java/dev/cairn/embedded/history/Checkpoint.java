package dev.cairn.embedded.history;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// History's own position, and what became of the events that are in no index.
///
/// A small file of lines that people can read, replaced whole (written beside, synced, renamed, the
/// folder synced) and closed by a CRC32C over all before it:
///
/// ```
/// cairn-history 1
/// partition 0 position 81244 filtered 12 expired 4000 setAside 1
/// gone days 2026-08-22
/// dropping day/2026-08-22
/// aside 0 17 1 expected a JSON object, got …
/// crc32c 1c291ca3
/// ```
///
/// @param partitions by number
/// @param goneDays ordinary events of this day and before are not taken any more
/// @param goneMonths the same for imported ones, by the last day of the month
/// @param dropping folders whose events are counted as expired here, and may still be on disk
/// @param asides the newest events set aside, newest last, at most [#ASIDES_MAX]
record Checkpoint(
        Map<Integer, Counts> partitions,
        @Nullable LocalDate goneDays,
        @Nullable LocalDate goneMonths,
        List<String> dropping,
        List<History.SetAside> asides) {

    static final String FILE = "checkpoint";
    static final int ASIDES_MAX = 1000;
    private static final String FIRST_LINE = "cairn-history 1";
    private static final int REASON_MAX = 500;

    /// Far more than [#ASIDES_MAX] reasons and 256 partitions take.
    private static final long BYTES_MAX = 16L << 20;

    static final Checkpoint EMPTY = new Checkpoint(Map.of(), null, null, List.of(), List.of());

    /// @param position where to read on; everything before it is in an index or counted here
    /// @param filtered too old when they came
    /// @param expired in indexes that were dropped
    record Counts(long position, long filtered, long expired, long setAside) {
        static final Counts NONE = new Counts(0, 0, 0, 0);
    }

    Checkpoint {
        partitions = Map.copyOf(partitions);
        dropping = List.copyOf(dropping);
        asides = List.copyOf(asides);
    }

    Counts counts(int partition) {
        return partitions.getOrDefault(partition, Counts.NONE);
    }

    /// Durable when it returns.
    void write(Disk disk) throws DiskException {
        String beside = FILE + ".new";
        if (disk.exists(beside)) {
            disk.delete(beside);
        }
        try (DiskFile file = disk.create(beside)) {
            file.write(ByteBuffer.wrap(text().getBytes(StandardCharsets.UTF_8)), 0);
            file.force();
        }
        disk.rename(beside, FILE);
        disk.force("");
    }

    /// @return null when there is none
    static @Nullable Checkpoint read(Disk disk) throws IOException, HistoryException {
        if (!disk.exists(FILE)) {
            return null;
        }
        try (DiskFile file = disk.open(FILE)) {
            if (file.size() > BYTES_MAX) {
                throw new IllegalArgumentException("a file of " + file.size() + " bytes");
            }
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
            file.read(bytes, 0);
            return parse(new String(bytes.array(), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException e) {
            throw new HistoryException(
                    HistoryException.Kind.CORRUPT,
                    "expected history's checkpoint, got %s: rebuild the history"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    private String text() {
        StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
        new TreeMap<>(partitions)
                .forEach((partition, counts) ->
                        text.append(
                                "partition %d position %d filtered %d expired %d setAside %d\n"
                                        .formatted(
                                                partition,
                                                counts.position,
                                                counts.filtered,
                                                counts.expired,
                                                counts.setAside)));
        if (goneDays != null) {
            text.append("gone days ").append(goneDays).append('\n');
        }
        if (goneMonths != null) {
            text.append("gone months ").append(goneMonths).append('\n');
        }
        dropping.forEach(name -> text.append("dropping ").append(name).append('\n'));
        for (History.SetAside aside : asides) {
            text.append(
                    "aside %d %d %d %s\n"
                            .formatted(
                                    aside.partition(),
                                    aside.offset(),
                                    aside.count(),
                                    oneLine(aside.reason())));
        }
        return text + "crc32c " + crc(text.toString()) + "\n";
    }

    private static Checkpoint parse(String text) {
        int end = text.lastIndexOf("crc32c ");
        if (end < 0
                || !text.substring(end).equals("crc32c " + crc(text.substring(0, end)) + "\n")) {
            throw new IllegalArgumentException("bytes that are not what was written");
        }
        List<String> lines = text.substring(0, end).lines().toList();
        if (!lines.getFirst().equals(FIRST_LINE)) {
            throw new IllegalArgumentException(
                    "one of another version (" + oneLine(lines.getFirst()) + ")");
        }
        Map<Integer, Counts> partitions = new TreeMap<>();
        LocalDate goneDays = null;
        LocalDate goneMonths = null;
        List<String> dropping = new ArrayList<>();
        List<History.SetAside> asides = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] word = line.split(" ", -1);
            switch (word[0]) {
                case "partition" ->
                        partitions.put(
                                Integer.valueOf(word[1]),
                                new Counts(
                                        Long.parseLong(word[3]),
                                        Long.parseLong(word[5]),
                                        Long.parseLong(word[7]),
                                        Long.parseLong(word[9])));
                case "gone" -> {
                    if (word[1].equals("days")) {
                        goneDays = LocalDate.parse(word[2]);
                    } else {
                        goneMonths = LocalDate.parse(word[2]);
                    }
                }
                case "dropping" -> dropping.add(word[1]);
                case "aside" ->
                        asides.add(
                                new History.SetAside(
                                        Integer.parseInt(word[1]),
                                        Long.parseLong(word[2]),
                                        Long.parseLong(word[3]),
                                        line.split(" ", 5)[4]));
                default -> throw new IllegalArgumentException("the line " + oneLine(line));
            }
        }
        return new Checkpoint(partitions, goneDays, goneMonths, dropping, asides);
    }

    private static String crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(crc.getValue());
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\p{Cntrl}|\\R", " ");
        return line.length() > REASON_MAX ? line.substring(0, REASON_MAX) : line;
    }
}

package dev.cairn.server.lake;

import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.RefusalCode;
import dev.cairn.intake.LogFilePath;
import dev.cairn.intake.LogFileTime;
import dev.cairn.intake.RecordSplitter;
import dev.cairn.intake.Split;
import dev.cairn.server.http.Unpacked;
import dev.cairn.server.operation.StoreImports.Source;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One log file on its way into a table: taken apart, each record checked leniently.
final class ImportedFile {
    private static final EventReader READER = EventReader.lenient();

    private final String key;
    private final Source source;
    private final long bytesMax;
    private long found;
    private long refused;
    private String first = "";

    /// @param bytesMax the largest file when unpacked
    ImportedFile(String key, Source source, long bytesMax) {
        this.key = key;
        this.source = source;
        this.bytesMax = bytesMax;
    }

    /// Whether an object is a log file that is meant: digests, Insights events and aggregated ones
    /// are not, unless the source's own prefix says so.
    static boolean isMeant(String key, Source source) {
        var name = key.substring(key.lastIndexOf('/') + 1);
        if (!name.matches(".*\\.(json|ndjson|jsonl)(\\.gz|\\.zst)?")
                || name.contains("_CloudTrail-Digest_")
                || (key.contains("/CloudTrail-") && !source.prefix().contains("CloudTrail-"))) {
            return false;
        }
        var time = LogFileTime.of(key);
        return time.isEmpty()
                || ((source.start() == null || time.get().to().isAfter(source.start()))
                        && (source.end() == null || !time.get().from().isAfter(source.end())));
    }

    /// What takes the events.
    @FunctionalInterface
    interface Taker {
        void take(byte[] event) throws IOException, InterruptedException;
    }

    /// Reads it. What comes before a break is sound, and taken.
    ///
    /// @return what is wrong with it; null when nothing is
    /// @throws TakerException what the taker throws
    @Nullable String read(InputStream packed, Instant now, Taker taker)
            throws TakerException, InterruptedException {
        // Where the path says when it was delivered, that decides; else each event's own time.
        var timed = LogFileTime.of(key).isPresent();
        try (var in = Unpacked.of(packed, bytesMax)) {
            var splitter = new RecordSplitter(in, EventReader.EVENT_BYTES_LIMIT);
            while (true) {
                switch (splitter.next()) {
                    case Split.End _ -> {
                        return whole();
                    }
                    case Split.Refused(long index, RefusalCode code, String message) ->
                            refuse(index, code, message);
                    case Split.Found(long index, byte[] json) ->
                            found(index, json, now, timed, taker);
                }
            }
        } catch (IOException broken) {
            return "the file breaks off or cannot be unpacked: "
                    + (broken.getMessage() == null ? broken : broken.getMessage());
        }
    }

    /// What loading the events throws, not reading them.
    static final class TakerException extends Exception {
        private static final long serialVersionUID = 1L;

        TakerException(IOException cause) {
            super(cause);
        }
    }

    private void found(long index, byte[] json, Instant now, boolean timed, Taker taker)
            throws TakerException, InterruptedException {
        switch (READER.read(json, now, LogFilePath.known(key))) {
            case Parsed.Refused(RefusalCode code, String message) -> refuse(index, code, message);
            case Parsed.Read(var event) -> {
                found++;
                if (timed || isMeant(event.time())) {
                    try {
                        taker.take(json);
                    } catch (IOException failure) {
                        throw new TakerException(failure);
                    }
                }
            }
        }
    }

    private boolean isMeant(Instant time) {
        return (source.start() == null || !time.isBefore(source.start()))
                && (source.end() == null || !time.isAfter(source.end()));
    }

    private void refuse(long index, RefusalCode code, String message) {
        refused++;
        if (first.isEmpty()) {
            first = "record %d: %s: %s".formatted(index, code.wireName(), message);
        }
    }

    private @Nullable String whole() {
        if (refused > 0) {
            return "%d of %d records refused; the first, %s"
                    .formatted(refused, found + refused, first);
        }
        return found == 0 ? "no records found: not a CloudTrail log file" : null;
    }
}

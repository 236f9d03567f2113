package dev.cairn.embedded.ledger;

import java.time.Duration;

/// What can be set about a [SegmentLedger].
///
/// @param partitions how many partitions a new ledger gets, 1 to 256; one that exists keeps its own
///   number
/// @param segmentBytesMax a segment is sealed before it grows past this many bytes, at least 4 KB
/// @param queueBytesMax appends that wait for the disk, of one partition; beyond it they are pushed
///   back. Also the most that one append may bring to one partition
/// @param diskFreeMin appends are pushed back while the disk has less than this many bytes free
/// @param duplicateWindow how long an id is remembered for the intake and Cairn's own events
/// @param duplicateIdsMax how many of a partition's newest ids are remembered for the same,
///   whichever ends first
/// @param cacheBytesMax memory for unpacked blocks of sealed segments
/// @param filterBytesMax memory for the id filters and indexes of sealed segments: two bytes an
///   event within the duplicate window or under import keep every look-up off the disk
public record LedgerSettings(
        int partitions,
        long segmentBytesMax,
        long queueBytesMax,
        long diskFreeMin,
        Duration duplicateWindow,
        long duplicateIdsMax,
        long cacheBytesMax,
        long filterBytesMax) {

    /// One partition, segments of 256 MB, a queue of 64 MB, 1 GB left free, duplicates found for 24
    /// hours or 50 million events, 32 MB of blocks and 256 MB of filters.
    public static final LedgerSettings DEFAULTS =
            new LedgerSettings(
                    1,
                    256L << 20,
                    64L << 20,
                    1L << 30,
                    Duration.ofHours(24),
                    50_000_000,
                    32L << 20,
                    256L << 20);

    public LedgerSettings {
        require(partitions >= 1 && partitions <= 256, "partitions from 1 to 256", partitions);
        require(segmentBytesMax >= 4096, "segmentBytesMax of at least 4096", segmentBytesMax);
        require(
                segmentBytesMax <= 1L << 30,
                "segmentBytesMax of at most 1073741824",
                segmentBytesMax);
        require(
                queueBytesMax >= 1024 && queueBytesMax <= 1L << 30,
                "queueBytesMax from 1024 to 1073741824",
                queueBytesMax);
        require(diskFreeMin >= 0, "diskFreeMin of at least 0", diskFreeMin);
        require(
                !duplicateWindow.isNegative(),
                "duplicateWindow of at least 0",
                duplicateWindow.toMillis());
        require(duplicateIdsMax >= 0, "duplicateIdsMax of at least 0", duplicateIdsMax);
        require(cacheBytesMax >= 0, "cacheBytesMax of at least 0", cacheBytesMax);
        require(filterBytesMax >= 0, "filterBytesMax of at least 0", filterBytesMax);
    }

    private static void require(boolean holds, String expected, long got) {
        if (!holds) {
            throw new IllegalArgumentException("expected " + expected + ", got " + got);
        }
    }

    public LedgerSettings withPartitions(int to) {
        return new LedgerSettings(
                to,
                segmentBytesMax,
                queueBytesMax,
                diskFreeMin,
                duplicateWindow,
                duplicateIdsMax,
                cacheBytesMax,
                filterBytesMax);
    }

    public LedgerSettings withSegmentBytesMax(long to) {
        return new LedgerSettings(
                partitions,
                to,
                queueBytesMax,
                diskFreeMin,
                duplicateWindow,
                duplicateIdsMax,
                cacheBytesMax,
                filterBytesMax);
    }

    public LedgerSettings withQueueBytesMax(long to) {
        return new LedgerSettings(
                partitions,
                segmentBytesMax,
                to,
                diskFreeMin,
                duplicateWindow,
                duplicateIdsMax,
                cacheBytesMax,
                filterBytesMax);
    }

    public LedgerSettings withDiskFreeMin(long to) {
        return new LedgerSettings(
                partitions,
                segmentBytesMax,
                queueBytesMax,
                to,
                duplicateWindow,
                duplicateIdsMax,
                cacheBytesMax,
                filterBytesMax);
    }

    /// Sets the window, and how many ids it holds at most.
    public LedgerSettings withDuplicates(Duration window, long idsMax) {
        return new LedgerSettings(
                partitions,
                segmentBytesMax,
                queueBytesMax,
                diskFreeMin,
                window,
                idsMax,
                cacheBytesMax,
                filterBytesMax);
    }
}

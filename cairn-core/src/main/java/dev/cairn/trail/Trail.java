package dev.cairn.trail;

import org.jspecify.annotations.Nullable;

/// A trail as its owner asked for it. Immutable; a change makes a new one, which takes effect at a
/// position.
///
/// @param account whose trail it is, 12 digits
/// @param name unique within account and home region
/// @param homeRegion where it was created and may be changed
/// @param bucket where its files go
/// @param prefix before `AWSLogs/` in their keys, without a slash at its end; empty for none
/// @param topic the ARN of the topic that is told of files; null for none
/// @param globalEvents whether events of global services are taken
/// @param multiRegion whether it takes the events of every region, those to come included
/// @param validation whether digests are made
/// @param recursiveLogging whether Cairn's own deliveries are taken; true unless asked otherwise
/// @param kmsKey the ARN of the KMS key that its files are encrypted under; null for the archive's
///   own
/// @param logs the log group that has its events besides; null for none
public record Trail(
        String account,
        String name,
        String homeRegion,
        String bucket,
        String prefix,
        @Nullable String topic,
        boolean globalEvents,
        boolean multiRegion,
        boolean validation,
        boolean recursiveLogging,
        @Nullable String kmsKey,
        @Nullable CloudWatchLogs logs) {

    /// A trail without a KMS key and a log group.
    public Trail(
            String account,
            String name,
            String homeRegion,
            String bucket,
            String prefix,
            @Nullable String topic,
            boolean globalEvents,
            boolean multiRegion,
            boolean validation,
            boolean recursiveLogging) {
        this(
                account,
                name,
                homeRegion,
                bucket,
                prefix,
                topic,
                globalEvents,
                multiRegion,
                validation,
                recursiveLogging,
                null,
                null);
    }

    /// Its ARN, the same for ever.
    public String arn() {
        return "arn:aws:cloudtrail:" + homeRegion + ":" + account + ":trail/" + name;
    }

    /// Whether a region shows it: its home region, and every other one as a shadow trail where it
    /// takes the events of all regions.
    public boolean isIn(String region) {
        return multiRegion || homeRegion.equals(region);
    }
}

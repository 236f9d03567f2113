package dev.cairn.delivery;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.trail.Trail;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a trail delivered on one day: counted file by file, each in the transaction that marks it
/// as delivered.
///
/// The day is the one in the files' keys, UTC. Kept when the trail is deleted: one small document a
/// trail and day.
///
/// @param id of the trail, as of [dev.cairn.trail.TrailCourse]
/// @param arn of the trail
/// @param files log files
/// @param packedBytes what they take up in the bucket
/// @param counts what they hold
/// @param validated events in those files that were handed over for a digest
public record Usage(
        String id,
        String arn,
        LocalDate day,
        long files,
        long packedBytes,
        Counts counts,
        long validated) {
    static final String KIND = "delivery-usage";

    /// A page of an account's usage, in order of day.
    ///
    /// @param after what to ask on from; empty when there is no more
    public record Page(List<Usage> days, String after) {}

    /// Counts files as delivered.
    ///
    /// @param files all of one time
    /// @param validated whether digests will name them
    static void count(Transaction tx, String id, Trail trail, List<Intent> files, boolean validated)
            throws CatalogException {
        if (files.isEmpty()) {
            return;
        }
        Instant time = files.getFirst().time();
        Counts counts = Counts.NONE;
        long packed = 0;
        for (Intent file : files) {
            counts = counts.plus(file.counts());
            packed += file.packedBytes();
        }
        LocalDate day = LocalDate.ofInstant(time, ZoneOffset.UTC);
        String key = trail.account() + '/' + day + '/' + id;
        Optional<Document> document = tx.get(KIND, key);
        long sealed = validated ? counts.events() : 0;
        if (document.isEmpty()) {
            tx.create(
                    KIND,
                    key,
                    new Usage(id, trail.arn(), day, files.size(), packed, counts, sealed).json());
            return;
        }
        Usage old = of(document.get());
        tx.replace(
                document.get(),
                new Usage(
                                id,
                                trail.arn(),
                                day,
                                old.files() + files.size(),
                                old.packedBytes() + packed,
                                old.counts().plus(counts),
                                old.validated() + sealed)
                        .json());
    }

    /// What the trails of an account delivered, those that are deleted included.
    ///
    /// @param from the first day
    /// @param to the last day
    /// @param after what the page before said; empty for the first
    /// @param limit 1 to [Catalog#LIMIT_MAX]
    public static Page of(
            Catalog catalog, String account, LocalDate from, LocalDate to, String after, int limit)
            throws CatalogException {
        String prefix = account + '/';
        String start = prefix + from;
        List<Usage> days = new ArrayList<>();
        for (Document document :
                catalog.list(
                        KIND,
                        prefix,
                        after.compareTo(from.toString()) > 0 ? prefix + after : start,
                        limit)) {
            Usage usage = of(document);
            if (usage.day().isAfter(to)) {
                return new Page(List.copyOf(days), "");
            }
            days.add(usage);
        }
        String next = days.size() < limit ? "" : days.getLast().day() + "/" + days.getLast().id();
        return new Page(List.copyOf(days), next);
    }

    private String json() {
        return Fields.none()
                .with("arn", arn)
                .with("files", Long.toString(files))
                .with("packedBytes", Long.toString(packedBytes))
                .with("counts", counts.text())
                .with("validated", Long.toString(validated))
                .json();
    }

    static Usage of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        String[] key = document.key().split("/", -1);
        return new Usage(
                key[2],
                fields.text("arn"),
                LocalDate.parse(key[1]),
                Long.parseLong(fields.text("files")),
                Long.parseLong(fields.text("packedBytes")),
                Counts.read(fields.text("counts")),
                Long.parseLong(fields.text("validated")));
    }
}

package dev.cairn.delivery;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.digest.RunEnds;
import dev.cairn.digest.Sealing;
import dev.cairn.proof.Recount;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the catalog says one trail delivered, at one moment: for who counts again what lies in its
/// bucket.
///
/// @param delivered events in files that are in the bucket, as the completeness ledger has it, and
///   the aggregated ones beside them, which only usage counts
/// @param counted the same, as usage has it: added up file by file
/// @param validated those of `counted` in files that were handed over for a digest: only these have
///   names that anyone kept
/// @param files all files that were delivered
/// @param runEnds the newest digest of each run
/// @param unnamed files that no digest names: not yet, or never, where their chain was given up
public record TrailBooks(
        long delivered,
        long counted,
        long validated,
        long files,
        List<Recount.Written> runEnds,
        List<Recount.Written> unnamed) {

    public TrailBooks {
        runEnds = List.copyOf(runEnds);
        unnamed = List.copyOf(unnamed);
    }

    /// Reads the books, all in one transaction. What no digest names is held in memory: the files
    /// of one window, more only while digests are refused, or were until they were given up.
    ///
    /// @param id as of [dev.cairn.trail.TrailCourse]
    /// @param account the trail's
    public static TrailBooks of(Catalog catalog, String id, String account)
            throws CatalogException {
        return catalog.<TrailBooks, RuntimeException>write(tx -> read(tx, id, account));
    }

    private static TrailBooks read(Transaction tx, String id, String account)
            throws CatalogException {
        Optional<DeliveryState> state = TrailDelivery.state(tx, id);
        long counted = 0;
        long validated = 0;
        long files = 0;
        long aggregated = 0;
        for (Document document : all(tx, Usage.KIND, account + '/')) {
            Usage day = Usage.of(document);
            if (day.id().equals(id)) {
                counted += day.counts().events();
                validated += day.validated();
                files += day.files();
                aggregated += day.counts().aggregated();
            }
        }
        List<Recount.Written> runEnds = new ArrayList<>();
        for (String kind : RunEnds.KINDS) {
            for (Document document : all(tx, kind, id + '/')) {
                RunEnds.of(document)
                        .map(end -> new Recount.Written(end.bucket(), end.object(), end.hash()))
                        .ifPresent(runEnds::add);
            }
        }
        List<Recount.Written> unnamed = new ArrayList<>();
        for (String kind : List.of(Sealing.FILE, Sealing.GIVEN_UP)) {
            for (Document document : all(tx, kind, id + '/')) {
                Sealing.Waiting file = Sealing.waiting(document);
                unnamed.add(new Recount.Written(file.bucket(), file.object(), file.hash()));
            }
        }
        return new TrailBooks(
                state.map(DeliveryState::delivered).orElse(0L) + aggregated,
                counted,
                validated,
                files,
                runEnds,
                unnamed);
    }

    private static List<Document> all(Transaction tx, String kind, String prefix)
            throws CatalogException {
        List<Document> all = new ArrayList<>();
        List<Document> page = tx.list(kind, prefix, "", Catalog.LIMIT_MAX);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = tx.list(kind, prefix, page.getLast().key(), Catalog.LIMIT_MAX);
        }
        return all;
    }
}

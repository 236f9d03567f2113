package dev.cairn.digest;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The last digests of unbroken runs, for who must know where a chain has to end: of a run that
/// goes on, the newest digest; of one that ended, its last, for ever.
///
/// A run ends when logging or validation does, and in a place that the trail no longer delivers to.
public final class RunEnds {
    private static final String ENDED = "digest-end";

    /// The kinds of documents that hold ends, to be read in this order: a run that ends meanwhile
    /// moves from the first to the second.
    public static final List<String> KINDS = List.of(Sealing.CHAIN, ENDED);

    private RunEnds() {}

    /// The last digest of a run.
    ///
    /// @param end of the digest's window
    /// @param hash lower-case hex SHA-256 of the digest's unpacked bytes
    /// @param signature of the digest, lower-case hex
    /// @param ended whether no digest is to follow it
    public record RunEnd(
            Place place,
            String bucket,
            String object,
            Instant end,
            String hash,
            String signature,
            boolean ended) {}

    /// What a document of one of the kinds says; empty for a chain without a digest yet.
    public static Optional<RunEnd> of(Document document) throws CatalogException {
        Chain chain = Chain.of(document);
        Digest.Previous newest = chain.previous();
        return newest == null
                ? Optional.empty()
                : Optional.of(
                        new RunEnd(
                                chain.place(),
                                newest.bucket(),
                                newest.object(),
                                chain.start(),
                                newest.hash(),
                                newest.signature(),
                                document.kind().equals(ENDED)));
    }

    /// Keeps the newest digest of a chain as the end of a run.
    ///
    /// @param id of the trail
    static void note(Transaction tx, String id, Chain chain) throws CatalogException {
        String key =
                "%s/%s/%s/%s"
                        .formatted(
                                id,
                                chain.place().account(),
                                chain.place().region(),
                                Sealing.STAMP.format(chain.start()));
        if (chain.previous() != null && tx.get(ENDED, key).isEmpty()) {
            tx.create(
                    ENDED,
                    key,
                    new Chain(chain.place(), chain.start(), chain.previous(), null).json());
        }
    }
}

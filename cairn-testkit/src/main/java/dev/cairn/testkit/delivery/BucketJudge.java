package dev.cairn.testkit.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.Testimony;
import dev.cairn.digest.PublishedKey;
import dev.cairn.digest.RegionKeys;
import dev.cairn.proof.Finding;
import dev.cairn.proof.Kind;
import dev.cairn.proof.Malformed;
import dev.cairn.proof.Report;
import dev.cairn.proof.Scope;
import dev.cairn.proof.TrustedKeys;
import dev.cairn.proof.Verdict;
import dev.cairn.proof.Verification;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Judges buckets as an outsider does who asks the server for its keys and its books.
public final class BucketJudge {
    private static final Instant FOREVER = Instant.parse("9999-01-01T00:00:00Z");

    private final Buckets archive;
    private final Catalog books;
    private final RegionKeys keys;
    private final Collection<String> regions;

    /// @param books of delivery
    /// @param keys that sign digests
    /// @param regions that have digests
    public BucketJudge(
            Buckets archive, Catalog books, RegionKeys keys, Collection<String> regions) {
        this.archive = archive;
        this.books = books;
        this.keys = keys;
        this.regions = List.copyOf(regions);
    }

    /// @return how many files are proved
    /// @throws AssertionError when something is not as delivered
    public long judge(String bucket)
            throws CatalogException, ArchiveException, InterruptedException, Malformed {
        StringBuilder listing = new StringBuilder();
        for (String region : regions) {
            for (PublishedKey key : keys.published(region, Instant.EPOCH, FOREVER)) {
                listing.append(
                        "{\"PublicKeyList\":[{\"Value\":\"%s\"}]}"
                                .formatted(Base64.getEncoder().encodeToString(key.pkcs1())));
            }
        }
        List<Finding> faulty = new ArrayList<>();
        Verdict verdict =
                new Verification(
                                archive,
                                TrustedKeys.parse(listing.toString().getBytes(UTF_8)),
                                new BooksExpectation(new Testimony(books)),
                                pieces -> pieces.forEach(Runnable::run))
                        .verify(new Scope(bucket, "", Optional.empty(), false), new Faulty(faulty));
        if (!faulty.isEmpty()) {
            throw new AssertionError("expected no fault in " + bucket + ", found " + faulty);
        }
        return verdict.files();
    }

    private record Faulty(List<Finding> faulty) implements Report {
        @Override
        public void found(Finding finding) {
            if (finding.kind().weight() != Kind.Weight.NOTE) {
                faulty.add(finding);
            }
        }

        @Override
        public void progress(long digests, long files, String where) {}
    }
}

package dev.cairn.testkit.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.proof.Expectation;
import dev.cairn.proof.Finding;
import dev.cairn.proof.Head;
import dev.cairn.proof.Kind;
import dev.cairn.proof.Report;
import dev.cairn.proof.Scope;
import dev.cairn.proof.TrustedKeys;
import dev.cairn.proof.Verdict;
import dev.cairn.proof.Verification;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A store that does not give everything for a while: nothing is proved then, and nobody accused.
class UnreadTest {
    private static final String BUCKET = "audit-logs";
    private static final Instant START = Instant.parse("2026-11-19T20:00:00Z");
    private static final int HOURS = 8;
    private static final DigestKeys KEYS = new DigestKeys();

    private final MapBuckets buckets = new MapBuckets(BUCKET);
    private final SealedBucket.Trail trail =
            new SealedBucket(buckets, BUCKET, new SplittableRandom(7))
                    .trail("", "111111111111", "us-east-1", "main", KEYS);
    private final List<Finding> findings = new ArrayList<>();
    private List<Head> heads = List.of();

    @BeforeEach
    void an_evening_of_deliveries() throws Exception {
        trail.hours(START, HOURS, 3);
        Verdict verdict = verify(Expectation.NONE);
        assertThat(verdict.proved()).isTrue();
        heads = verdict.runs();
    }

    @Test
    void files_of_a_digest_that_is_not_given_are_not_judged() throws Exception {
        SealedBucket.Digest digest = trail.digests().get(4);
        buckets.away().add(digest.key());

        Verdict verdict = verify(Expectation.of(heads));

        assertThat(verdict.proved()).isFalse();
        assertThat(verdict.faults()).isZero();
        assertThat(verdict.unjudged()).isEqualTo(1 + 3);
        assertThat(findings)
                .filteredOn(finding -> !finding.key().equals(digest.key()))
                .extracting(Finding::key)
                .containsExactlyInAnyOrderElementsOf(
                        trail.files().subList(12, 15).stream()
                                .map(SealedBucket.LogFile::key)
                                .toList());
    }

    @Test
    void whichever_is_not_given_nobody_is_accused_with_a_head_or_without() throws Exception {
        for (String key : List.copyOf(buckets.items().keySet())) {
            buckets.away().add(key);
            for (Expectation expectation : List.of(Expectation.NONE, Expectation.of(heads))) {
                Verdict verdict = verify(expectation);
                assertThat(verdict.proved()).as(key).isFalse();
                assertThat(verdict.faults()).as("%s: %s", key, findings).isZero();
                assertThat(verdict.unjudged()).as(key).isPositive();
            }
            buckets.away().remove(key);
        }
        assertThat(verify(Expectation.of(heads)).proved()).isTrue();
    }

    @Test
    void what_no_digest_can_name_is_at_fault_all_the_same() throws Exception {
        buckets.away().add(trail.digests().get(2).key());
        SealedBucket.LogFile added = trail.file(START.plus(Duration.ofHours(5)).plusSeconds(90));

        assertThat(verify(Expectation.of(heads)).faults()).isEqualTo(1);
        assertThat(findings)
                .anySatisfy(finding -> {
                    assertThat(finding.kind()).isEqualTo(Kind.UNSIGNED);
                    assertThat(finding.key()).isEqualTo(added.key());
                });
    }

    private Verdict verify(Expectation expectation) throws Exception {
        findings.clear();
        return new Verification(
                        buckets,
                        TrustedKeys.parse(KEYS.listing().getBytes(UTF_8)),
                        expectation,
                        pieces -> pieces.forEach(Runnable::run))
                .verify(
                        new Scope(BUCKET, "", Optional.empty(), false),
                        new Report() {
                            @Override
                            public void found(Finding finding) {
                                findings.add(finding);
                            }

                            @Override
                            public void progress(long digests, long files, String where) {
                                // Nobody looks.
                            }
                        });
    }
}

package dev.cairn.testkit.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.archive.ArchiveException;
import dev.cairn.proof.Crew;
import dev.cairn.proof.Expectation;
import dev.cairn.proof.Finding;
import dev.cairn.proof.Head;
import dev.cairn.proof.Heads;
import dev.cairn.proof.Kind;
import dev.cairn.proof.Malformed;
import dev.cairn.proof.Report;
import dev.cairn.proof.Scope;
import dev.cairn.proof.TrustedKeys;
import dev.cairn.proof.Unsealed;
import dev.cairn.proof.Verdict;
import dev.cairn.proof.Verification;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An attacker has every right on the bucket and no private key: what they can do, and that each
/// attempt is named.
class AttackTest {
    private static final String BUCKET = "audit-logs";
    private static final Instant START = Instant.parse("2026-11-19T20:00:00Z");
    private static final int HOURS = 30;
    private static final DigestKeys VIRGINIA = new DigestKeys();
    private static final DigestKeys IRELAND = new DigestKeys();
    private static final Crew ALONE = pieces -> pieces.forEach(Runnable::run);

    private final MapBuckets buckets = new MapBuckets(BUCKET);
    private final SealedBucket sealed = new SealedBucket(buckets, BUCKET, new SplittableRandom(7));
    private final SealedBucket.Trail main =
            sealed.trail("", "111111111111", "us-east-1", "main", VIRGINIA);
    private final SealedBucket.Trail away =
            sealed.trail("", "111111111111", "eu-west-1", "main", IRELAND);
    private final SealedBucket.Trail other =
            sealed.trail("deep/logs/", "222222222222", "us-east-1", "o_ther_", VIRGINIA);
    private final List<Finding> findings = new ArrayList<>();
    private List<Head> heads = List.of();

    @BeforeEach
    void a_day_of_deliveries() throws Exception {
        main.hours(START, HOURS, 3);
        away.hours(START, HOURS, 1);
        other.hours(START, 5, 2).restart().hours(START.plus(Duration.ofHours(9)), HOURS - 9, 1);
        main.file(end().plusSeconds(90));
        heads = verify(Expectation.NONE).runs();
        findings.clear();
    }

    private static Instant end() {
        return START.plus(Duration.ofHours(HOURS));
    }

    @Test
    void an_untouched_bucket_is_proved() throws Exception {
        Verdict verdict = judge();
        assertThat(verdict.proved()).isTrue();
        assertThat(verdict.digests()).isEqualTo(HOURS * 2 + 5 + HOURS - 9);
        assertThat(verdict.files()).isEqualTo(HOURS * 4 + 10 + HOURS - 9);
        assertThat(verdict.pending()).isEqualTo(1);
        assertThat(findings)
                .extracting(Finding::kind)
                .containsExactlyInAnyOrder(Kind.PENDING, Kind.GAP);
        assertThat(heads).hasSize(4);
    }

    @Test
    void a_flipped_byte_is_named() throws Exception {
        String key = main.files().get(10).key();
        flip(key, content(key).length / 2);
        assertNamed(Kind.CHANGED, key);
    }

    @Test
    void a_rewritten_file_is_named() throws Exception {
        String key = main.files().get(10).key();
        put(key, SealedBucket.gzip("{\"Records\":[]}".getBytes(UTF_8)), Map.of());
        assertNamed(Kind.CHANGED, key);
    }

    @Test
    void bytes_behind_the_end_are_named() throws Exception {
        String key = main.files().get(10).key();
        byte[] longer = java.util.Arrays.copyOf(content(key), content(key).length + 5);
        put(key, longer, Map.of());
        assertNamed(Kind.CHANGED, key);
    }

    @Test
    void a_deleted_file_is_named() throws Exception {
        String key = away.files().get(3).key();
        buckets.items().remove(key);
        assertNamed(Kind.MISSING, key);
    }

    @Test
    void a_deleted_digest_is_named_with_its_time_and_the_files_it_sealed() throws Exception {
        SealedBucket.Digest digest = main.digests().get(12);
        buckets.items().remove(digest.key());
        assertNamed(Kind.MISSING, digest.key());
        assertThat(findings)
                .anySatisfy(finding ->
                        assertThat(finding.sentence())
                                .contains(
                                        "a digest is missing from %s to %s"
                                                .formatted(digest.start(), digest.end())));
        assertThat(findings).filteredOn(f -> f.kind() == Kind.UNSIGNED).hasSize(3);
    }

    @Test
    void two_deleted_digests_in_a_row_are_named_as_a_run() throws Exception {
        buckets.items().remove(main.digests().get(12).key());
        buckets.items().remove(main.digests().get(13).key());
        assertNamed(Kind.MISSING, main.digests().get(13).key());
        assertThat(findings)
                .anySatisfy(finding ->
                        assertThat(finding.sentence())
                                .contains("a run of about 2 digests is missing"));
    }

    @Test
    void the_newest_digests_and_files_cut_off_are_named_with_a_head_and_only_then()
            throws Exception {
        for (int i = HOURS - 2; i < HOURS; i++) {
            buckets.items().remove(main.digests().get(i).key());
        }
        for (int i = 3 * (HOURS - 2); i < main.files().size(); i++) {
            buckets.items().remove(main.files().get(i).key());
        }
        assertThat(verify(Expectation.NONE).proved()).isTrue();
        findings.clear();
        assertNamed(Kind.MISSING, main.digests().getLast().key());
    }

    @Test
    void the_newest_digest_alone_is_missed_with_a_head() throws Exception {
        buckets.items().remove(main.digests().getLast().key());
        assertNamed(Kind.MISSING, main.digests().getLast().key());
        assertThat(findings).filteredOn(f -> f.kind() == Kind.UNSIGNED).hasSize(3);
    }

    @Test
    void a_whole_region_cut_out_is_named_with_a_head() throws Exception {
        buckets.items().keySet().removeIf(key -> key.contains("/eu-west-1/"));
        assertThat(verify(Expectation.NONE).proved()).isTrue();
        findings.clear();
        assertNamed(Kind.MISSING, away.digests().getLast().key());
    }

    @Test
    void a_whole_run_before_a_restart_cut_out_is_named_with_a_head() throws Exception {
        for (int i = 0; i < 5; i++) {
            buckets.items().remove(other.digests().get(i).key());
        }
        for (int i = 0; i < 10; i++) {
            buckets.items().remove(other.files().get(i).key());
        }
        assertNamed(Kind.MISSING, other.digests().get(4).key());
    }

    @Test
    void the_oldest_digest_deleted_is_named() throws Exception {
        buckets.items().remove(main.digests().getFirst().key());
        assertNamed(Kind.MISSING, main.digests().getFirst().key());
    }

    @Test
    void two_swapped_files_are_named_each_with_the_other() throws Exception {
        String one = main.files().get(15).key();
        String two = main.files().get(16).key();
        swap(one, two);
        judge();
        assertThat(findings)
                .filteredOn(finding -> finding.kind() == Kind.MOVED)
                .extracting(Finding::key)
                .containsExactlyInAnyOrder(one, two);
    }

    @Test
    void two_swapped_digests_are_named() throws Exception {
        swap(main.digests().get(3).key(), main.digests().get(20).key());
        assertNamed(Kind.MOVED, main.digests().get(3).key());
        assertNamed(Kind.MOVED, main.digests().get(20).key());
    }

    @Test
    void an_old_digest_replayed_in_place_of_a_newer_one_is_named() throws Exception {
        String key = main.digests().get(20).key();
        MapBuckets.Item old = item(main.digests().get(3).key());
        put(key, old.bytes(), old.metadata());
        assertNamed(Kind.MOVED, key);
    }

    @Test
    void a_digest_rewritten_and_signed_with_an_own_key_is_named() throws Exception {
        DigestKeys own = new DigestKeys();
        SealedBucket.Digest digest = main.digests().get(20);
        MapBuckets elsewhere = new MapBuckets(BUCKET);
        SealedBucket.Digest forged =
                new SealedBucket(elsewhere, BUCKET, new SplittableRandom(8))
                        .trail("", "111111111111", "us-east-1", "main", own)
                        .seal(digest.start(), digest.end(), List.of(), false);
        assertThat(forged.key()).isEqualTo(digest.key());
        buckets.items().putAll(elsewhere.items());
        assertNamed(Kind.UNTRUSTED, digest.key());
    }

    @Test
    void a_digest_that_claims_the_trusted_key_is_named() throws Exception {
        SealedBucket.Digest digest = main.digests().get(20);
        String changed = digest.content().replace(main.files().get(60).sha256(), "0".repeat(64));
        put(
                digest.key(),
                SealedBucket.gzip(changed.getBytes(UTF_8)),
                item(digest.key()).metadata());
        assertNamed(Kind.CHANGED, digest.key());
    }

    @Test
    void the_digest_of_another_history_under_the_trusted_key_is_named() throws Exception {
        SealedBucket.Digest digest = main.digests().get(20);
        MapBuckets elsewhere = new MapBuckets(BUCKET);
        new SealedBucket(elsewhere, BUCKET, new SplittableRandom(8))
                .trail("", "111111111111", "us-east-1", "main", VIRGINIA)
                .hours(START, 21, 0);
        var replayed = java.util.Objects.requireNonNull(elsewhere.items().get(digest.key()));
        put(digest.key(), replayed.bytes(), replayed.metadata());
        assertNamed(Kind.CHANGED, digest.key());
    }

    @Test
    void a_signature_taken_away_is_named() throws Exception {
        String key = main.digests().get(20).key();
        put(key, item(key).bytes(), Map.of());
        assertNamed(Kind.UNSIGNED, key);
    }

    @Test
    void an_added_file_of_sealed_time_is_named() throws Exception {
        String key = main.file(START.plus(Duration.ofHours(7))).key();
        assertNamed(Kind.UNSIGNED, key);
    }

    @Test
    void files_added_anywhere_in_a_long_chain_are_named() throws Exception {
        SealedBucket.Trail longer =
                sealed.trail("", "333333333333", "us-east-1", "longer", VIRGINIA);
        longer.hours(START, 24 * 8, 1);
        assertThat(judge().proved()).isTrue();
        List<String> added = new ArrayList<>();
        for (int day = 0; day < 8; day++) {
            added.add(longer.file(START.plus(Duration.ofDays(day)).plusSeconds(7)).key());
        }
        findings.clear();
        judge();
        assertThat(findings)
                .filteredOn(finding -> finding.kind() == Kind.UNSIGNED)
                .extracting(Finding::key)
                .containsExactlyInAnyOrderElementsOf(added);
    }

    @Test
    void an_added_file_of_the_open_window_is_named_where_the_server_is_asked() throws Exception {
        String pending = main.files().getLast().key();
        String added = main.file(end().plusSeconds(100)).key();
        Verdict verdict =
                verify(
                        new Expectation() {
                            @Override
                            public List<Head> heads() {
                                return heads;
                            }

                            @Override
                            public Optional<Set<String>> pending(String bucket, String account) {
                                return Optional.of(Set.of(pending));
                            }

                            @Override
                            public List<Unsealed> unsealed() {
                                return List.of();
                            }
                        });
        assertThat(verdict.proved()).isFalse();
        assertThat(findings)
                .filteredOn(finding -> finding.kind().weight() == Kind.Weight.FAULT)
                .extracting(Finding::kind, Finding::key)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Kind.ADDED, added));
    }

    @Test
    void a_file_sealed_while_the_bucket_was_read_is_no_fault() throws Exception {
        SealedBucket.LogFile late = main.files().getLast();
        Verdict verdict =
                verify(
                        new Expectation() {
                            @Override
                            public List<Head> heads() {
                                return heads;
                            }

                            @Override
                            public Optional<Set<String>> pending(String bucket, String account) {
                                main.seal(
                                        end(),
                                        end().plus(Duration.ofHours(1)),
                                        List.of(late),
                                        false);
                                return Optional.of(Set.of());
                            }

                            @Override
                            public List<Unsealed> unsealed() {
                                return List.of();
                            }
                        });
        assertThat(verdict.proved()).isTrue();
        assertThat(verdict.pending()).isZero();
    }

    @Test
    void strange_objects_among_the_files_are_named() throws Exception {
        for (String folder : List.of("CloudTrail", "CloudTrail-Digest")) {
            String key = "AWSLogs/111111111111/" + folder + "/us-east-1/2026/11/20/readme.txt";
            put(key, new byte[] {1}, Map.of());
            assertNamed(Kind.UNSIGNED, key);
        }
    }

    @Test
    void a_bare_copy_is_judged_by_successors_and_its_newest_digests_are_unproved()
            throws Exception {
        buckets.items().replaceAll((_, item) -> new MapBuckets.Item(item.bytes(), Map.of()));
        Verdict verdict = verify(new Scope("a copy", "", Optional.empty(), true), Expectation.NONE);
        assertThat(verdict.faults()).isZero();
        // Of each of the four runs the last digest.
        assertThat(verdict.digests()).isEqualTo(HOURS * 2 + 5 + HOURS - 9 - 4);
        assertThat(findings).filteredOn(f -> f.kind() == Kind.UNPROVED).hasSize(4);

        findings.clear();
        verdict =
                verify(
                        new Scope("a copy", "", Optional.empty(), true),
                        Expectation.of(Heads.parse(new Heads(heads, List.of()).json())));
        assertThat(verdict.proved()).isTrue();
        assertThat(findings).extracting(Finding::kind).doesNotContain(Kind.UNPROVED);
    }

    @Test
    void since_judges_what_was_delivered_from_then_on() throws Exception {
        Instant since = START.plus(Duration.ofHours(10)).plusSeconds(1800);
        buckets.items().remove(main.digests().get(3).key());
        buckets.items().remove(main.files().get(5).key());
        Scope scope = new Scope(BUCKET, "", Optional.of(since), false);
        Verdict verdict = verify(scope, Expectation.of(heads));
        assertThat(verdict.proved()).isTrue();
        assertThat(verdict.digests()).isEqualTo((HOURS - 10) * 3L);

        buckets.items().remove(main.digests().get(10).key());
        assertThat(verify(scope, Expectation.of(heads)).proved()).isFalse();
    }

    /// Half past the tenth hour: each chain's digest of that hour is later.
    private static final Instant UNTIL = START.plus(Duration.ofMinutes(630));

    @Test
    void until_judges_what_was_sealed_by_then_and_calls_all_else_pending() throws Exception {
        for (Expectation expectation : List.of(Expectation.NONE, Expectation.of(heads))) {
            findings.clear();
            Verdict verdict = until(UNTIL, expectation);
            assertThat(verdict.proved()).isTrue();
            assertThat(verdict.digests()).isEqualTo(10 + 10 + 5 + 1);
            assertThat(verdict.files()).isEqualTo(30 + 10 + 10 + 1);
            assertThat(verdict.pending()).isEqualTo(60 + 1 + 20 + 20);
            assertThat(findings)
                    .filteredOn(finding -> finding.kind() == Kind.PENDING)
                    .extracting(Finding::sentence)
                    // Two files of main and one of each other trail were delivered in time.
                    .filteredOn(sentence -> sentence.contains("was sealed later"))
                    .hasSize(4);
        }
        findings.clear();
        assertThat(until(START.minusSeconds(1), Expectation.of(heads)).digests()).isZero();
        assertThat(findings).extracting(Finding::kind).containsOnly(Kind.PENDING);
    }

    @Test
    void whatever_is_done_to_what_is_later_is_no_fault() throws Exception {
        flip(main.files().get(60).key(), 20);
        flip(main.digests().get(15).key(), 20);
        buckets.items().remove(main.digests().get(20).key());
        buckets.items().remove(main.digests().getLast().key());
        put("AWSLogs/111111111111/CloudTrail/us-east-1/2026/11/21/x", new byte[1], Map.of());
        assertThat(until(UNTIL, Expectation.of(heads)).proved()).isTrue();
        assertThat(judge().proved()).isFalse();

        // The next digests of all chains, which sealed files that were delivered in time.
        for (SealedBucket.Trail trail : List.of(main, away)) {
            buckets.items().remove(trail.digests().get(10).key());
            buckets.items().remove(trail.digests().get(11).key());
        }
        findings.clear();
        assertThat(until(UNTIL, Expectation.of(heads)).proved()).isTrue();
        for (SealedBucket.Trail trail : List.of(main, away)) {
            trail.digests()
                    .subList(10, HOURS)
                    .forEach(digest -> buckets.items().remove(digest.key()));
        }
        assertThat(until(UNTIL, Expectation.of(heads)).proved()).isTrue();
        assertThat(findings)
                .extracting(finding -> finding.kind().weight())
                .containsOnly(Kind.Weight.NOTE);
    }

    @Test
    void until_names_what_was_done_before() throws Exception {
        String file = main.files().get(10).key();
        flip(file, content(file).length / 2);
        assertNamedUntil(Kind.CHANGED, file, Expectation.NONE);
        String digest = main.digests().get(4).key();
        buckets.items().remove(digest);
        assertNamedUntil(Kind.MISSING, digest, Expectation.NONE);
        String inTime = main.file(START.plus(Duration.ofMinutes(190))).key();
        assertNamedUntil(Kind.UNSIGNED, inTime, Expectation.NONE);
        String ofTheOpenWindow = main.file(START.plus(Duration.ofMinutes(610))).key();
        assertNamedUntil(Kind.UNSIGNED, ofTheOpenWindow, Expectation.NONE);
    }

    @Test
    void digests_cut_out_up_to_then_are_named_by_the_later_ones() throws Exception {
        cut(main, 7, 10);
        assertNamedUntil(Kind.MISSING, main.digests().get(9).key(), Expectation.NONE);
        cut(main, 10, 12);
        assertNamedUntil(Kind.MISSING, main.digests().get(11).key(), Expectation.NONE);
        cut(main, 12, HOURS);
        assertThat(until(UNTIL, Expectation.NONE).proved()).isTrue();
        assertNamedUntil(Kind.MISSING, main.digests().getLast().key(), Expectation.of(heads));
    }

    @Test
    void all_digests_up_to_then_cut_out_are_named_by_the_later_ones() throws Exception {
        cut(away, 0, 10);
        assertNamedUntil(Kind.MISSING, away.digests().get(9).key(), Expectation.NONE);
        cut(away, 10, HOURS);
        assertNamedUntil(Kind.MISSING, away.digests().getLast().key(), Expectation.of(heads));
    }

    @Test
    void a_later_digest_that_is_not_signed_excuses_nothing() throws Exception {
        SealedBucket.Digest digest = main.digests().get(10);
        MapBuckets elsewhere = new MapBuckets(BUCKET);
        new SealedBucket(elsewhere, BUCKET, new SplittableRandom(8))
                .trail("", "111111111111", "us-east-1", "main", new DigestKeys())
                .seal(digest.start(), digest.end(), List.of(), false);
        buckets.items().putAll(elsewhere.items());
        cut(main, 7, 10);
        assertNamedUntil(Kind.MISSING, main.digests().get(10).key(), Expectation.NONE);
    }

    @Test
    void until_a_time_without_logging_nobody_is_accused() throws Exception {
        Instant between = START.plus(Duration.ofHours(7));
        for (Expectation expectation : List.of(Expectation.NONE, Expectation.of(heads))) {
            Verdict verdict = until(between, expectation);
            assertThat(verdict.proved()).isTrue();
            assertThat(verdict.digests()).isEqualTo(7 + 7 + 5);
        }
    }

    @Test
    void a_file_whose_trail_seals_once_a_day_is_pending_beside_one_that_seals_each_hour()
            throws Exception {
        SealedBucket.Trail daily = sealed.trail("", "111111111111", "us-east-1", "daily", VIRGINIA);
        List<SealedBucket.LogFile> files =
                List.of(
                        daily.file(START.plus(Duration.ofHours(2))),
                        daily.file(START.plus(Duration.ofHours(5))));
        daily.seal(START, START.plus(Duration.ofDays(1)), files, false);
        assertThat(until(UNTIL, Expectation.NONE).proved()).isTrue();
        assertThat(findings)
                .filteredOn(finding -> finding.kind() == Kind.PENDING)
                .extracting(Finding::key)
                .contains(files.getFirst().key(), files.getLast().key());
    }

    @Test
    void a_bare_copy_is_judged_up_to_a_time_by_the_digests_behind_it() throws Exception {
        buckets.items().replaceAll((_, item) -> new MapBuckets.Item(item.bytes(), Map.of()));
        Scope scope = new Scope("a copy", "", Optional.empty(), true).until(Optional.of(UNTIL));
        Verdict verdict = verify(scope, Expectation.NONE);
        assertThat(verdict.proved()).isTrue();
        // The first run of the other trail ended without a successor.
        assertThat(verdict.digests()).isEqualTo(10 + 10 + 5 + 1 - 1);
        cut(main, 7, 10);
        assertThat(verify(scope, Expectation.NONE).proved()).isFalse();
    }

    /// Takes digests out, and the files that they seal.
    private void cut(SealedBucket.Trail trail, int from, int to) {
        for (SealedBucket.Digest digest : trail.digests().subList(from, to)) {
            buckets.items().remove(digest.key());
            trail.files().stream()
                    .map(SealedBucket.LogFile::key)
                    .filter(digest.content()::contains)
                    .forEach(buckets.items()::remove);
        }
    }

    private Verdict until(Instant time, Expectation expectation) throws Exception {
        return verify(
                new Scope(BUCKET, "", Optional.empty(), false).until(Optional.of(time)),
                expectation);
    }

    private void assertNamedUntil(Kind kind, String key, Expectation expectation) throws Exception {
        findings.clear();
        assertThat(until(UNTIL, expectation).proved()).isFalse();
        assertThat(findings)
                .extracting(Finding::kind, Finding::key)
                .contains(org.assertj.core.groups.Tuple.tuple(kind, key));
    }

    @Test
    void a_prefix_narrows_what_is_judged() throws Exception {
        Verdict verdict =
                verify(
                        new Scope(
                                BUCKET,
                                "AWSLogs/111111111111/CloudTrail-Digest/eu-west-1/",
                                Optional.empty(),
                                false),
                        Expectation.of(heads));
        assertThat(verdict.chains()).hasSize(1);
        assertThat(verdict.digests()).isEqualTo(HOURS);
    }

    @Test
    void accounts_and_regions_narrow_what_is_judged() throws Exception {
        buckets.items().remove(main.files().get(4).key());
        Scope scope =
                new Scope(
                        BUCKET,
                        "",
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Set.of("111111111111"),
                        Set.of("eu-west-1"));
        Verdict verdict = verify(scope, Expectation.of(heads));
        assertThat(verdict.proved()).isTrue();
        assertThat(verdict.chains()).hasSize(1);
    }

    @Test
    void a_folder_of_log_files_is_judged_with_its_head() throws Exception {
        Scope scope =
                new Scope(
                        BUCKET,
                        "AWSLogs/111111111111/CloudTrail/eu-west-1",
                        Optional.empty(),
                        false);
        assertThat(verify(scope, Expectation.of(heads)).chains())
                .singleElement()
                .satisfies(chain -> assertThat(chain.head()).isPresent());
    }

    @Test
    void files_sealed_weekly_are_not_unsigned_before_their_digest_comes() throws Exception {
        SealedBucket.Trail weekly =
                sealed.trail("", "111111111111", "us-east-1", "weekly", VIRGINIA);
        main.seal(end(), end().plus(Duration.ofHours(1)), List.of(main.files().getLast()), false);
        main.hours(end().plus(Duration.ofHours(1)), 24 * 15, 1);
        weekly.window(START, Duration.ofDays(7), 20);
        weekly.window(START.plus(Duration.ofDays(7)), Duration.ofDays(7), 20);
        Verdict verdict = verify(Expectation.NONE);
        assertThat(findings).filteredOn(f -> f.kind().weight() == Kind.Weight.FAULT).isEmpty();
        assertThat(verdict.proved()).isTrue();
    }

    @Test
    void files_of_a_time_without_validation_are_unproved_and_no_fault() throws Exception {
        Instant from = START.plus(Duration.ofHours(12));
        String known = other.file(from.plusSeconds(60)).key();
        String added = other.file(from.plus(Duration.ofHours(2))).key();
        Unsealed span =
                new Unsealed(
                        BUCKET,
                        "deep/logs/AWSLogs/222222222222/",
                        from,
                        from.plus(Duration.ofHours(1)),
                        "");
        Heads noted = Heads.parse(new Heads(heads, List.of(span)).json());
        assertThat(verify(Expectation.of(noted)).faults()).isEqualTo(1);
        assertThat(findings)
                .extracting(Finding::kind, Finding::key)
                .contains(
                        org.assertj.core.groups.Tuple.tuple(Kind.UNPROVED, known),
                        org.assertj.core.groups.Tuple.tuple(Kind.UNSIGNED, added));
    }

    @Test
    void more_strange_files_than_memory_is_to_hold_are_all_named() throws Exception {
        var item = new MapBuckets.Item(new byte[0], Map.of());
        String base =
                main.files().getFirst().key().replaceFirst("_[0-9A-F]{16}\\.json", "_%016X.json");
        for (int i = 0; i < 210_000; i++) {
            buckets.items().put(base.formatted(i), item);
        }
        Verdict verdict = judge();
        assertThat(verdict.faults()).isEqualTo(210_000);
        assertThat(verdict.files()).isEqualTo(HOURS * 4 + 10 + HOURS - 9);
        assertThat(verdict.pending()).isEqualTo(1);
    }

    @Test
    void backfill_digests_seal_what_the_others_missed() throws Exception {
        SealedBucket.LogFile missed = main.file(START.plus(Duration.ofHours(7)));
        main.restart()
                .seal(
                        START.plus(Duration.ofHours(7)),
                        START.plus(Duration.ofHours(8)),
                        List.of(missed),
                        true);
        assertThat(judge().proved()).isTrue();
    }

    @Test
    void backfill_digests_are_a_chain_of_their_own() throws Exception {
        SealedBucket.LogFile missed = main.file(START.plus(Duration.ofHours(7)));
        SealedBucket.LogFile alsoMissed = main.file(START.plus(Duration.ofHours(8)));
        SealedBucket.Digest first =
                main.restart()
                        .seal(
                                START.plus(Duration.ofHours(7)),
                                START.plus(Duration.ofHours(8)),
                                List.of(missed),
                                true);
        var _ =
                main.seal(
                        START.plus(Duration.ofHours(8)),
                        START.plus(Duration.ofHours(9)),
                        List.of(alsoMissed),
                        true);
        Verdict untouched = judge();
        assertThat(untouched.proved()).isTrue();
        assertThat(untouched.digests()).isEqualTo(HOURS * 2 + 5 + HOURS - 9 + 2);

        flip(alsoMissed.key(), content(alsoMissed.key()).length / 2);
        assertNamed(Kind.CHANGED, alsoMissed.key());

        findings.clear();
        buckets.items().remove(first.key());
        assertNamed(Kind.MISSING, first.key());
    }

    @Test
    void any_single_change_is_noticed() throws Exception {
        RandomGenerator random = new SplittableRandom(11);
        var untouched = Map.copyOf(buckets.items());
        var keys = List.copyOf(buckets.items().keySet());
        var sealedKeys =
                keys.stream().filter(key -> !key.equals(main.files().getLast().key())).toList();
        for (int attempt = 0; attempt < 120; attempt++) {
            String key = sealedKeys.get(random.nextInt(sealedKeys.size()));
            String second = sealedKeys.get(random.nextInt(sealedKeys.size()));
            String what =
                    switch (random.nextInt(5)) {
                        case 0 -> {
                            buckets.items().remove(key);
                            yield "deleted " + key;
                        }
                        case 1 -> {
                            byte[] before = unpacked(key);
                            int at = random.nextInt(content(key).length);
                            flip(key, at);
                            // What the gzip envelope says of time and system is no content.
                            yield java.util.Arrays.equals(before, unpacked(key))
                                    ? ""
                                    : "flipped byte " + at + " of " + key;
                        }
                        case 2 -> {
                            swap(key, second);
                            yield key.equals(second) ? "" : "swapped " + key + " and " + second;
                        }
                        case 3 -> {
                            put(key, item(second).bytes(), item(second).metadata());
                            yield key.equals(second) ? "" : "put " + second + " at " + key;
                        }
                        default -> {
                            String added = key.replaceFirst("[^_]{8}\\.json", "ABCDEFGH.json");
                            put(added, item(key).bytes(), item(key).metadata());
                            yield "added " + added;
                        }
                    };
            if (!what.isEmpty()) {
                assertThat(judge().proved()).as(what).isFalse();
            }
            buckets.items().clear();
            buckets.items().putAll(untouched);
        }
        findings.clear();
        assertThat(judge().proved()).isTrue();
    }

    private void assertNamed(Kind kind, String key) throws Exception {
        findings.clear();
        assertThat(judge().proved()).isFalse();
        assertThat(findings)
                .extracting(Finding::kind, Finding::key)
                .contains(org.assertj.core.groups.Tuple.tuple(kind, key));
    }

    private Verdict judge() throws Exception {
        return verify(Expectation.of(heads));
    }

    private Verdict verify(Expectation expectation) throws Exception {
        return verify(new Scope(BUCKET, "", Optional.empty(), false), expectation);
    }

    private Verdict verify(Scope scope, Expectation expectation)
            throws ArchiveException, InterruptedException, Malformed {
        String keys = VIRGINIA.listing() + IRELAND.listing();
        var source = scope.copy() ? new Copy(buckets) : buckets;
        return new Verification(source, TrustedKeys.parse(keys.getBytes(UTF_8)), expectation, ALONE)
                .verify(
                        scope,
                        new Report() {
                            @Override
                            public void found(Finding finding) {
                                findings.add(finding);
                            }

                            @Override
                            public void progress(long digests, long files, String where) {}
                        });
    }

    /// The same keys under no bucket's name.
    private record Copy(MapBuckets of) implements dev.cairn.archive.Buckets {
        @Override
        public Optional<dev.cairn.archive.Archive.Content> get(String bucket, String key)
                throws ArchiveException {
            return of.get(BUCKET, key);
        }

        @Override
        public dev.cairn.archive.Archive.Page list(
                String bucket, String prefix, String after, int max) throws ArchiveException {
            return of.list(BUCKET, prefix, after, max);
        }
    }

    private MapBuckets.Item item(String key) {
        MapBuckets.Item item = buckets.items().get(key);
        if (item == null) {
            throw new AssertionError("no " + key);
        }
        return item;
    }

    private byte[] content(String key) {
        return item(key).bytes();
    }

    private byte[] unpacked(String key) {
        try (var gzip = new GZIPInputStream(new java.io.ByteArrayInputStream(content(key)))) {
            return gzip.readAllBytes();
        } catch (java.io.IOException e) {
            return new byte[0];
        }
    }

    private void put(String key, byte[] bytes, Map<String, String> metadata) {
        buckets.items().put(key, new MapBuckets.Item(bytes, metadata));
    }

    private void swap(String one, String two) {
        MapBuckets.Item first = item(one);
        MapBuckets.Item second = item(two);
        put(one, second.bytes(), second.metadata());
        put(two, first.bytes(), first.metadata());
    }

    private void flip(String key, int at) {
        byte[] bytes = content(key).clone();
        bytes[at] ^= 0x10;
        put(key, bytes, item(key).metadata());
    }
}

package dev.cairn.embedded.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.ledger.Origin;
import dev.cairn.testkit.history.HistoryContract;
import dev.cairn.testkit.history.Records;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.FSDirectory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LuceneHistoryTest extends HistoryContract {
    private final Path folder = temporary();

    private static Path temporary() {
        try {
            return Files.createTempDirectory("history");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected History open(Wanted wanted) throws HistoryException {
        return LuceneHistory.open(
                folder,
                HistorySettings.DEFAULT
                        .withRetention(wanted.retention())
                        .withExpireImported(wanted.expireImported()),
                wanted.clock());
    }

    @Override
    protected void forget() throws HistoryException {
        LuceneHistory.reset(folder);
    }

    @Test
    void a_page_of_large_events_ends_early_and_goes_on() throws Exception {
        Records records = new Records(0);
        String padding = "x".repeat(900_000);
        for (int i = 0; i < 20; i++) {
            Map<String, @Nullable Object> record =
                    Records.record("e" + i, "2026-11-20T00:00:%02dZ".formatted(i), "Big");
            record.put("padding", padding);
            records.add(record);
        }
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-11-21T00:00:00Z"));
        try (LuceneHistory history = LuceneHistory.open(folder, HistorySettings.DEFAULT, clock)) {
            history.take(records.slice());
            history.refresh();
            List<String> seen = new ArrayList<>();
            Query.Cursor after = null;
            do {
                Page page =
                        history.search(
                                new Query(
                                        new Condition.All(),
                                        null,
                                        null,
                                        Query.EARLIEST,
                                        Query.LATEST,
                                        after,
                                        1000));
                assertThat(page.hits()).hasSizeLessThan(11);
                page.hits()
                        .forEach(hit ->
                                seen.add(hit.event().json().length > 0 ? hit.event().id() : ""));
                after = page.next();
            } while (after != null);

            assertThat(seen).hasSize(20).doesNotHaveDuplicates();
        }
    }

    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Instant LATER = NOON.plus(LuceneHistory.QUIET);
    private static final InstantSource AT_NOON = InstantSource.fixed(NOON);

    /// As many segments as there are rounds, in each of the indexes.
    private static void takeInPieces(LuceneHistory history, Records records, int rounds)
            throws HistoryException {
        for (int i = 0; i < rounds; i++) {
            long from = records.next();
            records.add("a" + i, "2026-11-20T10:00:%02dZ".formatted(i), "Yesterday");
            records.add("b" + i, "2026-11-21T10:00:%02dZ".formatted(i), "Today");
            records.add(
                    Records.PLACE,
                    Origin.IMPORT,
                    Records.record("c" + i, "2014-03-01T10:00:%02dZ".formatted(i), "Imported"));
            history.take(records.since(from));
            history.commit();
        }
        history.refresh();
    }

    /// Until there is nothing left to tidy; a merge has thirty seconds.
    private static void tidyAll(LuceneHistory history, Instant now) throws HistoryException {
        long until = System.nanoTime() + 30_000_000_000L;
        while (history.tidy(now)) {
            assertThat(System.nanoTime()).as("done within thirty seconds").isLessThan(until);
            Thread.onSpinWait();
        }
    }

    private int segments(String period) throws IOException {
        try (var directory = FSDirectory.open(folder.resolve(period))) {
            return SegmentInfos.readLatestCommit(directory).size();
        }
    }

    private static List<String> found(History history) throws HistoryException {
        return history
                .search(
                        new Query(
                                new Condition.All(),
                                null,
                                null,
                                Query.EARLIEST,
                                Query.LATEST,
                                null,
                                1000))
                .hits()
                .stream()
                .map(hit -> hit.position() + " " + hit.event().id())
                .toList();
    }

    @Test
    void a_day_that_is_over_and_an_imported_month_become_one_segment_when_they_are_quiet()
            throws Exception {
        Records records = new Records(0);
        try (LuceneHistory history = LuceneHistory.open(folder, HistorySettings.DEFAULT, AT_NOON)) {
            takeInPieces(history, records, 6);
            List<String> before = found(history);
            assertThat(history.tidy(NOON)).isFalse();
            assertThat(history.tidy(LATER.minusMillis(1))).isFalse();
            assertThat(segments("day/2026-11-20")).isEqualTo(6);

            tidyAll(history, LATER);

            assertThat(segments("day/2026-11-20")).isOne();
            assertThat(segments("imported/2014-03")).isOne();
            assertThat(segments("day/2026-11-21")).isEqualTo(6);
            assertThat(found(history)).isEqualTo(before).hasSize(18);
            assertThat(history.account(0)).isEqualTo(new History.Account(18, 18, 0, 0));
            records.add("late", "2026-11-20T23:59:59Z", "Yesterday");
            history.take(records.since(18));
            history.refresh();
            assertThat(found(history)).hasSize(19).contains("0:18 late");
            history.commit();
        }
        try (LuceneHistory history = LuceneHistory.open(folder, HistorySettings.DEFAULT, AT_NOON)) {
            assertThat(found(history)).hasSize(19).contains("0:18 late");
            assertThat(history.account(0)).isEqualTo(new History.Account(19, 19, 0, 0));
        }
    }

    @Test
    void what_comes_for_an_index_that_is_being_tidied_begins_its_rest_anew() throws Exception {
        Records records = new Records(0);
        try (LuceneHistory history = LuceneHistory.open(folder, HistorySettings.DEFAULT, AT_NOON)) {
            takeInPieces(history, records, 6);
            assertThat(history.tidy(NOON)).isFalse();
            records.add("late", "2026-11-20T23:59:59Z", "Yesterday");
            history.take(records.since(18));
            history.commit();
            tidyAll(history, LATER);
            assertThat(segments("day/2026-11-20")).isEqualTo(7);

            tidyAll(history, LATER.plus(LuceneHistory.QUIET));

            assertThat(segments("day/2026-11-20")).isOne();
            assertThat(found(history)).hasSize(19);
        }
    }

    @Test
    void an_index_whose_writer_is_needed_elsewhere_while_it_is_tidied_loses_nothing()
            throws Exception {
        HistorySettings oneWriter =
                new HistorySettings(
                        Duration.ofDays(90),
                        false,
                        Duration.ofMillis(200),
                        Duration.ofSeconds(5),
                        1,
                        8,
                        1000,
                        Duration.ofSeconds(10),
                        8 << 20);
        Records records = new Records(0);
        try (LuceneHistory history = LuceneHistory.open(folder, oneWriter, AT_NOON)) {
            takeInPieces(history, records, 6);
            assertThat(history.tidy(NOON)).isFalse();
            assertThat(history.tidy(LATER)).isTrue();
            records.add("late", "2026-11-20T23:59:59Z", "Yesterday");
            records.add("now", "2026-11-21T11:59:59Z", "Today");
            history.take(records.since(18));
            history.refresh();
            assertThat(found(history)).hasSize(20).contains("0:18 late", "0:19 now");
            tidyAll(history, LATER);
            tidyAll(history, LATER.plus(LuceneHistory.QUIET));
            // The merge may have been quicker, and the event that came late is then one more.
            assertThat(segments("day/2026-11-20")).isLessThanOrEqualTo(2);
            assertThat(found(history)).hasSize(20);
            assertThat(history.account(0)).isEqualTo(new History.Account(20, 20, 0, 0));
        }
    }

    @Test
    void a_history_closed_while_it_tidies_is_as_it_was() throws Exception {
        Records records = new Records(0);
        List<String> before;
        try (LuceneHistory history = LuceneHistory.open(folder, HistorySettings.DEFAULT, AT_NOON)) {
            takeInPieces(history, records, 6);
            before = found(history);
            assertThat(history.tidy(NOON)).isFalse();
            assertThat(history.tidy(LATER)).isTrue();
        }
        try (LuceneHistory history = LuceneHistory.open(folder, HistorySettings.DEFAULT, AT_NOON)) {
            assertThat(found(history)).isEqualTo(before);
            assertThat(history.tidy(NOON)).isFalse();
            tidyAll(history, LATER);
            assertThat(found(history)).isEqualTo(before);
            assertThat(segments("day/2026-11-20")).isOne();
        }
    }
}

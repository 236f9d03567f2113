package dev.cairn.embedded.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.testkit.history.HistoryContract;
import dev.cairn.testkit.history.Records;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
}

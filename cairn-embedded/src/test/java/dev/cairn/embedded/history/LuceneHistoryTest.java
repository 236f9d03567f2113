package dev.cairn.embedded.history;

import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.testkit.history.HistoryContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
}

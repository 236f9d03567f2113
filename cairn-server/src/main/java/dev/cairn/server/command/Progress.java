package dev.cairn.server.command;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// Progress bars, drawn on standard error when a person is looking and not at all otherwise.
final class Progress implements AutoCloseable {
    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /// A bar that counts bytes.
    static Progress bytes(String task, long total) {
        return new Progress(Console.interactive() ? bar(task, total, " MB", 1 << 20) : null);
    }

    private static ProgressBar bar(String task, long total, String unit, long unitSize) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(unit, unitSize)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .build();
    }

    void step(long amount, String message) {
        if (bar != null) {
            bar.stepBy(amount);
            bar.setExtraMessage(message);
        }
    }

    /// Tells how much is done, of how much.
    void at(long done, long total) {
        if (bar != null) {
            bar.maxHint(total);
            bar.stepTo(done);
        }
    }

    /// Tells how much is done in all.
    void at(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    /// Tells how much is done in all, and where the work is.
    void at(long done, String message) {
        if (bar != null) {
            bar.stepTo(done);
            bar.setExtraMessage(message);
        }
    }

    /// A bar that counts files.
    static Progress files(String task) {
        return new Progress(Console.interactive() ? bar(task, -1, " files", 1) : null);
    }

    /// A bar that counts to a hundred.
    static Progress percent(String task) {
        return new Progress(Console.interactive() ? bar(task, 100, "%", 1) : null);
    }

    /// A bar that counts access keys.
    static Progress keys(String task) {
        return new Progress(Console.interactive() ? bar(task, -1, " keys", 1) : null);
    }

    /// A bar that counts events.
    static Progress events(String task) {
        return new Progress(Console.interactive() ? bar(task, -1, " events", 1) : null);
    }
}

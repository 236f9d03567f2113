package dev.cairn.server.wiring;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.embedded.thread.Lookout;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.report.ReportPost;
import dev.cairn.report.WeekLetter;
import dev.cairn.report.Weeks;
import dev.cairn.server.configuration.ReportSettings;
import dev.cairn.server.courier.Mail;
import dev.cairn.topic.Courier;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Orders the report of the week when it is time, writes what is ordered, and has it mailed: one
/// after the other, by a thread of its own.
final class ReportKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReportKeeper.class);
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final ReportPost post;
    private final Weeks weeks;
    private final ReportSettings settings;
    private final Function<Mail, Courier.Outcome> mails;
    private final InstantSource clock;
    private final Lookout lookout;

    private ReportKeeper(
            Catalog catalog,
            History history,
            ReportSettings settings,
            Duration retryFor,
            Function<Mail, Courier.Outcome> mails,
            InstantSource clock) {
        var wake = new Semaphore(0);
        this.post = new ReportPost(catalog, retryFor, wake::release);
        this.weeks = new Weeks(history);
        this.settings = settings;
        this.mails = mails;
        this.clock = clock;
        this.lookout = new Lookout("reports", "reports wait", LOOK, wake, this::look);
    }

    static ReportKeeper start(
            Catalog catalog,
            History history,
            ReportSettings settings,
            Duration retryFor,
            Function<Mail, Courier.Outcome> mails,
            InstantSource clock) {
        var keeper = new ReportKeeper(catalog, history, settings, retryFor, mails, clock);
        keeper.lookout.start();
        return keeper;
    }

    /// What reports' operations work on.
    ReportPost post() {
        return post;
    }

    /// Lets the report under way be; it is written anew after the next start.
    @Override
    public void close() {
        lookout.close();
    }

    private void look() throws CatalogException {
        if (settings.weekly().isPresent()) {
            var _ = post.order(settings.weekly().get(), settings.to(), clock.instant());
        }
        for (var order = post.order(clock.instant());
                order.isPresent() && !lookout.closing();
                order = post.order(clock.instant())) {
            write(order.get());
        }
        for (var letter = post.letter(clock.instant());
                letter.isPresent() && !lookout.closing();
                letter = post.letter(clock.instant())) {
            carry(letter.get());
        }
    }

    private void write(ReportPost.Order order) throws CatalogException {
        try {
            var report = weeks.report(order.asked(), (_, _) -> !lookout.closing());
            if (report != null) {
                post.written(order, WeekLetter.of(report), clock.instant());
            }
        } catch (HistoryException failure) {
            LOG.warn("a report must wait: {}", failure.getMessage());
            post.failed(order, String.valueOf(failure.getMessage()), clock.instant());
        } catch (RuntimeException unforeseen) {
            // Else it would be begun anew with each look, and hold up all others.
            LOG.error("a report must wait", unforeseen);
            post.failed(order, unforeseen.toString(), clock.instant());
        }
    }

    private void carry(ReportPost.Letter letter) throws CatalogException {
        var content = letter.content();
        var mail =
                new Mail(
                        letter.id(),
                        letter.receiver(),
                        content.subject(),
                        content.text(),
                        content.html());
        Courier.Outcome outcome;
        try {
            outcome = mails.apply(mail);
        } catch (RuntimeException unforeseen) {
            LOG.error("a report cannot be mailed", unforeseen);
            outcome = new Courier.Outcome.Failed(unforeseen.toString());
        }
        switch (outcome) {
            case Courier.Outcome.Taken() -> LOG.info("{} has the report", letter.receiver());
            case Courier.Outcome.Failed(String reason) ->
                    LOG.warn("the report for {} must wait: {}", letter.receiver(), reason);
            case Courier.Outcome.Refused(String reason) ->
                    LOG.warn("the report for {} is given up: {}", letter.receiver(), reason);
        }
        post.done(letter, outcome, clock.instant());
    }
}

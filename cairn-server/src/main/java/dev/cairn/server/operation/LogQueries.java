package dev.cairn.server.operation;

import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.inquiry.Answering;
import dev.cairn.inquiry.Answering.Answer;
import dev.cairn.inquiry.InquiryException;
import dev.cairn.ledger.LedgerException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Questions about log groups: those that wait, the one that is answered, and answers, which are
/// kept in memory until newer ones need the room. One is answered at a time, by a thread of its
/// own: reading messages takes a processor, and most of them are for who records. Any thread may
/// call any method.
public final class LogQueries implements AutoCloseable {
    /// How many of an account may wait or be answered.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    static final int OPEN_MAX = 30;

    /// How many are kept, and the characters of their answers.
    static final int KEPT_MAX = 1_000;

    static final long KEPT_CHARS_MAX = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(LogQueries.class);
    private static final Duration TIME_MAX = Duration.ofMinutes(60);
    private static final Answer NONE = new Answer(List.of(), 0, 0, 0, 0);

    private final InstantSource clock;
    private final Map<String, Query> queries = new LinkedHashMap<>();
    private final BlockingQueue<Optional<Query>> waiting = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closing;

    public LogQueries(InstantSource clock) {
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("log-queries").daemon().start(this::run);
    }

    /// As `status` has it.
    enum Status {
        SCHEDULED("Scheduled"),
        RUNNING("Running"),
        COMPLETE("Complete"),
        FAILED("Failed"),
        CANCELLED("Cancelled"),
        TIMEOUT("Timeout");

        final String wireName;

        Status(String wireName) {
            this.wireName = wireName;
        }

        boolean isOver() {
            return this != SCHEDULED && this != RUNNING;
        }
    }

    /// A question.
    static final class Query {
        final String id;
        final Place place;
        final List<String> groups;
        final String text;
        final Instant created;
        private final Answering answering;
        private volatile Status status = Status.SCHEDULED;
        private volatile Answer answer = NONE;

        Query(
                String id,
                Place place,
                List<String> groups,
                String text,
                Instant created,
                Answering answering) {
            this.id = id;
            this.place = place;
            this.groups = groups;
            this.text = text;
            this.created = created;
            this.answering = answering;
        }

        Status status() {
            return status;
        }

        Answer answer() {
            return answer;
        }
    }

    /// Has a question answered.
    ///
    /// @return false when too many of its account are open
    synchronized boolean start(Query query) {
        long open =
                queries.values().stream()
                        .filter(one ->
                                one.place.account().equals(query.place.account())
                                        && !one.status.isOver())
                        .count();
        if (open >= OPEN_MAX) {
            return false;
        }
        queries.put(query.id, query);
        makeRoom();
        return waiting.add(Optional.of(query));
    }

    private synchronized void makeRoom() {
        long chars = queries.values().stream().mapToLong(one -> one.answer.chars()).sum();
        var oldest = queries.values().iterator();
        while (oldest.hasNext() && (queries.size() > KEPT_MAX || chars > KEPT_CHARS_MAX)) {
            var one = oldest.next();
            if (one.status.isOver()) {
                chars -= one.answer.chars();
                oldest.remove();
            }
        }
    }

    synchronized Optional<Query> find(Place place, String id) {
        return Optional.ofNullable(queries.get(id)).filter(one -> one.place.equals(place));
    }

    /// Those of an account in a region, the newest first.
    synchronized List<Query> list(Place place) {
        var found = new ArrayList<Query>();
        for (var one : queries.values()) {
            if (one.place.equals(place)) {
                found.addFirst(one);
            }
        }
        return found;
    }

    /// Ends a question.
    ///
    /// @return false when it was over
    static boolean stop(Query query) {
        synchronized (query) {
            if (query.status.isOver()) {
                return false;
            }
            query.status = Status.CANCELLED;
            return true;
        }
    }

    private void run() {
        try {
            while (!closing) {
                var next = waiting.take();
                if (next.isPresent()) {
                    answer(next.get());
                    makeRoom();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(Query query) {
        if (!moved(query, Status.SCHEDULED, Status.RUNNING)) {
            return;
        }
        var end = clock.instant().plus(TIME_MAX);
        try {
            while (query.answering.step(clock.instant())) {
                query.answer = query.answering.progress();
                if (closing || query.status.isOver()) {
                    return;
                }
                if (clock.instant().isAfter(end)) {
                    moved(query, Status.RUNNING, Status.TIMEOUT);
                    return;
                }
            }
            query.answer = query.answering.end();
            moved(query, Status.RUNNING, Status.COMPLETE);
        } catch (InquiryException tooMuch) {
            LOG.warn("the question {} has no answer: {}", query.id, tooMuch.message());
            moved(query, Status.RUNNING, Status.FAILED);
        } catch (CatalogException | LedgerException failure) {
            LOG.warn("the question {} has no answer: {}", query.id, failure.getMessage());
            moved(query, Status.RUNNING, Status.FAILED);
        } catch (RuntimeException unforeseen) {
            // The outermost frame: a mistake of ours must not end what others rely on.
            LOG.error("the question " + query.id + " has no answer", unforeseen);
            moved(query, Status.RUNNING, Status.FAILED);
        }
    }

    private static boolean moved(Query query, Status from, Status to) {
        synchronized (query) {
            if (query.status != from) {
                return false;
            }
            query.status = to;
            return true;
        }
    }

    /// Ends the question that is answered; what waits and what is kept is gone.
    @Override
    public void close() {
        closing = true;
        waiting.add(Optional.empty());
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

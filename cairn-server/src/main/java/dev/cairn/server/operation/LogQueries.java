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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

    /// More than a message takes.
    private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

    private static final Answer NONE = new Answer(List.of(), 0, 0, 0, 0);

    private final InstantSource clock;
    private final Map<String, Query> queries = new LinkedHashMap<>();

    /// Those that wait, by account: whose turn is next, first.
    private final Map<String, Deque<Query>> waiting = new LinkedHashMap<>();

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

        /// Gone when it is over: it holds whatever the answer is made of.
        private volatile @Nullable Answering answering;

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
        waiting.computeIfAbsent(query.place.account(), _ -> new ArrayDeque<>()).add(query);
        notifyAll();
        return true;
    }

    /// The next question, of the account that waited longest for its turn; empty at the end.
    private synchronized Optional<Query> next() throws InterruptedException {
        while (waiting.isEmpty() && !closing) {
            wait();
        }
        if (closing) {
            return Optional.empty();
        }
        var turn = waiting.entrySet().iterator().next();
        waiting.remove(turn.getKey());
        var next = turn.getValue().remove();
        if (!turn.getValue().isEmpty()) {
            waiting.put(turn.getKey(), turn.getValue());
        }
        return Optional.of(next);
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
    synchronized boolean stop(Query query) {
        if (moved(query, Status.SCHEDULED, Status.CANCELLED)) {
            query.answering = null;
            var others = waiting.get(query.place.account());
            if (others != null && others.remove(query) && others.isEmpty()) {
                waiting.remove(query.place.account());
            }
            return true;
        }
        return moved(query, Status.RUNNING, Status.CANCELLED);
    }

    private void run() {
        try {
            while (!closing) {
                var next = next();
                if (next.isPresent()) {
                    one(next.get());
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// The outermost frame: neither a mistake of ours nor a heap that is full for a moment must end
    /// what others rely on.
    private void one(Query query) {
        try {
            answer(query);
            makeRoom();
        } catch (RuntimeException | Error unforeseen) {
            query.answering = null;
            moved(query, Status.RUNNING, Status.FAILED);
            try {
                LOG.error("the question {} has no answer", query.id, unforeseen);
            } catch (RuntimeException | Error _) {
                // Nothing is left to say it with.
            }
        }
    }

    private void answer(Query query) {
        var answering = query.answering;
        if (answering == null || !moved(query, Status.SCHEDULED, Status.RUNNING)) {
            return;
        }
        try {
            answer(query, answering);
        } catch (InquiryException tooMuch) {
            LOG.warn("the question {} has no answer: {}", query.id, tooMuch.message());
            moved(query, Status.RUNNING, Status.FAILED);
        } catch (CatalogException | LedgerException failure) {
            LOG.warn("the question {} has no answer: {}", query.id, failure.getMessage());
            moved(query, Status.RUNNING, Status.FAILED);
        } finally {
            query.answering = null;
        }
    }

    private void answer(Query query, Answering answering) throws CatalogException, LedgerException {
        var end = clock.instant().plus(TIME_MAX);
        while (answering.step(clock.instant(), () -> isOver(query, end))) {
            query.answer = answering.progress();
            if (isOver(query, end)) {
                moved(query, Status.RUNNING, Status.TIMEOUT);
                return;
            }
        }
        query.answer = answering.end();
        moved(query, Status.RUNNING, Status.COMPLETE);
    }

    private boolean isOver(Query query, Instant end) {
        return closing || query.status.isOver() || clock.instant().isAfter(end);
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
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        try {
            thread.join(CLOSE_MAX);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

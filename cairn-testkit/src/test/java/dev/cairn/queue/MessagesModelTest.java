package dev.cairn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.Catalog.Work;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/// Queues against a plain list of messages that is searched from its beginning each time: whatever
/// is sent, received, deleted, hidden, purged and forgotten, whenever the server starts anew, both
/// show the same.
class MessagesModelTest {
    private static final QueueName WORK = new QueueName("123456789012", "us-east-1", "work");
    private static final QueueName DEAD = new QueueName("123456789012", "us-east-1", "dead");
    private static final int RECEIVES_MAX = 3;
    private static final int RETENTION = 60;
    private static final int VISIBILITY = 10;

    @Property(tries = 200)
    void a_queue_behaves_like_a_list(@ForAll @Size(min = 1, max = 80) List<Integer> acts)
            throws Exception {
        Run run = new Run();
        for (int act : acts) {
            run.act(act);
            run.compare();
        }
    }

    /// A message of the list.
    private static final class Plain {
        final String id;
        final Instant sent;
        boolean dead;
        Instant hiddenUntil;
        int receives;
        int receivesBefore;
        String handle = "";

        Plain(String id, Instant sent, Instant hiddenUntil) {
            this.id = id;
            this.sent = sent;
            this.hiddenUntil = hiddenUntil;
        }
    }

    private static final class Run {
        private final Random chance = new Random(7);
        private MemoryCatalog catalog = new MemoryCatalog();
        private Queues queues = new Queues(catalog, this::bytes, 10);
        private Messages messages = new Messages(catalog, queues, this::bytes, _ -> {});
        private Instant now = Instant.parse("2026-11-21T08:00:00Z");
        private final List<Plain> list = new ArrayList<>();
        private final List<String> handles = new ArrayList<>();

        Run() throws CatalogException {
            write(tx -> queues.create(tx, DEAD, Map.of(), Map.of(), now));
            write(tx ->
                    queues.create(
                            tx,
                            WORK,
                            Map.of(
                                    "VisibilityTimeout",
                                    Integer.toString(VISIBILITY),
                                    "MessageRetentionPeriod",
                                    Integer.toString(RETENTION),
                                    "RedrivePolicy",
                                    "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":%d}"
                                            .formatted(DEAD.arn(), RECEIVES_MAX)),
                            Map.of(),
                            now));
        }

        private byte[] bytes(int count) {
            byte[] bytes = new byte[count];
            chance.nextBytes(bytes);
            return bytes;
        }

        private <T> T write(Work<T, CatalogException> work) throws CatalogException {
            return catalog.write(work);
        }

        void act(int number) throws CatalogException {
            int argument = Math.floorMod(number >> 4, 16);
            switch (Math.floorMod(number, 16)) {
                case 0, 1, 2, 3 -> send(argument);
                case 4, 5, 6 -> receive(1 + argument % 10);
                case 7, 8 -> delete(argument);
                case 9 -> change(argument);
                case 10, 11, 12 -> now = now.plusSeconds(argument);
                case 13 -> purgeSometimes(argument);
                case 14 -> messages.sweep(now);
                default -> restart();
            }
        }

        private void send(int argument) throws CatalogException {
            // Each at a moment of its own, so that the order by age is one.
            now = now.plusMillis(1);
            Duration delay = Duration.ofSeconds(argument % 3 == 0 ? argument : 0);
            String id =
                    write(tx ->
                            messages.send(
                                    tx,
                                    queues.expect(tx, WORK),
                                    new Outgoing("body", Map.of(), null, delay),
                                    "AIDATEST",
                                    now));
            list.add(new Plain(id, now, now.plus(delay)));
        }

        private void receive(int max) throws CatalogException {
            List<Plain> expected = new ArrayList<>();
            for (Plain plain : List.copyOf(list)) {
                if (plain.dead || plain.hiddenUntil.isAfter(now) || expected.size() == max) {
                    continue;
                }
                if (!plain.sent.plusSeconds(RETENTION).isAfter(now)) {
                    list.remove(plain);
                } else if (plain.receives - plain.receivesBefore >= RECEIVES_MAX) {
                    plain.dead = true;
                    plain.receivesBefore = plain.receives;
                } else {
                    plain.receives++;
                    plain.hiddenUntil = now.plusSeconds(VISIBILITY);
                    expected.add(plain);
                }
            }
            List<Received> received =
                    write(tx -> messages.receive(tx, queues.expect(tx, WORK), max, null, now))
                            .messages();
            assertThat(received)
                    .extracting(Received::id)
                    .containsExactlyElementsOf(expected.stream().map(plain -> plain.id).toList());
            for (int i = 0; i < received.size(); i++) {
                assertThat(received.get(i).receives()).isEqualTo(expected.get(i).receives);
                expected.get(i).handle = received.get(i).receiptHandle();
                handles.add(received.get(i).receiptHandle());
            }
        }

        private void delete(int argument) throws CatalogException {
            if (handles.isEmpty()) {
                return;
            }
            String handle = handles.get(argument % handles.size());
            list.removeIf(plain -> !plain.dead && plain.handle.equals(handle));
            write(tx -> {
                messages.delete(tx, queues.expect(tx, WORK), handle);
                return "";
            });
        }

        private void change(int argument) throws CatalogException {
            if (handles.isEmpty()) {
                return;
            }
            String handle = handles.get(argument % handles.size());
            boolean expected = false;
            for (Plain plain : list) {
                if (!plain.dead && plain.handle.equals(handle) && plain.hiddenUntil.isAfter(now)) {
                    plain.hiddenUntil = now.plusSeconds(argument);
                    expected = true;
                }
            }
            boolean done = true;
            try {
                write(tx -> {
                    messages.changeVisibility(
                            tx, queues.expect(tx, WORK), handle, Duration.ofSeconds(argument), now);
                    return "";
                });
            } catch (Failure _) {
                done = false;
            }
            assertThat(done).isEqualTo(expected);
        }

        private void purgeSometimes(int argument) throws CatalogException {
            if (argument < 4) {
                write(tx -> {
                    queues.purge(tx, queues.expect(tx, WORK));
                    return "";
                });
                list.removeIf(plain -> !plain.dead);
            }
        }

        /// All that there is is in the catalog.
        private void restart() {
            catalog = catalog.reopen();
            queues = new Queues(catalog, this::bytes, 10);
            messages = new Messages(catalog, queues, this::bytes, _ -> {});
        }

        void compare() throws CatalogException {
            Map<String, Integer> expected = new HashMap<>();
            for (Plain plain : list) {
                expected.put(plain.id, plain.receives);
            }
            Map<String, Integer> there = new HashMap<>();
            for (QueueName name : List.of(WORK, DEAD)) {
                Queue queue = queues.find(name).orElseThrow();
                Counts counts = messages.counts(name, now);
                List<Held> held = held(queue);
                held.forEach(one -> there.put(one.messageId(), one.receives()));
                assertThat(counts)
                        .isEqualTo(
                                new Counts(
                                        held.stream().filter(one -> !one.hidden()).count(),
                                        held.stream()
                                                .filter(one -> one.hidden() && !one.inFlight())
                                                .count(),
                                        held.stream().filter(Held::inFlight).count()));
                assertThat(catalog.list(Held.READY, queue.store() + "/", "", 1000))
                        .hasSize((int) counts.ready());
                assertThat(catalog.list(Held.HIDDEN, queue.store() + "/", "", 1000))
                        .hasSize((int) (counts.delayed() + counts.inFlight()));
            }
            // A sweep takes what has expired sooner than a reception does.
            expected.keySet().removeIf(id -> !there.containsKey(id) && expired(id));
            assertThat(there).isEqualTo(expected);
            list.removeIf(plain -> !there.containsKey(plain.id));
        }

        private boolean expired(String id) {
            return list.stream()
                    .anyMatch(plain ->
                            plain.id.equals(id) && !plain.sent.plusSeconds(RETENTION).isAfter(now));
        }

        private List<Held> held(Queue queue) throws CatalogException {
            List<Held> held = new ArrayList<>();
            for (var document : catalog.list(Held.MESSAGE, queue.store() + "/", "", 1000)) {
                held.add(Held.read(document));
            }
            held.sort(Comparator.comparing(Held::id));
            return held;
        }
    }
}

package dev.cairn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog.Work;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MessagesTest {
    private static final QueueName NAME = new QueueName("123456789012", "us-east-1", "work");
    private static final QueueName DEAD = new QueueName("123456789012", "us-east-1", "dead");
    private static final String TOPIC = "arn:aws:sns:us-east-1:123456789012:audit";
    private static final Messages.Service SNS =
            new Messages.Service("sns.amazonaws.com", "123456789012", TOPIC);

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final Random random = new Random(1);
    private final List<QueueName> rung = new ArrayList<>();
    private final Queues queues = new Queues(catalog, this::bytes, 3);
    private final Messages messages = new Messages(catalog, queues, this::bytes, rung::add);
    private Instant now = Instant.parse("2026-11-21T08:00:00Z");

    @Test
    void what_was_sent_is_received_with_all_that_belongs_to_it() throws Exception {
        create(NAME, Map.of());
        Outgoing sent =
                new Outgoing(
                        "hello",
                        Map.of(
                                "n", new MessageAttribute("Number.int", "7"),
                                "b", new MessageAttribute("Binary", "AAEC")),
                        "Root=1-2-3",
                        null);
        String id = send(sent);
        now = now.plusSeconds(5);

        Received received = receive(1).getFirst();

        assertThat(received.id()).isEqualTo(id);
        assertThat(received.message()).isEqualTo(sent);
        assertThat(received.sender()).isEqualTo("AIDATEST");
        assertThat(received.sent()).isEqualTo(now.minusSeconds(5));
        assertThat(received.firstReceived()).isEqualTo(now);
        assertThat(received.receives()).isEqualTo(1);
        assertThat(received.deadLetterSource()).isNull();
        assertThat(rung).containsExactly(NAME);
    }

    @Test
    void a_received_message_is_hidden_until_its_timeout_ends_and_then_comes_again()
            throws Exception {
        create(NAME, Map.of("VisibilityTimeout", "10"));
        send(Outgoing.of("a"));

        String first = receive(10).getFirst().receiptHandle();
        now = now.plusMillis(9_999);
        assertThat(receive(10)).isEmpty();
        assertThat(messages.mayReceive(queue(), now)).isFalse();
        assertThat(messages.nextReturn(queue())).contains(now.plusMillis(1));
        now = now.plusMillis(1);
        assertThat(messages.mayReceive(queue(), now)).isTrue();
        Received again = receive(10).getFirst();
        assertThat(again.receives()).isEqualTo(2);

        // The old handle deletes nothing, and says so to nobody.
        delete(first);
        assertThat(messages.counts(queue())).isEqualTo(new Counts(0, 0, 1));
        delete(again.receiptHandle());
        assertThat(messages.counts(queue())).isEqualTo(Counts.NONE);
    }

    @Test
    void a_message_that_came_back_can_still_be_deleted_by_who_received_it_last() throws Exception {
        create(NAME, Map.of("VisibilityTimeout", "1"));
        send(Outgoing.of("a"));
        String handle = receive(1).getFirst().receiptHandle();
        now = now.plusSeconds(100);

        delete(handle);

        assertThat(receive(10)).isEmpty();
        assertThat(catalog.list("queue-body", "", "", 10)).isEmpty();
    }

    @Test
    void a_visibility_that_is_changed_counts_from_then() throws Exception {
        create(NAME, Map.of());
        send(Outgoing.of("a"));
        String handle = receive(1).getFirst().receiptHandle();
        now = now.plusSeconds(20);
        change(handle, 60);
        now = now.plusSeconds(59);
        assertThat(receive(1)).isEmpty();
        change(handle, 0);
        assertThat(messages.counts(queue())).isEqualTo(new Counts(1, 0, 0));

        refused(ErrorCode.MESSAGE_NOT_INFLIGHT, () -> change(handle, 1));
        String next = receive(1).getFirst().receiptHandle();
        refused(ErrorCode.INVALID_PARAMETER_VALUE, () -> change(handle, 1));
        now = now.plusSeconds(1);
        refused(ErrorCode.INVALID_PARAMETER_VALUE, () -> change(next, 43_200));
        change(next, 43_199);
        refused(ErrorCode.RECEIPT_HANDLE_IS_INVALID, () -> change("made-up", 1));
        refused(ErrorCode.RECEIPT_HANDLE_IS_INVALID, () -> delete("%%%"));
    }

    @Test
    void a_delayed_message_comes_when_its_delay_is_over() throws Exception {
        create(NAME, Map.of("DelaySeconds", "5"));
        send(Outgoing.of("late"));
        send(new Outgoing("now", Map.of(), null, Duration.ZERO));

        assertThat(messages.counts(queue())).isEqualTo(new Counts(1, 1, 0));
        assertThat(bodies(receive(10))).containsExactly("now");
        now = now.plusSeconds(5);
        assertThat(bodies(receive(10))).containsExactly("late");
    }

    @Test
    void what_is_too_old_is_gone_whether_anyone_asks_or_not() throws Exception {
        create(NAME, Map.of("MessageRetentionPeriod", "60"));
        send(Outgoing.of("asked for"));
        now = now.plusSeconds(60);
        assertThat(receive(1)).isEmpty();
        assertThat(messages.counts(queue())).isEqualTo(Counts.NONE);

        for (int i = 0; i < 2 * Messages.STEP_MAX; i++) {
            send(Outgoing.of("never asked for"));
        }
        now = now.plusSeconds(59);
        send(Outgoing.of("young"));
        assertThat(messages.sweep(now)).isFalse();
        now = now.plusSeconds(1);
        assertThat(messages.sweep(now)).isTrue();
        while (messages.sweep(now)) {
            assertThat(messages.counts(queue()).ready()).isPositive();
        }
        assertThat(messages.counts(queue())).isEqualTo(new Counts(1, 0, 0));
        assertThat(bodies(receive(10))).containsExactly("young");
        assertThat(catalog.list("queue-body", "", "", 10)).hasSize(1);
    }

    @Test
    void what_nobody_manages_to_work_off_moves_to_the_dead_letter_queue() throws Exception {
        create(DEAD, Map.of());
        create(
                NAME,
                Map.of(
                        "VisibilityTimeout",
                        "0",
                        "RedrivePolicy",
                        "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":2}"
                                .formatted(DEAD.arn())));
        String id = send(Outgoing.of("poison"));
        assertThat(receive(1).getFirst().receives()).isEqualTo(1);
        assertThat(receive(1).getFirst().receives()).isEqualTo(2);
        rung.clear();

        assertThat(receive(1)).isEmpty();

        assertThat(rung).containsExactly(DEAD);
        assertThat(messages.counts(queue())).isEqualTo(Counts.NONE);
        Received dead =
                catalog.<List<Received>, CatalogException>write(tx ->
                                messages.receive(tx, queues.expect(tx, DEAD), 10, null, now)
                                        .messages())
                        .getFirst();
        assertThat(dead.id()).isEqualTo(id);
        assertThat(dead.receives()).isEqualTo(3);
        assertThat(dead.deadLetterSource()).isEqualTo(NAME.arn());
        assertThat(dead.message().body()).isEqualTo("poison");
    }

    @Test
    void a_purge_removes_all_at_once_and_the_sweep_what_it_left_behind() throws Exception {
        create(NAME, Map.of());
        for (int i = 0; i < Messages.STEP_MAX + 5; i++) {
            send(Outgoing.of("old"));
        }
        String handle = receive(1).getFirst().receiptHandle();

        write(tx -> {
            queues.purge(tx, queues.expect(tx, NAME));
            return "";
        });

        assertThat(receive(10)).isEmpty();
        delete(handle);
        send(Outgoing.of("new"));
        assertThat(messages.sweep(now)).isTrue();
        assertThat(messages.sweep(now)).isFalse();
        assertThat(catalog.list("queue-body", "", "", 10)).hasSize(1);
        assertThat(catalog.list("queue-left", "", "", 10)).isEmpty();
        assertThat(bodies(receive(10))).containsExactly("new");
    }

    @Test
    void a_queue_made_anew_under_an_old_name_has_nothing_of_the_old_one() throws Exception {
        create(NAME, Map.of());
        send(Outgoing.of("old"));
        String handle = receive(1).getFirst().receiptHandle();
        write(tx -> {
            queues.delete(tx, queues.expect(tx, NAME));
            return "";
        });
        refused(ErrorCode.QUEUE_DOES_NOT_EXIST, () -> send(Outgoing.of("nowhere")));

        create(NAME, Map.of());

        assertThat(receive(10)).isEmpty();
        refused(ErrorCode.RECEIPT_HANDLE_IS_INVALID, () -> delete(handle));
        messages.sweep(now);
        assertThat(catalog.list("queue-message", "", "", 10)).isEmpty();
    }

    @Test
    void every_message_of_a_long_queue_is_received_once_while_hidden() throws Exception {
        create(NAME, Map.of());
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 250; i++) {
            ids.add(send(Outgoing.of("m" + i)));
        }
        Set<String> got = new HashSet<>();
        for (List<Received> some = receive(10); !some.isEmpty(); some = receive(10)) {
            some.forEach(received -> assertThat(got.add(received.id())).isTrue());
        }
        assertThat(got).isEqualTo(ids);

        // All 250 come back at once: more than one step brings back.
        now = now.plusSeconds(30);
        got.clear();
        for (List<Received> some = receive(10); !some.isEmpty(); some = receive(10)) {
            some.forEach(received -> assertThat(got.add(received.id())).isTrue());
        }
        assertThat(got).isEqualTo(ids);
        assertThat(messages.counts(queue())).isEqualTo(new Counts(0, 0, 250));
    }

    @Test
    void nothing_more_is_received_while_as_many_are_in_flight_as_may_be() throws Exception {
        Messages few = new Messages(catalog, queues, this::bytes, rung::add, 3);
        create(NAME, Map.of("VisibilityTimeout", "10"));
        for (int i = 0; i < 5; i++) {
            send(Outgoing.of("m" + i));
            now = now.plusMillis(1);
        }
        Received first = receive(few, 1).getFirst();
        now = now.plusSeconds(5);
        assertThat(bodies(receive(few, 10))).containsExactly("m1", "m2");
        refused(ErrorCode.OVER_LIMIT, () -> receive(few, 1));
        assertThat(messages.counts(queue())).isEqualTo(new Counts(2, 0, 3));

        delete(first.receiptHandle());
        assertThat(bodies(receive(few, 10))).containsExactly("m3");
        refused(ErrorCode.OVER_LIMIT, () -> receive(few, 1));
        // What comes out of hiding makes room, too.
        now = now.plusSeconds(10);
        assertThat(bodies(receive(few, 10))).containsExactly("m1", "m2", "m3");
    }

    @Test
    void a_service_sends_only_where_the_policy_of_the_queue_lets_it() throws Exception {
        assertThat(sendFromTopic(NAME.arn()))
                .isInstanceOfSatisfying(
                        Messages.Sent.Refused.class,
                        refused ->
                                assertThat(refused.code())
                                        .isEqualTo(ErrorCode.QUEUE_DOES_NOT_EXIST));
        create(NAME, Map.of());
        assertThat(sendFromTopic(NAME.arn()))
                .isInstanceOfSatisfying(
                        Messages.Sent.Refused.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.ACCESS_DENIED);
                            assertThat(refused.reason()).contains("\"aws:SourceArn\":\"" + TOPIC);
                        });
        policy(TOPIC + "-other");
        assertThat(sendFromTopic(NAME.arn())).isInstanceOf(Messages.Sent.Refused.class);
        assertThat(receive(1)).isEmpty();

        policy(TOPIC);

        assertThat(sendFromTopic(NAME.arn())).isInstanceOf(Messages.Sent.Accepted.class);
        Received received = receive(1).getFirst();
        assertThat(received.message().body()).isEqualTo("notice");
        assertThat(received.sender()).isEqualTo("sns.amazonaws.com");
        assertThat(sendFromTopic("arn:aws:sqs:us-east-1:123456789012:x.fifo"))
                .isInstanceOf(Messages.Sent.Refused.class);
    }

    @Test
    void a_transaction_that_fails_sends_nothing() throws Exception {
        create(NAME, Map.of());
        assertThatThrownBy(() ->
                        write(tx -> {
                            messages.send(
                                    tx,
                                    queues.expect(tx, NAME),
                                    Outgoing.of("undone"),
                                    "AIDATEST",
                                    now);
                            throw new Failure(ErrorCode.INTERNAL_FAILURE);
                        }))
                .isInstanceOf(Failure.class);
        assertThat(receive(10)).isEmpty();
        assertThat(messages.counts(queue())).isEqualTo(Counts.NONE);
    }

    @Test
    void a_message_too_large_or_not_of_text_is_refused() throws Exception {
        create(NAME, Map.of("MaximumMessageSize", "1024"));
        send(Outgoing.of("é".repeat(512)));
        refused(ErrorCode.INVALID_PARAMETER_VALUE, () -> send(Outgoing.of("é".repeat(512) + "x")));
        refused(
                ErrorCode.INVALID_PARAMETER_VALUE,
                () ->
                        send(
                                new Outgoing(
                                        "x".repeat(1020),
                                        Map.of("a", new MessageAttribute("S", "123")),
                                        null,
                                        null)));
        refused(ErrorCode.INVALID_MESSAGE_CONTENTS, () -> send(Outgoing.of("a\u0001b")));
        refused(ErrorCode.INVALID_MESSAGE_CONTENTS, () -> send(Outgoing.of("\uD800")));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> T write(Work<T, CatalogException> work) throws CatalogException {
        return catalog.write(work);
    }

    private void create(QueueName name, Map<String, String> attributes) throws CatalogException {
        write(tx -> queues.create(tx, name, attributes, Map.of(), now));
    }

    private void policy(String topic) throws CatalogException {
        String policy =
                """
                {"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"%s","Condition":{"ArnEquals":{"aws:SourceArn":"%s"}}}]}
                """
                        .formatted(NAME.arn(), topic);
        write(tx -> {
            queues.setAttributes(tx, queues.expect(tx, NAME), Map.of("Policy", policy), now);
            return "";
        });
    }

    private Queue queue() throws CatalogException {
        return queues.find(NAME).orElseThrow();
    }

    private String send(Outgoing message) throws CatalogException {
        return write(tx -> messages.send(tx, queues.expect(tx, NAME), message, "AIDATEST", now));
    }

    private Messages.Sent sendFromTopic(String arn) throws CatalogException {
        return write(tx -> messages.send(tx, arn, SNS, Outgoing.of("notice"), now));
    }

    private List<Received> receive(int max) throws CatalogException {
        return receive(messages, max);
    }

    private List<Received> receive(Messages from, int max) throws CatalogException {
        return write(tx -> from.receive(tx, queues.expect(tx, NAME), max, null, now)).messages();
    }

    private void delete(String handle) throws CatalogException {
        write(tx -> {
            messages.delete(tx, queues.expect(tx, NAME), handle);
            return "";
        });
    }

    private void change(String handle, int seconds) throws CatalogException {
        write(tx -> {
            messages.changeVisibility(
                    tx, queues.expect(tx, NAME), handle, Duration.ofSeconds(seconds), now);
            return "";
        });
    }

    private static List<String> bodies(List<Received> received) {
        return received.stream().map(one -> one.message().body()).toList();
    }

    private static void refused(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }
}

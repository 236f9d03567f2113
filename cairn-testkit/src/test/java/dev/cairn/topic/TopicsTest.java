package dev.cairn.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.Catalog.Work;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.queue.MessageAttribute;
import dev.cairn.queue.QueueName;
import dev.cairn.queue.Received;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.testkit.delivery.SimulatedTopics;
import dev.cairn.topic.Outbound.Parcel;
import dev.cairn.topic.Subscription.Protocol;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopicsTest {
    private static final String ACCOUNT = "123456789012";
    private static final TopicArn ARN = new TopicArn("us-east-1", ACCOUNT, "audit");
    private static final QueueName QUEUE = new QueueName(ACCOUNT, "us-east-1", "work");
    private static final Duration RETRY_FOR = Duration.ofMinutes(10);

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final Random random = new Random(1);
    private final SimulatedTopics parts = SimulatedTopics.on(catalog, this::bytes, RETRY_FOR);
    private final Topics topics = parts.topics();
    private final Outbound outbound = parts.outbound();
    private Instant now = Instant.parse("2026-11-21T08:00:00Z");

    @Test
    void a_message_is_in_an_own_queue_when_its_transaction_is_durable_and_never_otherwise()
            throws Exception {
        topic();
        queue(true);
        subscribe(Protocol.SQS, QUEUE.arn(), false, null);

        assertThatThrownBy(() ->
                        write(tx -> {
                            topics.publish(tx, message("lost"));
                            throw new IllegalStateException("the process ends here");
                        }))
                .hasMessageContaining("ends here");
        publish("kept");

        List<Received> received = receive();
        assertThat(received).hasSize(1);
        assertThat(received.getFirst().message().body())
                .contains("\"Type\" : \"Notification\"")
                .contains("\"Message\" : \"kept\"");
    }

    @Test
    void raw_delivery_sends_the_bare_text_and_the_attributes() throws Exception {
        topic();
        queue(true);
        subscribe(Protocol.SQS, QUEUE.arn(), true, null);
        Map<String, MessageAttribute> attributes = Map.of("n", new MessageAttribute("Number", "7"));
        write(tx -> {
            topics.publish(tx, new Message("id", ARN, null, "bare", Map.of(), attributes, now));
            return true;
        });

        Received received = receive().getFirst();
        assertThat(received.message().body()).isEqualTo("bare");
        assertThat(received.message().attributes()).isEqualTo(attributes);
    }

    @Test
    void a_subscription_gets_what_its_filter_takes_until_the_filter_is_taken_away()
            throws Exception {
        topic();
        queue(true);
        Filter filter = Filter.NONE.withScope(Filter.Scope.MESSAGE_BODY);
        Subscription made =
                subscribeFiltered(QUEUE.arn(), filter.withPolicy("{\"store\":[\"a\"]}"));
        assertThat(topics.subscription(made.arn()).orElseThrow()).isEqualTo(made);
        publish("{\"store\":\"b\"}");
        publish("no object");
        publish("{\"store\":\"a\"}");

        assertThat(receive())
                .singleElement()
                .satisfies(received ->
                        assertThat(received.message().body()).contains("\\\"store\\\":\\\"a\\\""));
        write(tx -> {
            topics.set(tx, made.arn(), made.terms().withFilter(filter.withPolicy("{}")));
            return true;
        });
        publish("no object");
        assertThat(receive())
                .singleElement()
                .satisfies(received ->
                        assertThat(received.message().body()).contains("\"no object\""));
        assertThat(dead()).isEmpty();
    }

    @Test
    void what_a_filter_cannot_judge_is_a_dead_letter() throws Exception {
        topic();
        queue(true);
        String policy = "{\"a\":[{\"anything-but\":\"x\"}],\"b\":[{\"anything-but\":\"x\"}]}";
        subscribeFiltered(QUEUE.arn(), new Filter(policy, Filter.Scope.MESSAGE_BODY));
        String array = "[" + "\"y\",".repeat(400) + "\"y\"]";
        String id = publish("{\"a\":%s,\"b\":%s}".formatted(array, array));

        assertThat(receive()).isEmpty();
        assertThat(dead())
                .singleElement()
                .satisfies(letter -> {
                    assertThat(letter.messageId()).isEqualTo(id);
                    assertThat(letter.reason()).contains("too many values");
                });
    }

    @Test
    void a_topic_has_at_most_two_hundred_filters() throws Exception {
        topic();
        Filter filter = Filter.NONE.withPolicy("{\"a\":[\"x\"]}");
        for (int i = 0; i < Topics.FILTERS_MAX; i++) {
            subscribeFiltered(QUEUE.arn() + i, filter);
        }
        Subscription first = subscribeFiltered(QUEUE.arn() + 0, filter);
        refused(
                ErrorCode.FILTER_POLICY_LIMIT_EXCEEDED,
                () -> subscribeFiltered(QUEUE.arn(), filter));
        Subscription unfiltered = subscribe(Protocol.SQS, QUEUE.arn(), false, null);
        refused(ErrorCode.FILTER_POLICY_LIMIT_EXCEEDED, () -> filter(unfiltered, filter));
        filter(first, Filter.NONE);
        filter(unfiltered, filter);
        assertThat(topics.subscription(unfiltered.arn()).orElseThrow().terms().filter())
                .isEqualTo(filter);
    }

    private void filter(Subscription of, Filter filter) throws CatalogException {
        write(tx -> {
            topics.set(tx, of.arn(), of.terms().withFilter(filter));
            return true;
        });
    }

    @Test
    void what_a_queue_refuses_is_a_dead_letter_that_can_be_sent_again() throws Exception {
        topic();
        queue(false);
        subscribe(Protocol.SQS, QUEUE.arn(), false, null);
        publish("refused");

        assertThat(receive()).isEmpty();
        Outbound.DeadLetter dead = dead().getFirst();
        assertThat(dead.endpoint()).isEqualTo(QUEUE.arn());
        assertThat(dead.reason()).contains("does not let sns.amazonaws.com do sqs:SendMessage");
        assertThat(retry()).isZero();

        write(tx -> {
            parts.queues().delete(tx, parts.queues().expect(tx, QUEUE));
            return true;
        });
        queue(true);
        assertThat(retry()).isEqualTo(1);
        assertThat(dead()).isEmpty();
        assertThat(receive().getFirst().message().body()).contains("refused");
    }

    @Test
    void a_receiver_outside_is_asked_to_confirm_and_told_nothing_before() throws Exception {
        topic();
        Subscription made = subscribe(Protocol.HTTP, "http://example.org/a", false, null);
        assertThat(made.confirmed()).isFalse();
        publish("too early");

        Parcel question = due().getFirst();
        assertThat(question.type()).isEqualTo("SubscriptionConfirmation");
        assertThat(question.body())
                .contains("\"Token\" : \"" + made.token() + "\"")
                .contains("http://cairn/confirm?Action=ConfirmSubscription&TopicArn=" + ARN);
        taken(question);
        assertThat(due()).isEmpty();

        refused(ErrorCode.INVALID_PARAMETER, () -> confirm("0".repeat(64)));
        confirm(made.token());
        refused(ErrorCode.INVALID_PARAMETER, () -> confirm(made.token()));
        publish("now");
        assertThat(due())
                .singleElement()
                .satisfies(parcel -> {
                    assertThat(parcel.type()).isEqualTo("Notification");
                    assertThat(parcel.body()).contains("\"Message\" : \"now\"");
                });
    }

    @Test
    void a_token_holds_for_two_days_and_a_new_one_is_sent_when_one_subscribes_again()
            throws Exception {
        topic();
        Subscription first = subscribe(Protocol.HTTP, "http://example.org/a", false, null);
        now = now.plus(Topics.TOKEN_TTL);
        refused(ErrorCode.INVALID_PARAMETER, () -> confirm(first.token()));
        Subscription second = subscribe(Protocol.HTTP, "http://example.org/a", false, null);
        Subscription third = subscribe(Protocol.HTTP, "http://example.org/a", false, null);

        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(third.id()).isEqualTo(second.id());
        assertThat(third.token()).isNotEqualTo(second.token());
        confirm(third.token());
        assertThat(topics.subscriptions(ARN, "", 10))
                .singleElement()
                .matches(Subscription::confirmed);
    }

    @Test
    void what_fails_comes_again_under_the_same_id_after_pauses_that_double_and_ends_as_dead_letter()
            throws Exception {
        confirmed("http://example.org/a", null);
        String id = publish("hello");
        Instant published = now;
        List<Duration> pauses = new ArrayList<>();
        while (dead().isEmpty()) {
            Parcel parcel = due().getFirst();
            assertThat(parcel.messageId()).isEqualTo(id);
            Instant before = now;
            outbound.done(parcel, new Courier.Outcome.Failed("answered 500"), now);
            while (due().isEmpty() && dead().isEmpty()) {
                now = now.plusSeconds(1);
            }
            pauses.add(Duration.between(before, now));
        }
        assertThat(pauses.subList(0, 4))
                .containsExactly(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(8));
        assertThat(now).isAfterOrEqualTo(published.plus(RETRY_FOR));
        assertThat(dead().getFirst().reason()).isEqualTo("answered 500");
        assertThat(dead().getFirst().messageId()).isEqualTo(id);
    }

    @Test
    void pauses_end_at_a_bound() {
        assertThat(Outbound.pause(0)).isEqualTo(Duration.ofSeconds(1));
        assertThat(Outbound.pause(8)).isEqualTo(Duration.ofSeconds(256));
        assertThat(Outbound.pause(9)).isEqualTo(Outbound.PAUSE_MAX);
        assertThat(Outbound.pause(10_000)).isEqualTo(Outbound.PAUSE_MAX);
    }

    @Test
    void what_is_refused_goes_to_the_queue_of_the_redrive_policy_if_there_is_one()
            throws Exception {
        queue(true);
        confirmed("http://example.org/a", QUEUE.arn());
        publish("unwanted");
        outbound.done(due().getFirst(), new Courier.Outcome.Refused("answered 404"), now);

        assertThat(dead()).isEmpty();
        assertThat(due()).isEmpty();
        assertThat(receive().getFirst().message().body()).contains("unwanted");
    }

    @Test
    void a_dead_letter_is_sent_again_under_its_id() throws Exception {
        confirmed("http://example.org/a", null);
        String id = publish("hello");
        outbound.done(due().getFirst(), new Courier.Outcome.Refused("answered 404"), now);
        assertThat(due()).isEmpty();

        assertThat(retry()).isEqualTo(1);
        assertThat(dead()).isEmpty();
        Parcel again = due().getFirst();
        assertThat(again.messageId()).isEqualTo(id);
        taken(again);
        assertThat(due()).isEmpty();
    }

    @Test
    void a_receiver_that_takes_nothing_has_a_bounded_backlog_and_stops_nobody() throws Exception {
        confirmed("http://example.org/slow", null);
        publish(Outbound.WAITING_MAX);
        assertThat(dead()).isEmpty();
        publish(Outbound.DEAD_MAX);
        assertThat(outbound.dropped(ACCOUNT, "us-east-1")).isZero();
        String oldest = dead().getFirst().messageId();
        now = now.plusSeconds(1);
        String newest = publish("last");

        List<Outbound.DeadLetter> dead = outbound.deadLetters(ACCOUNT, "us-east-1", "", 1000);
        assertThat(dead).hasSize(Outbound.DEAD_MAX);
        assertThat(dead.getLast().messageId()).isEqualTo(newest);
        assertThat(dead).noneMatch(letter -> letter.messageId().equals(oldest));
        assertThat(outbound.dropped(ACCOUNT, "us-east-1")).isEqualTo(1);
    }

    /// Of what a watch tells at its usual pace, to people whose mail server is away for a day.
    @Test
    void what_cannot_be_carried_for_a_day_is_all_there_afterwards() throws Exception {
        SimulatedTopics daily = SimulatedTopics.on(catalog, this::bytes, Duration.ofDays(1));
        Subscription away = confirmed("http://example.org/mails", null);
        int perMinute = 10;
        int minutes = 24 * 60 - 10;
        for (int minute = 0; minute < minutes; minute++) {
            if (minute % 10 == 0) {
                publish(perMinute * 10);
            }
            for (Parcel parcel : daily.outbound().due(now, _ -> false, 10)) {
                daily.outbound().done(parcel, new Courier.Outcome.Failed("away"), now);
            }
            now = now.plusSeconds(60);
        }
        assertThat(dead()).isEmpty();
        now = now.plus(Outbound.PAUSE_MAX);
        assertThat(outbound.standing(away).waiting()).isEqualTo((long) perMinute * minutes);
        assertThat(outbound.dropped(ACCOUNT, "us-east-1")).isZero();
        Set<String> came = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Parcel back = daily.outbound().due(now, _ -> false, 1).getFirst();
            came.add(back.messageId());
            taken(back);
        }
        assertThat(came).hasSize(100);
        assertThat(outbound.standing(away).waiting())
                .isEqualTo((long) perMinute * minutes - came.size());
        assertThat(dead()).isEmpty();
    }

    @Test
    void a_clock_that_jumps_forward_leaves_each_message_another_try() throws Exception {
        confirmed("http://example.org/a", null);
        publish("hello");
        Parcel underWay = due().getFirst();
        now = now.plus(Duration.ofDays(2));
        outbound.done(underWay, new Courier.Outcome.Failed("away"), now);
        assertThat(dead()).isEmpty();
        assertThat(due()).isEmpty();
        now = now.plus(Outbound.PAUSE_MIN);
        outbound.done(due().getFirst(), new Courier.Outcome.Failed("still away"), now);
        assertThat(dead()).singleElement().matches(one -> one.reason().equals("still away"));
    }

    @Test
    void a_clock_that_goes_back_holds_up_no_message() throws Exception {
        confirmed("http://example.org/a", null);
        publish("hello");
        outbound.done(due().getFirst(), new Courier.Outcome.Failed("away"), now);
        assertThat(due()).isEmpty();
        now = now.minus(Duration.ofDays(2));
        taken(due().getFirst());
        assertThat(due()).isEmpty();
        assertThat(dead()).isEmpty();
    }

    @Test
    void who_has_the_link_ends_a_subscription_and_can_take_that_back() throws Exception {
        Subscription subscription = confirmed("http://example.org/a", null);
        boolean ended = write(tx -> topics.unsubscribeByLink(tx, subscription.arn(), now));
        assertThat(ended).isTrue();
        publish("not for you");

        Parcel farewell = due().getFirst();
        assertThat(farewell.type()).isEqualTo("UnsubscribeConfirmation");
        taken(farewell);
        assertThat(due()).isEmpty();
        confirm(topics.subscription(subscription.arn()).orElseThrow().token());
        publish("for you again");
        assertThat(due()).hasSize(1);
    }

    @Test
    void a_link_does_not_end_what_only_a_signed_call_may_end() throws Exception {
        topic();
        Subscription made = subscribe(Protocol.HTTP, "http://example.org/a", false, null);
        String token = Optional.ofNullable(made.token()).orElseThrow();
        write(tx -> topics.confirm(tx, ARN, token, true, true, now));

        boolean ended = write(tx -> topics.unsubscribeByLink(tx, made.arn(), now));
        assertThat(ended).isFalse();
        assertThat(topics.subscription(made.arn()).orElseThrow().confirmed()).isTrue();
    }

    @Test
    void a_deleted_topic_leaves_nothing_on_its_way() throws Exception {
        confirmed("http://example.org/a", null);
        publish("one");
        publish("two");
        outbound.done(due().getFirst(), new Courier.Outcome.Refused("answered 404"), now);
        write(tx -> {
            topics.delete(tx, ARN);
            return true;
        });

        assertThat(due()).isEmpty();
        assertThat(due()).isEmpty();
        for (String kind : List.of("topic-letter", "topic-dead-letter", "topic-backlog")) {
            assertThat(catalog.list(kind, "", "", 10)).isEmpty();
        }
    }

    @Test
    void a_topic_is_made_once_and_not_with_other_attributes() throws Exception {
        topic();
        topic();
        refused(
                ErrorCode.INVALID_PARAMETER,
                () ->
                        write(tx ->
                                topics.create(
                                        tx,
                                        ARN,
                                        Map.of(TopicAttribute.DISPLAY_NAME, "other"),
                                        Map.of())));
        refused(
                ErrorCode.INVALID_PARAMETER,
                () ->
                        write(tx ->
                                topics.create(
                                        tx,
                                        new TopicArn("us-east-1", ACCOUNT, "b"),
                                        Map.of(
                                                TopicAttribute.POLICY,
                                                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"SNS:Publish\",\"Resource\":\"arn:aws:sns:us-east-1:123456789012:other\"}]}"),
                                        Map.of())));
        assertThat(topics.list(ACCOUNT, "us-east-1", "", 10)).hasSize(1);
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> T write(Work<T, RuntimeException> work) throws CatalogException {
        return catalog.write(work);
    }

    private void topic() throws CatalogException {
        write(tx -> topics.create(tx, ARN, Map.of(), Map.of()));
    }

    private void queue(boolean open) throws CatalogException {
        String policy =
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":\"%s\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"%s\"}}}]}"
                        .formatted(QUEUE.arn(), ARN);
        write(tx ->
                parts.queues()
                        .create(
                                tx,
                                QUEUE,
                                open ? Map.of("Policy", policy) : Map.of(),
                                Map.of(),
                                now));
    }

    private List<Received> receive() throws CatalogException {
        return write(tx ->
                        parts.messages()
                                .receive(tx, parts.queues().expect(tx, QUEUE), 10, null, now))
                .messages();
    }

    private Subscription subscribe(
            Protocol protocol, String endpoint, boolean raw, @Nullable String redrive)
            throws CatalogException {
        return write(tx ->
                topics.subscribe(
                        tx,
                        new Topics.Wanted(
                                ARN,
                                ACCOUNT,
                                protocol,
                                endpoint,
                                new Subscription.Terms(raw, redrive, Filter.NONE)),
                        protocol == Protocol.SQS,
                        now));
    }

    private Subscription subscribeFiltered(String endpoint, Filter filter) throws CatalogException {
        return write(tx ->
                topics.subscribe(
                        tx,
                        new Topics.Wanted(
                                ARN,
                                ACCOUNT,
                                Protocol.SQS,
                                endpoint,
                                Subscription.Terms.DEFAULTS.withFilter(filter)),
                        true,
                        now));
    }

    private Subscription confirmed(String endpoint, @Nullable String redrive)
            throws CatalogException {
        topic();
        Subscription made = subscribe(Protocol.HTTP, endpoint, false, redrive);
        taken(due().getFirst());
        return confirm(made.token());
    }

    private Subscription confirm(@Nullable String token) throws CatalogException {
        return write(tx ->
                topics.confirm(
                        tx, ARN, Optional.ofNullable(token).orElseThrow(), false, false, now));
    }

    private Message message(String text) {
        return Message.of(topics.freshId(), ARN, text, now);
    }

    private String publish(String text) throws CatalogException {
        Message message = message(text);
        write(tx -> {
            topics.publish(tx, message);
            return true;
        });
        return message.id();
    }

    /// Publishes so many messages at once.
    private void publish(int count) throws CatalogException {
        write(tx -> {
            for (int i = 0; i < count; i++) {
                topics.publish(tx, message("m"));
            }
            return true;
        });
    }

    private List<Parcel> due() throws CatalogException {
        return outbound.due(now, _ -> false, 10);
    }

    private void taken(Parcel parcel) throws CatalogException {
        outbound.done(parcel, new Courier.Outcome.Taken(), now);
    }

    private List<Outbound.DeadLetter> dead() throws CatalogException {
        return outbound.deadLetters(ACCOUNT, "us-east-1", "", 10);
    }

    private int retry() throws CatalogException {
        return write(tx -> outbound.retry(tx, ACCOUNT, "us-east-1", "", now));
    }

    private static void refused(
            ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }
}

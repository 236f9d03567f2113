package dev.cairn.testkit.history;

import static dev.cairn.testkit.history.Records.PLACE;
import static dev.cairn.testkit.history.Records.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.event.Place;
import dev.cairn.history.Condition;
import dev.cairn.history.History;
import dev.cairn.history.HistoryException;
import dev.cairn.history.Page;
import dev.cairn.history.Query;
import dev.cairn.history.SearchText;
import dev.cairn.history.SearchTextException;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.testkit.ledger.LedgerContract.HandClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What every history must do. An implementation extends it and says how one is opened.
public abstract class HistoryContract {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private final HandClock clock = new HandClock();
    private @Nullable History opened;

    protected HistoryContract() {
        clock.advance(Duration.between(clock.instant(), NOW));
    }

    /// What a test wants of a history.
    ///
    /// @param retention null for ever
    public record Wanted(HandClock clock, @Nullable Duration retention, boolean expireImported) {}

    /// Opens the test's history; the same one again when it was closed since.
    protected abstract History open(Wanted wanted) throws HistoryException;

    /// Forgets the test's history, so that the next one opened is empty.
    protected abstract void forget() throws HistoryException;

    @AfterEach
    protected void closeHistory() throws HistoryException {
        close();
        forget();
    }

    private void close() {
        if (opened != null) {
            opened.close();
            opened = null;
        }
    }

    private History history() throws HistoryException {
        return history(new Wanted(clock, Duration.ofDays(90), false));
    }

    private History history(Wanted wanted) throws HistoryException {
        close();
        History history = open(wanted);
        opened = history;
        return history;
    }

    // ---- finding ------------------------------------------------------------------------------

    @Test
    void what_was_taken_and_refreshed_is_found_newest_first() throws Exception {
        History history = history();
        history.take(
                new Records(0)
                        .add("a", "2026-11-20T10:00:00Z", "RunInstances")
                        .add("b", "2026-11-21T10:00:00Z", "StopInstances")
                        .add("c", "2026-11-01T10:00:00Z", "RunInstances")
                        .slice());
        history.refresh();
        assertThat(ids(history, "")).containsExactly("b", "a", "c");
        assertThat(ids(history, "eventName:RunInstances")).containsExactly("a", "c");
    }

    @Test
    void a_hit_has_the_records_bytes_and_where_it_came_from() throws Exception {
        History history = history();
        Map<String, @Nullable Object> record = record("a", "2026-11-20T10:00:00Z", "RunInstances");
        history.take(
                new Records(3, 0)
                        .addBroken("x")
                        .add(new Place("111111111111", "eu-west-1"), Origin.IMPORT, record)
                        .slice());
        history.refresh();
        Page.Hit hit = history.search(query("")).hits().getFirst();
        assertThat(hit.event().json()).isEqualTo(Records.bytes(record));
        assertThat(hit.event().place()).isEqualTo(new Place("111111111111", "eu-west-1"));
        assertThat(hit.origin()).isEqualTo(Origin.IMPORT);
        assertThat(hit.position().partition()).isEqualTo(3);
        assertThat(hit.position().offset()).isEqualTo(1);
    }

    @Test
    void each_attribute_of_lookup_events_is_asked() throws Exception {
        History history = history();
        Map<String, @Nullable Object> record = record("a", "2026-11-20T10:00:00Z", "DeleteBucket");
        record.put("eventSource", "s3.amazonaws.com");
        record.put("requestParameters", Map.of("bucketName", "my-bucket"));
        history.take(
                new Records(0)
                        .add(record)
                        .add("b", "2026-11-20T10:00:00Z", "DescribeInstances")
                        .slice());
        history.refresh();
        assertThat(ids(history, "eventID:a")).containsExactly("a");
        assertThat(ids(history, "eventName:DeleteBucket")).containsExactly("a");
        assertThat(ids(history, "eventName:deletebucket")).isEmpty();
        assertThat(ids(history, "readOnly:false")).containsExactly("a");
        assertThat(ids(history, "readOnly:true")).containsExactly("b");
        assertThat(ids(history, "username:alice")).containsExactly("a", "b");
        assertThat(ids(history, "resourceName:my-bucket")).containsExactly("a");
        assertThat(ids(history, "resourceType:\"AWS::S3::Bucket\"")).containsExactly("a");
        assertThat(ids(history, "eventSource:ec2.amazonaws.com")).containsExactly("b");
        assertThat(ids(history, "accessKeyId:AKIAALICE")).containsExactly("a", "b");
        assertThat(ids(history, "category:Management")).containsExactly("a", "b");
        assertThat(ids(history, "account:123456789012 region:us-east-1")).hasSize(2);
    }

    @Test
    void the_values_of_a_path_are_listed_once_in_order_page_by_page() throws Exception {
        Records records = new Records(0);
        List<String> keys =
                List.of("AKIAB", "ASIA1", "AKIAA", "\uff5ekey", "\ud83d\ude00key", "AKIAB");
        for (int at = 0; at < keys.size(); at++) {
            Map<String, @Nullable Object> record =
                    record("k" + at, "2026-11-%02dT10:00:00Z".formatted(10 + at), "GetObject");
            record.put("userIdentity", Map.of("type", "IAMUser", "accessKeyId", keys.get(at)));
            records.add(record);
        }
        Map<String, @Nullable Object> longest = record("k9", "2026-11-20T10:00:00Z", "GetObject");
        longest.put("userIdentity", Map.of("accessKeyIdOther", "x", "accessKeyI", "y"));
        records.add(longest);
        History history = history();
        history.take(records.slice());
        history.refresh();

        String path = "userIdentity.accessKeyId";
        assertThat(history.values(path, "", 10))
                .containsExactly("AKIAA", "AKIAB", "ASIA1", "\uff5ekey", "\ud83d\ude00key");
        assertThat(history.values(path, "", 2)).containsExactly("AKIAA", "AKIAB");
        assertThat(history.values(path, "AKIAB", 2)).containsExactly("ASIA1", "\uff5ekey");
        assertThat(history.values(path, "ASIA\uffff", 10))
                .containsExactly("\uff5ekey", "\ud83d\ude00key");
        assertThat(history.values(path, "\ud83d\ude00key", 10)).isEmpty();
        assertThat(history.values("nowhere", "", 10)).isEmpty();
    }

    @Test
    void times_are_inclusive_at_both_ends() throws Exception {
        History history = history();
        history.take(
                new Records(0)
                        .add("a", "2026-11-20T10:00:00Z", "X")
                        .add("b", "2026-11-20T10:00:01Z", "X")
                        .add("c", "2026-11-20T10:00:02Z", "X")
                        .add("d", "2026-11-20T10:00:03Z", "X")
                        .slice());
        history.refresh();
        Query query =
                new Query(
                        new Condition.All(),
                        null,
                        null,
                        Instant.parse("2026-11-20T10:00:01Z"),
                        Instant.parse("2026-11-20T10:00:02Z"),
                        null,
                        10);
        assertThat(ids(history.search(query))).containsExactly("c", "b");
        assertThat(ids(history, "eventTime:{2026-11-20T10:00:01Z TO 2026-11-20T10:00:02Z]"))
                .containsExactly("c");
        assertThat(ids(history, "eventTime:2026-11-20T10:00:0*")).hasSize(4);
        assertThat(ids(history, "eventTime:<=2026-11-19")).isEmpty();
        assertThat(ids(history, "eventTime:<=2026-11-20")).hasSize(4);
    }

    @Test
    void only_the_places_asked_for_are_looked_in() throws Exception {
        History history = history();
        Place other = new Place("123456789012", "eu-west-1");
        Place foreign = new Place("999999999999", "us-east-1");
        history.take(
                new Records(0)
                        .add("a", "2026-11-20T10:00:00Z", "X")
                        .add(other, Origin.INTAKE, record("b", "2026-11-20T10:00:00Z", "X"))
                        .add(foreign, Origin.INTAKE, record("c", "2026-11-20T10:00:00Z", "X"))
                        .slice());
        history.refresh();
        assertThat(ids(history.search(within(Set.of(PLACE, foreign), null))))
                .containsExactly("a", "c");
        assertThat(ids(history.search(within(null, Set.of("123456789012")))))
                .containsExactly("a", "b");
        assertThat(ids(history.search(within(Set.of(PLACE), Set.of("999999999999"))))).isEmpty();
        assertThat(ids(history.search(within(Set.of(), null)))).isEmpty();
    }

    @Test
    void who_touched_a_resource_is_found_by_name_by_value_and_by_arn() throws Exception {
        History history = history();
        Map<String, @Nullable Object> byArn = record("arn", "2026-11-20T10:00:03Z", "X");
        byArn.put(
                "resources",
                List.of(Map.of("ARN", "arn:aws:ec2:us-east-1:123456789012:instance/i-0abc")));
        Map<String, @Nullable Object> byValue = record("value", "2026-11-20T10:00:02Z", "X");
        byValue.put("requestParameters", Map.of("deep", List.of(Map.of("anything", "i-0abc"))));
        Map<String, @Nullable Object> byPart = record("part", "2026-11-20T10:00:01Z", "X");
        byPart.put("requestParameters", Map.of("anything", "i-0abc1 or i-0abc"));
        history.take(new Records(0).add(byArn).add(byValue).add(byPart).slice());
        history.refresh();
        assertThat(ids(history, "touched:i-0abc")).containsExactly("arn", "value");
        assertThat(ids(history, "touched:instance/i-0abc")).containsExactly("arn");
        assertThat(ids(history, "touched:0abc")).isEmpty();
        assertThat(ids(history, "i-0abc")).containsExactly("arn", "value", "part");
    }

    // ---- pages --------------------------------------------------------------------------------

    @Test
    void pages_meet_without_gap_or_overlap_although_times_are_equal_and_events_come_in_between()
            throws Exception {
        History history = history();
        Records records = new Records(0);
        for (int i = 0; i < 100; i++) {
            records.add(
                    "e%02d".formatted((i * 37) % 100), "2026-11-20T10:00:0" + (i % 3) + "Z", "X");
        }
        history.take(records.slice());
        history.refresh();
        List<String> whole = ids(history.search(query("", 1000, null)));
        List<String> paged = new ArrayList<>();
        Query.Cursor after = null;
        do {
            Page page = history.search(query("", 7, after));
            paged.addAll(ids(page));
            after = page.next();
            // Newer than everything: no later page may move.
            history.take(records.add("new" + paged.size(), "2026-11-20T10:00:09Z", "X").slice());
            history.refresh();
        } while (after != null);
        assertThat(paged).isEqualTo(whole).hasSize(100).doesNotHaveDuplicates();
    }

    @Test
    void a_page_that_ends_exactly_with_the_last_event_has_no_next() throws Exception {
        History history = history();
        history.take(
                new Records(0)
                        .add("a", "2026-11-20T10:00:00Z", "X")
                        .add("b", "2026-11-18T10:00:00Z", "X")
                        .slice());
        history.refresh();
        assertThat(history.search(query("", 2, null)).next()).isNull();
        assertThat(history.search(query("", 1, null)).next()).isNotNull();
    }

    @Test
    void one_id_in_two_places_is_two_events() throws Exception {
        History history = history();
        Place other = new Place("123456789012", "eu-west-1");
        history.take(
                new Records(0)
                        .add("a", "2026-11-20T10:00:00Z", "X")
                        .add(other, Origin.INTAKE, record("a", "2026-11-20T10:00:00Z", "X"))
                        .slice());
        history.refresh();
        Page first = history.search(query("eventID:a", 1, null));
        Page second = history.search(query("eventID:a", 1, first.next()));
        assertThat(first.hits().getFirst().event().place()).isEqualTo(other);
        assertThat(second.hits().getFirst().event().place()).isEqualTo(PLACE);
        assertThat(second.next()).isNull();
    }

    // ---- taking -------------------------------------------------------------------------------

    @Test
    void overlapping_slices_are_taken_once() throws Exception {
        History history = history();
        Records records = new Records(0).add("a", "2026-11-20T10:00:00Z", "X");
        history.take(records.slice());
        records.add("b", "2026-11-20T10:00:00Z", "X");
        history.take(records.slice());
        history.take(records.slice());
        history.refresh();
        assertThat(ids(history, "")).containsExactly("a", "b");
        assertSum(history, 0, 2);
    }

    @Test
    void what_was_committed_is_there_after_a_crash_and_the_rest_is_taken_again() throws Exception {
        History history = history();
        Records records = new Records(0).add("a", "2026-11-20T10:00:00Z", "X");
        history.take(records.slice());
        history.commit();
        assertThat(history.position(0)).isEqualTo(1);
        history.take(records.add("b", "2026-11-20T10:00:00Z", "X").slice());
        assertThat(history.position(0)).isEqualTo(1);

        history = history();
        assertThat(history.position(0)).isEqualTo(1);
        assertThat(ids(history, "")).containsExactly("a");
        history.take(records.since(1));
        history.refresh();
        assertThat(ids(history, "")).containsExactly("a", "b");
        assertSum(history, 0, 2);
    }

    @Test
    void what_the_ledger_released_before_the_history_began_counts_as_filtered() throws Exception {
        History history = history();
        history.begin(0, 40);
        history.take(new Records(0, 40).add("a", "2026-11-20T10:00:00Z", "X").slice());
        history.commit();
        assertThat(history.account(0)).isEqualTo(new History.Account(41, 1, 40, 0));
        assertThatThrownBy(() -> history.begin(0, 41)).isInstanceOf(IllegalStateException.class);
        History after = history();
        assertThat(after.position(0)).isEqualTo(41);
        assertThat(after.account(0)).isEqualTo(new History.Account(41, 1, 40, 0));
        assertThat(after.setAside(10)).isEmpty();
    }

    @Test
    void an_event_that_cannot_be_taken_is_set_aside_and_stops_nothing() throws Exception {
        History history = history();
        history.take(
                new Records(0)
                        .add("a", "2026-11-20T10:00:00Z", "X")
                        .addBroken("b")
                        .lose(10, "the disk gave other bytes")
                        .add("c", "2026-11-20T10:00:00Z", "X")
                        .slice());
        history.commit();
        history = history();
        assertThat(ids(history, "")).containsExactly("a", "c");
        assertThat(history.account(0)).isEqualTo(new History.Account(13, 2, 0, 11));
        List<History.SetAside> asides = history.setAside(10);
        assertThat(asides).hasSize(2);
        assertThat(asides.getFirst().offset()).isEqualTo(1);
        assertThat(asides.getLast())
                .isEqualTo(new History.SetAside(0, 2, 10, "the disk gave other bytes"));
        assertThat(history.setAside(1)).containsExactly(asides.getLast());
    }

    @Test
    void partitions_are_counted_apart() throws Exception {
        History history = history();
        history.take(new Records(0).add("a", "2026-11-20T10:00:00Z", "X").slice());
        history.take(
                new Records(1)
                        .add("b", "2026-11-20T10:00:00Z", "X")
                        .add("c", "2026-11-20T10:00:00Z", "X")
                        .slice());
        history.commit();
        assertThat(history.account(0)).isEqualTo(new History.Account(1, 1, 0, 0));
        assertThat(history.account(1)).isEqualTo(new History.Account(2, 2, 0, 0));
        assertThat(history.account(2)).isEqualTo(new History.Account(0, 0, 0, 0));
        assertThat(history.position(1)).isEqualTo(2);
    }

    // ---- retention ----------------------------------------------------------------------------

    @Test
    void an_event_is_found_until_its_retention_ends_to_the_second() throws Exception {
        History history = history();
        history.take(new Records(0).add("a", "2026-11-20T10:00:00Z", "X").slice());
        history.refresh();
        clock.advance(
                Duration.between(NOW, Instant.parse("2026-11-20T10:00:00Z"))
                        .plus(Duration.ofDays(90)));
        assertThat(ids(history, "")).containsExactly("a");
        clock.advance(Duration.ofSeconds(1));
        assertThat(ids(history, "")).isEmpty();
    }

    @Test
    void what_has_expired_counts_as_filtered_and_may_be_released() throws Exception {
        History history = history();
        Records records =
                new Records(0)
                        .add("a", "2026-11-18T10:00:00Z", "X")
                        .add("b", "2026-11-21T10:00:00Z", "X");
        history.take(records.slice());
        history.commit();
        assertThat(history.lowestHeld(0)).isEqualTo(0);
        clock.advance(Duration.ofDays(89));
        history.expire(clock.instant());
        assertThat(history.account(0)).isEqualTo(new History.Account(2, 1, 1, 0));
        assertThat(history.lowestHeld(0)).isEqualTo(1);
        clock.advance(Duration.ofDays(30));
        history.expire(clock.instant());
        assertThat(history.account(0)).isEqualTo(new History.Account(2, 0, 2, 0));
        assertThat(history.lowestHeld(0)).isEqualTo(2);
        assertThat(ids(history, "")).isEmpty();

        history = history();
        assertThat(history.account(0)).isEqualTo(new History.Account(2, 0, 2, 0));
        history.take(records.add("late", "2026-11-19T10:00:00Z", "X").since(2));
        assertThat(history.account(0)).isEqualTo(new History.Account(3, 0, 3, 0));
    }

    @Test
    void imported_events_stay_unless_they_are_told_to_go() throws Exception {
        Records records =
                new Records(0)
                        .add(PLACE, Origin.IMPORT, record("old", "2014-03-06T10:00:00Z", "X"))
                        .add(PLACE, Origin.INTAKE, record("gone", "2014-03-06T10:00:00Z", "X"))
                        .add(PLACE, Origin.IMPORT, record("new", "2026-11-20T10:00:00Z", "X"))
                        .add(PLACE, Origin.INTAKE, record("mid", "2026-11-10T10:00:00Z", "X"))
                        .add(PLACE, Origin.IMPORT, record("early", "2026-11-02T10:00:00Z", "X"));
        History history = history();
        history.take(records.slice());
        history.expire(clock.instant());
        assertThat(ids(history, "")).containsExactly("new", "mid", "early", "old");
        assertThat(history.account(0)).isEqualTo(new History.Account(5, 4, 1, 0));
        close();
        forget();

        history = history(new Wanted(clock, Duration.ofDays(90), true));
        history.take(records.slice());
        history.expire(clock.instant());
        assertThat(ids(history, "")).containsExactly("new", "mid", "early");
        assertThat(history.account(0)).isEqualTo(new History.Account(5, 3, 2, 0));
    }

    @Test
    void without_retention_nothing_expires() throws Exception {
        History history = history(new Wanted(clock, null, false));
        history.take(new Records(0).add("a", "1970-01-01T00:00:00Z", "X").slice());
        history.expire(clock.instant());
        assertThat(ids(history, "")).containsExactly("a");
    }

    // ---- the language -------------------------------------------------------------------------

    @Test
    void long_values_are_whole_to_every_question() throws Exception {
        History history = history();
        String policy = "statement ".repeat(500);
        Map<String, @Nullable Object> one = record("one", "2026-11-20T10:00:00Z", "X");
        one.put("requestParameters", Map.of("policy", policy + "one"));
        Map<String, @Nullable Object> two = record("two", "2026-11-20T10:00:00Z", "X");
        two.put("requestParameters", Map.of("policy", policy + "two"));
        Map<String, @Nullable Object> word = record("word", "2026-11-20T10:00:00Z", "X");
        word.put("requestParameters", Map.of("w", "b".repeat(100) + "c"));
        history.take(new Records(0).add(one).add(two).add(word).slice());
        history.refresh();
        String path = "requestParameters.policy";
        assertThat(ids(history, new Condition.Is(path, policy + "one"))).containsExactly("one");
        assertThat(ids(history, new Condition.Is("*", policy + "two"))).containsExactly("two");
        assertThat(ids(history, new Condition.Like(path, "*two"))).containsExactly("two");
        assertThat(ids(history, new Condition.Like(path, "statement*one"))).containsExactly("one");
        assertThat(ids(history, new Condition.Like(path, "*statement"))).isEmpty();
        assertThat(ids(history, new Condition.Like("*", "*tatement two"))).containsExactly("two");
        assertThat(ids(history, new Condition.Matches(path, "(statement )+two")))
                .containsExactly("two");
        assertThat(ids(history, new Condition.Between(path, policy + "p", true, null, false)))
                .containsExactly("two");
        assertThat(ids(history, "\"statement two\"")).containsExactly("two");
        assertThat(ids(history, "b".repeat(100) + "c")).containsExactly("word");
        assertThat(ids(history, "b".repeat(100) + "d")).isEmpty();
        assertThat(ids(history, "b".repeat(80) + "*")).containsExactly("word");
    }

    @Property(tries = 20)
    void random_events_and_conditions_agree_with_the_list(@ForAll long seed) throws Exception {
        try (MemoryHistory list =
                new MemoryHistory(new MemoryHistory.Durable(), clock, Duration.ofDays(90), false)) {
            History history = history();
            RandomEvents random = new RandomEvents(new Random(seed));
            Records records = random.records(40);
            for (History each : List.of(list, history)) {
                each.take(records.slice());
                each.refresh();
            }
            assertThat(history.account(0)).isEqualTo(list.account(0));
            for (int i = 0; i < 25; i++) {
                Condition condition = random.condition(3);
                assertThat(ids(history, condition))
                        .as(SearchText.of(condition))
                        .isEqualTo(ids(list, condition));
            }
        } finally {
            closeHistory();
        }
    }

    @Property(tries = 8)
    void pages_through_random_events_hold_each_once_with_inserts_and_restarts_between(
            @ForAll long seed) throws Exception {
        try {
            History history = history();
            Random chance = new Random(seed);
            RandomEvents random = new RandomEvents(chance);
            Records records = random.records(60);
            history.take(records.slice());
            history.commit();
            history.refresh();
            List<String> before = ids(history.search(query("", 1000, null)));
            List<String> paged = new ArrayList<>();
            Query.Cursor after = null;
            do {
                Page page = history.search(query("", 1 + chance.nextInt(9), after));
                paged.addAll(ids(page));
                after = page.next();
                random.add(records);
                history.take(records.slice());
                history.refresh();
                if (chance.nextInt(4) == 0) {
                    history.commit();
                    history = history();
                }
            } while (after != null);
            assertThat(paged).doesNotHaveDuplicates();
            Set<String> old = new HashSet<>(before);
            assertThat(paged.stream().filter(old::contains).toList()).isEqualTo(before);
        } finally {
            closeHistory();
        }
    }

    // ---- asking -------------------------------------------------------------------------------

    /// Positions, delivered, filtered and set aside make up what was taken.
    protected static void assertSum(History history, int partition, long position)
            throws HistoryException {
        History.Account account = history.account(partition);
        assertThat(account.position()).isEqualTo(position);
        assertThat(account.delivered() + account.filtered() + account.setAside())
                .as(account.toString())
                .isEqualTo(position);
    }

    protected static List<String> ids(History history, String search)
            throws HistoryException, SearchTextException {
        return ids(history.search(query(search)));
    }

    protected static List<String> ids(History history, Condition condition)
            throws HistoryException {
        return ids(history.search(query(condition, 1000, null)));
    }

    protected static List<String> ids(Page page) {
        return page.hits().stream().map(hit -> hit.event().id()).toList();
    }

    protected static Query query(String search) throws SearchTextException {
        return query(search, 1000, null);
    }

    protected static Query query(String search, int limit, Query.@Nullable Cursor after)
            throws SearchTextException {
        return query(SearchText.parse(search), limit, after);
    }

    private static Query query(Condition condition, int limit, Query.@Nullable Cursor after) {
        return new Query(
                condition,
                null,
                null,
                Instant.parse("1900-01-01T00:00:00Z"),
                Instant.parse("2200-01-01T00:00:00Z"),
                after,
                limit);
    }

    private static Query within(@Nullable Set<Place> places, @Nullable Set<String> accounts) {
        return new Query(
                new Condition.All(),
                places,
                accounts,
                Instant.EPOCH,
                Instant.parse("2200-01-01T00:00:00Z"),
                null,
                100);
    }

    /// An entry with an id of its own, for records that have none.
    protected static Entry entry(String id, Map<String, @Nullable Object> record) {
        return new Entry(PLACE, id, Origin.INTAKE, Records.bytes(record));
    }
}

package dev.cairn.inquiry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.log.LogEvent;
import dev.cairn.log.LogGroup;
import dev.cairn.log.LogGroupName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InquiryTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final LogGroup GROUP =
            new LogGroup(
                    new LogGroupName("us-east-1", "123456789012", "audit"),
                    NOON,
                    Optional.empty(),
                    Map.of(),
                    0);

    /// A minute apart, the last one first.
    private static final List<String> MESSAGES =
            List.of(
                    "{\"eventName\":\"PutObject\",\"user\":{\"name\":\"mary\"},\"bytes\":10,\"ok\":true,\"tags\":[{\"k\":\"a\"}]}",
                    "{\"eventName\":\"GetObject\",\"user\":{\"name\":\"mary\"},\"bytes\":5,\"ok\":false}",
                    "{\"eventName\":\"GetObject\",\"user\":{\"name\":\"joe\"},\"bytes\":2.5,\"error\":\"AccessDenied\"}",
                    "user=ann took 30 ms",
                    "user=bob took 4 ms");

    /// Rows as `value,value`; a value that is not there is `-`.
    private static List<String> ask(String text) {
        Inquiry inquiry = Inquiry.of(text);
        MessageFields fields = new MessageFields(inquiry.fields());
        Pipeline pipeline = new Pipeline(inquiry);
        for (int i = 0; i < MESSAGES.size(); i++) {
            Instant time = NOON.minusSeconds(60L * i);
            LogEvent event = new LogEvent("main", "" + i, time, time, MESSAGES.get(i));
            if (!pipeline.take(fields.of(GROUP, event))) {
                break;
            }
        }
        List<String> rows = new ArrayList<>();
        for (Row row : pipeline.end()) {
            List<String> cells = new ArrayList<>();
            for (Inquiry.Column column : inquiry.columns()) {
                String value = row.get(column.name());
                cells.add(value == null ? "-" : column.moment() ? Formula.moment(value) : value);
            }
            rows.add(String.join(",", cells));
        }
        return rows;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "fields eventName, user.name | limit 2; PutObject,mary / GetObject,mary",
                "fields @timestamp | limit 1; 2026-11-22 12:00:00.000",
                "fields @timestamp as t | limit 1 | display t; 2026-11-22 12:00:00.000",
                "fields bytes * 2 + 1 as twice | filter ispresent(bytes); 21 / 11 / 6",
                "filter user.name = 'mary' | fields bytes; 10 / 5",
                "filter user.name != 'mary' and ispresent(user.name) | fields bytes; 2.5",
                "filter bytes > 4 and not ok | fields bytes; 5",
                "filter eventName in ['PutObject', 'DeleteObject'] | fields bytes; 10",
                "filter eventName not in ['PutObject'] and ispresent(eventName) | fields bytes; 5 / 2.5",
                "filter @message like /took \\d\\d/ | fields @message; user=ann took 30 ms",
                "filter @message like 'took 4' | fields @message; user=bob took 4 ms",
                "filter eventName =~ /^Put/ | fields tags.0.k; a",
                "filter eventName not like /Get/ and bytes > 0 | fields eventName; PutObject",
                "parse @message 'user=* took * ms' as who, ms | filter ispresent(who) | display who, ms; ann,30 / bob,4",
                "parse /user=(?<who>\\w+)/ | filter who = 'bob' | display who; bob",
                "stats count(*) as n by eventName | sort n desc, eventName | display eventName, n; GetObject,2 / -,2 / PutObject,1",
                "stats count(*), sum(bytes), avg(bytes), min(bytes), max(bytes); 5,17.5,5.833333333333333,2.5,10",
                "stats count_distinct(user.name) as who; 2",
                "stats earliest(eventName) as e, latest(eventName) as l; GetObject,PutObject",
                "filter bytes > 1000 | stats count(*) as n; 0",
                "stats count(*) as n by bin(3m) as b | sort b; 2026-11-22 11:54:00.000,1 / 2026-11-22 11:57:00.000,3 / 2026-11-22 12:00:00.000,1",
                "fields bytes | filter ispresent(bytes) | sort bytes | limit 2; 2.5 / 5",
                "filter ispresent(eventName) | dedup eventName | display eventName, bytes; PutObject,10 / GetObject,5",
                "fields `user.name` as `who is it` | limit 1; mary",
                "fields coalesce(error, eventName) as x, toupper(user.name) as y, strlen(eventName) as z | limit 1; PutObject,MARY,9",
                "fields substr(eventName, 3) as x, replace(eventName, 'Put', 'Get') as y | limit 1; Object,GetObject",
                "fields ok, 7 % 4 as m, 2 ^ 3 as p, -bytes as n | limit 1; 1,3,8,-10",
                "fields 1 # of no use | limit 1; 1 / 1 / 1 / 1 / 1",
                "filter ispresent(bytes) | dedup error | fields bytes; 10 / 5 / 2.5",
                "filter ispresent(bytes) | sort bytes desc | stats count(*) as n; 3",
                "filter 90071992547409930 = 90071992547409931 | fields 1; ",
                "filter '12e34567' = '99e99999' | fields 1; ",
                "fields greatest(bytes, 7) as g, concat(eventName, '-', ok) as c | limit 2; 10,PutObject-1 / 7,GetObject-0",
            })
    void a_question_has_its_answer(String question, @Nullable String rows) {
        assertThat(ask(question.strip()))
                .isEqualTo(rows == null ? List.of() : List.of(rows.strip().split(" / ")));
    }

    @Test
    void without_fields_time_and_message_are_shown() {
        assertThat(ask("limit 1")).containsExactly("2026-11-22 12:00:00.000," + MESSAGES.get(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "select *",
                "fields",
                "filter a =",
                "filter (a = 1",
                "filter a = 'x",
                "filter a like /(/",
                "limit 0",
                "limit 10001",
                "stats foo(a)",
                "stats count(*) by",
                "stats pct(a, 101)",
                "stats count(*) | stats count(*)",
                "parse @message 'a * b' as x, y",
                "parse @message /abc/",
                "fields bin(0m)",
                "fields nothing(a)",
                "fields a | ",
                "dedup",
                "fields a b",
            })
    void what_cannot_be_read_is_refused_and_says_what_was_expected(String question) {
        assertThatExceptionOfType(InquiryException.class)
                .isThrownBy(() -> Inquiry.of(question))
                .satisfies(refused -> assertThat(refused.message()).isNotEmpty());
    }

    @Test
    void deep_questions_are_refused() {
        assertThatExceptionOfType(InquiryException.class)
                .isThrownBy(() -> Inquiry.of("filter " + "(".repeat(10_000)))
                .withMessageContaining("levels");
        assertThatExceptionOfType(InquiryException.class)
                .isThrownBy(() -> Inquiry.of("fields a" + " | fields a".repeat(100)))
                .withMessageContaining("commands");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{1000}){1000}){1000}",
                "((a{900}|[)]{2}){9}){9}",
                "(?:[]{}({a]{50}){50}",
                "(\\({99}){99}",
                "\\d{1000}\\d{1000}\\d{1000}",
                "(((){1000}){1000}){1000}",
                "(({{1000}){1000}){1000}",
                "({{{{{{{{{{){1000}",
                "(\\Qabcdefghij\\E){1000}",
                "((((((a)))))){1000}",
            })
    void regular_expressions_are_refused_before_they_are_large(String regex) {
        assertThatExceptionOfType(InquiryException.class)
                .isThrownBy(() -> Inquiry.of("filter a like /" + regex + "/"))
                .withMessageContaining("steps");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
                "(\\d{1,3}\\.){3}\\d{1,3}",
                "{}",
                "a{x}",
                "[[:alpha:]{]+",
            })
    void usual_ones_are_taken(String regex) {
        Inquiry.of("filter a like /" + regex + "/");
    }

    @Test
    void many_small_regular_expressions_are_one_large_one() {
        assertThatExceptionOfType(InquiryException.class)
                .isThrownBy(() ->
                        Inquiry.of(
                                "filter a like /x/" + " or a like /(.{0,30}){0,10}x/".repeat(100)))
                .withMessageContaining("steps");
    }

    @Test
    void an_escaped_parenthesis_is_no_group_with_a_name() {
        Inquiry.Command.Filter filter =
                (Inquiry.Command.Filter)
                        Inquiry.of("filter a like /\\(?<b>/").commands().getFirst();
        Row row = new Row(Map.of("a", "x(<b>y"), 0, null);
        assertThat(filter.condition().holds(row)).isTrue();
    }

    @Test
    void long_chains_and_long_paths_are_refused() {
        for (String chain : List.of(" + 1", " * 1", " or 1", " and 1")) {
            assertThatExceptionOfType(InquiryException.class)
                    .isThrownBy(() -> Inquiry.of("filter 1" + chain.repeat(600)))
                    .withMessageContaining("operators");
            Inquiry.of("filter 1" + chain.repeat(400));
        }
        assertThatExceptionOfType(InquiryException.class)
                .isThrownBy(() -> Inquiry.of("fields a" + ".a".repeat(60)))
                .withMessageContaining("names");
    }

    @Test
    void values_of_all_kinds_are_sorted() {
        Random random = new Random(3);
        Pipeline pipeline = new Pipeline(Inquiry.of("sort a"));
        for (int i = 0; i < 2_000; i++) {
            String text = Integer.toHexString(random.nextInt(1_000_000));
            pipeline.take(new Row(Map.of("a", text), i, null));
        }
        List<String> sorted = new ArrayList<>();
        pipeline.end().forEach(row -> sorted.add(String.valueOf(row.get("a"))));
        assertThat(sorted).hasSize(2_000).isSortedAccordingTo(Formula::sortOrder);
        List<Boolean> numbers =
                sorted.stream().map(text -> !Double.isNaN(Formula.number(text))).toList();
        assertThat(numbers).isSorted().contains(true, false);
    }

    @Test
    void numbers_are_those_that_are_written_as_such() {
        for (String text : List.of("1e-99999999999", "0x1p3", "1e400", "-", "1d", "NaN")) {
            assertThat(Formula.number(text)).as(text).isNaN();
            assertThat(Formula.sortOrder(text, "12345678901234567")).as(text).isNegative();
        }
        for (String text : List.of("1", "-1.5", ".5", "5.", "1e3", "1E-300")) {
            assertThat(Formula.number(text)).as(text).isNotNaN();
        }
        List<String> texts =
                new ArrayList<>(List.of("0", "-0", "1e-400", "0.00000000000000000", "0e5"));
        for (String one : texts) {
            for (String other : texts) {
                for (String third : texts) {
                    if (Formula.sortOrder(one, other) == 0
                            && Formula.sortOrder(other, third) == 0) {
                        assertThat(Formula.sortOrder(one, third)).isZero();
                    }
                }
            }
        }
    }

    @Test
    void what_follows_a_sort_misses_no_row_unseen() {
        Pipeline pipeline = new Pipeline(Inquiry.of("sort a | dedup b"));
        assertThatExceptionOfType(InquiryException.class)
                .isThrownBy(() -> {
                    for (int i = 0; i <= Inquiry.ROWS_MAX; i++) {
                        pipeline.take(new Row(Map.of("a", "" + i, "b", "" + i), i, null));
                    }
                })
                .withMessageContaining("sort");
        Pipeline sums = new Pipeline(Inquiry.of("sort a | stats count(*) as n"));
        for (int i = 0; i < 2 * Inquiry.ROWS_MAX; i++) {
            sums.take(new Row(Map.of("a", "" + i), i, null));
        }
        assertThat(sums.end().getFirst().get("n")).isEqualTo("" + 2 * Inquiry.ROWS_MAX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stats latest(@message) by n",
                "stats max(concat(@message, n)) by n",
                "sort concat(@message, n)",
                "dedup @message, n",
            })
    void whatever_an_answer_keeps_is_counted(String question) {
        Pipeline pipeline = new Pipeline(Inquiry.of(question));
        String message = "x".repeat(10_000);
        assertThatExceptionOfType(InquiryException.class)
                .isThrownBy(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        pipeline.take(new Row(Map.of("@message", message, "n", "" + i), i, null));
                    }
                })
                .withMessageContaining("million characters");
    }

    @Test
    void of_several_groups_the_newest_is_kept_of_doubles() {
        Inquiry inquiry = Inquiry.of("dedup user | sort user").newestFirst();
        Pipeline pipeline = new Pipeline(inquiry);
        for (int minute : new int[] {10, 11, 9}) {
            pipeline.take(
                    new Row(Map.of("user", "bob", Inquiry.TIMESTAMP, "" + minute), minute, null));
        }
        assertThat(pipeline.end())
                .singleElement()
                .satisfies(row -> assertThat(row.get(Inquiry.TIMESTAMP)).isEqualTo("11"));
    }

    @Test
    void what_an_answer_keeps_is_bounded() {
        Pipeline pipeline = new Pipeline(Inquiry.of("stats count(*) by @message"));
        assertThatExceptionOfType(InquiryException.class)
                .isThrownBy(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        String message = "x".repeat(5_000) + i;
                        pipeline.take(new Row(Map.of("@message", message), i, null));
                    }
                })
                .withMessageContaining("million characters");
        Pipeline sorting = new Pipeline(Inquiry.of("sort @timestamp | limit 5"));
        for (int i = 0; i < 100_000; i++) {
            Map<String, String> values =
                    Map.of("@timestamp", "" + (100_000 - i), "@message", "y".repeat(500));
            assertThat(sorting.take(new Row(values, i, null))).isTrue();
        }
        assertThat(sorting.end()).hasSize(5);
    }

    @Test
    void a_limit_ends_the_reading() {
        Pipeline pipeline = new Pipeline(Inquiry.of("fields a | limit 2"));
        assertThat(pipeline.take(new Row(Map.of(), 0, null))).isTrue();
        assertThat(pipeline.take(new Row(Map.of(), 0, null))).isFalse();
        assertThat(pipeline.matched()).isEqualTo(2);
    }
}

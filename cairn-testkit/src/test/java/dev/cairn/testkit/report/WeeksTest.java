package dev.cairn.testkit.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.Place;
import dev.cairn.history.History;
import dev.cairn.ledger.Origin;
import dev.cairn.report.WeekLetter;
import dev.cairn.report.WeekReport;
import dev.cairn.report.WeekReport.Kind;
import dev.cairn.report.WeekReport.Oddity;
import dev.cairn.report.Weeks;
import dev.cairn.testkit.history.MemoryHistory;
import dev.cairn.testkit.history.Records;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Reports of weeks, over a history in memory.
final class WeeksTest {
    private static final Instant TO = Instant.parse("2026-11-23T08:00:00Z");
    private static final String ALICE = "arn:aws:iam::123456789012:user/alice";
    private static final String EVE = "arn:aws:iam::123456789012:user/eve";

    private final Records records = new Records(0);
    private int number;

    /// A call, `hours` before the week ends.
    private void call(String who, int hours, String name) {
        var record =
                Records.record("e" + number++, TO.minus(Duration.ofHours(hours)).toString(), name);
        record.put("userIdentity", Map.of("type", "IAMUser", "arn", who));
        records.add(record);
    }

    private void calls(String who, int hours, String name, int count) {
        for (var at = 0; at < count; at++) {
            call(who, hours, name);
        }
    }

    private void failing(String who, int hours, String code) {
        var record =
                Records.record(
                        "f" + number++, TO.minus(Duration.ofHours(hours)).toString(), "GetObject");
        record.put("userIdentity", Map.of("type", "IAMUser", "arn", who));
        record.put("errorCode", code);
        records.add(record);
    }

    private WeekReport report() throws Exception {
        return report(new Weeks.Asked(null, TO, ZoneOffset.UTC));
    }

    private WeekReport report(Weeks.Asked asked) throws Exception {
        return Objects.requireNonNull(new Weeks(history()).report(asked, (_, _) -> true));
    }

    private History history() {
        var history =
                new MemoryHistory(
                        new MemoryHistory.Durable(), InstantSource.fixed(TO), null, false);
        history.take(records.slice());
        history.refresh();
        return history;
    }

    private static List<String> odd(WeekReport report, Kind kind) {
        return report.oddities().stream()
                .filter(oddity -> oddity.kind() == kind)
                .map(Oddity::subject)
                .toList();
    }

    @Test
    void people_and_totals_stand_beside_the_week_before() throws Exception {
        calls(ALICE, 24 * 20, "DescribeInstances", 1);
        calls(ALICE, 24 * 8, "DescribeInstances", 4);
        calls(ALICE, 24, "DescribeInstances", 2);
        calls(ALICE, 25, "RunInstances", 3);
        calls(EVE, 26, "DescribeInstances", 7);

        var report = report();

        assertThat(report.week()).isEqualTo(new WeekReport.Totals(12, 3, 0, 2, 1));
        assertThat(report.before()).isEqualTo(new WeekReport.Totals(4, 0, 0, 1, 1));
        assertThat(report.people()).extracting(WeekReport.Person::name).containsExactly(ALICE, EVE);
        var alice = report.people().getFirst();
        assertThat(alice.calls()).isEqualTo(5);
        assertThat(alice.before()).isEqualTo(4);
        assertThat(alice.last()).isEqualTo(TO.minus(Duration.ofHours(24)));
        assertThat(alice.deeds())
                .containsExactly(
                        new WeekReport.Deed("RunInstances", 3),
                        new WeekReport.Deed("DescribeInstances", 2));
    }

    @Test
    void the_bounds_of_the_weeks_belong_to_one_of_them_each() throws Exception {
        call(ALICE, 0, "AtTheEnd");
        call(ALICE, 24 * 7, "AtTheBeginning");
        call(ALICE, 24 * 14, "AtTheBeginningOfTheWeekBefore");

        var report = report();

        assertThat(report.week().calls()).isEqualTo(1);
        assertThat(Objects.requireNonNull(report.before()).calls()).isEqualTo(1);
    }

    @Test
    void what_was_never_there_before_is_pointed_out() throws Exception {
        var role = "arn:aws:sts::123456789012:assumed-role/Deploy*/";
        call(ALICE, 24 * 60, "RunInstances");
        call(role + "monday", 24 * 60, "RunInstances");
        call(ALICE, 24, "RunInstances");
        call(role + "tuesday", 24, "RunInstances");
        call("arn:aws:sts::123456789012:assumed-role/DeployOther/x", 24, "RunInstances");
        call(EVE, 24, "StopLogging");
        call(EVE, 24, "DescribeTrails");
        var far = Records.record("far", TO.minus(Duration.ofHours(9)).toString(), "RunInstances");
        records.add(new Place("123456789012", "ap-south-2"), Origin.INTAKE, far);

        var report = report();

        assertThat(odd(report, Kind.NEW_CALLER))
                .containsExactlyInAnyOrder(
                        EVE, "arn:aws:sts::123456789012:assumed-role/DeployOther/x");
        assertThat(odd(report, Kind.NEW_CALL)).containsExactly("StopLogging");
        assertThat(odd(report, Kind.NEW_REGION)).containsExactly("ap-south-2");
    }

    @Test
    void a_history_that_begins_within_the_week_calls_nothing_new() throws Exception {
        call(EVE, 24, "StopLogging");

        var report = report();

        assertThat(report.oddities()).isEmpty();
        assertThat(report.before()).isNull();
        assertThat(report.notes()).singleElement().asString().contains("History begins within");
    }

    @Test
    void the_root_user_is_always_pointed_out() throws Exception {
        call("arn:aws:iam::123456789012:root", 24, "DeleteTrail");

        assertThat(report().oddities())
                .containsExactly(
                        new Oddity(
                                Kind.ROOT,
                                "arn:aws:iam::123456789012:root",
                                "made 1 call, 1 of them changes"));
    }

    @Test
    void errors_that_more_than_double_are_rising() throws Exception {
        for (var at = 0; at < 12; at++) {
            failing(ALICE, 24, "AccessDenied");
            failing(EVE, 24, at < 9 ? "Throttling" : "NoSuchKey");
        }
        for (var at = 0; at < 6; at++) {
            failing(EVE, 24 * 8, "Throttling");
        }

        assertThat(odd(report(), Kind.ERRORS)).containsExactly("All calls", "AccessDenied", ALICE);
    }

    @Test
    void hours_are_unusual_for_who_has_usual_ones_in_the_zone_of_the_reader() throws Exception {
        // The week ends at 08:00: so these are calls at 08:00, and then at 02:00 and 09:00.
        calls(ALICE, 24 * 8, "DescribeInstances", 20);
        calls(EVE, 24 * 8, "DescribeInstances", 19);
        for (var who : List.of(ALICE, EVE)) {
            call(who, 24 + 6, "DescribeInstances");
            call(who, 24 - 1, "DescribeInstances");
        }

        assertThat(report().oddities())
                .containsExactly(
                        new Oddity(
                                Kind.HOURS,
                                ALICE,
                                "made 1 call in the hours from 02:00, never seen the week before"));
        var berlin = report(new Weeks.Asked(null, TO, ZoneId.of("Europe/Berlin")));
        assertThat(berlin.oddities().getFirst().words()).contains("03:00");
    }

    @Test
    void resources_are_listed_with_who_touched_them() throws Exception {
        for (var who : List.of(ALICE, EVE, EVE)) {
            var record =
                    Records.record(
                            "r" + number++,
                            TO.minus(Duration.ofHours(5)).toString(),
                            "PutBucketPolicy");
            record.put("userIdentity", Map.of("type", "IAMUser", "arn", who));
            record.put(
                    "resources",
                    List.of(Map.of("type", "AWS::S3::Bucket", "ARN", "arn:aws:s3:::logs")));
            records.add(record);
        }

        assertThat(report().resources())
                .anySatisfy(thing -> {
                    assertThat(thing.changes()).isEqualTo(3);
                    assertThat(thing.type()).isEqualTo("AWS::S3::Bucket");
                    assertThat(thing.by())
                            .containsExactly(
                                    new WeekReport.Deed(EVE, 2), new WeekReport.Deed(ALICE, 1));
                });
    }

    @Test
    void other_accounts_are_told_of_only_where_they_were_asked_for() throws Exception {
        call(ALICE, 24, "RunInstances");

        var report = report(new Weeks.Asked(Set.of("222222222222"), TO, ZoneOffset.UTC));

        assertThat(report.week().calls()).isZero();
    }

    @Test
    void who_does_not_want_to_wait_gets_nothing() throws Exception {
        calls(ALICE, 24, "RunInstances", 1001);

        assertThat(
                        new Weeks(history())
                                .report(
                                        new Weeks.Asked(null, TO, ZoneOffset.UTC),
                                        (part, events) -> {
                                            assertThat(part).isBetween(0.0, 1.0);
                                            assertThat(events).isEqualTo(1000);
                                            return false;
                                        }))
                .isNull();
    }

    @Test
    void what_strangers_wrote_is_neither_markup_nor_moves_the_cursor() throws Exception {
        var evil = "<script>alert('x')</script>\"&\u001b[31m\u202e\n";
        call(ALICE, 24 * 30, "RunInstances");
        call("arn:aws:iam::123456789012:user/" + evil, 24, evil);
        var far = Records.record("far", TO.minus(Duration.ofHours(9)).toString(), "RunInstances");
        far.put("errorCode", evil);
        records.add(far);

        var letter = WeekLetter.of(report());

        assertThat(letter.html())
                .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;?[31m??")
                .doesNotContain("<script", "\u001b", "\u202e", "http:", "https:", "src=")
                .contains("name=\"viewport\"");
        assertThat(letter.text()).contains("<script>").doesNotContain("\u001b", "\u202e");
        assertThat(letter.subject())
                .isEqualTo(
                        "Who did what, 16 November 2026 to 23 November 2026: 2 calls, 2 oddities");
    }

    @Test
    void a_letter_says_how_it_was_the_week_before() throws Exception {
        calls(ALICE, 24 * 8, "RunInstances", 4);
        calls(ALICE, 24, "RunInstances", 6);

        assertThat(WeekLetter.of(report()).text())
                .contains(
                        "  6 calls, +50% on the week before (4)\n",
                        "  0 errors, as the week before\n",
                        "  1 caller, as many as the week before\n",
                        "  "
                                + ALICE
                                + "\n      6 calls, 6 changes; 4 the week before; last Sun 22 Nov 08:00\n      RunInstances 6\n");
    }
}

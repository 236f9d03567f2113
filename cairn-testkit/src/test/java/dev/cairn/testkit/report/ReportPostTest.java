package dev.cairn.testkit.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import dev.cairn.report.ReportPost;
import dev.cairn.report.WeekLetter;
import dev.cairn.report.WeeklyTime;
import dev.cairn.testkit.catalog.MemoryCatalog;
import dev.cairn.topic.Courier;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Orders and letters, and what a process that dies between two steps leaves behind.
final class ReportPostTest {
    private static final WeeklyTime MONDAY = WeeklyTime.parse("MON 08:00");
    private static final Instant SLOT = Instant.parse("2026-11-23T08:00:00Z");
    private static final List<String> TO = List.of("a@example.org", "b@example.org");
    private static final WeekLetter CONTENT = new WeekLetter("s", "<p>", "t");

    private final MemoryCatalog catalog = new MemoryCatalog();
    private final ReportPost post = post();

    /// What a process that was started again has.
    private ReportPost post() {
        return new ReportPost(catalog, Duration.ofDays(1), () -> {});
    }

    /// What is carried until nothing is due.
    private List<String> carried(Instant now) throws CatalogException {
        var carried = new ArrayList<String>();
        for (var letter = post.letter(now); letter.isPresent(); letter = post.letter(now)) {
            carried.add(letter.get().id() + " " + letter.get().receiver());
            post.done(letter.get(), new Courier.Outcome.Taken(), now);
        }
        return carried;
    }

    @Test
    void each_week_is_ordered_once_whoever_asks_and_however_often() throws Exception {
        assertThat(post.order(MONDAY, TO, SLOT.minusSeconds(60))).isFalse();
        assertThat(post.order(SLOT)).as("weeks before anybody asked").isEmpty();

        assertThat(post.order(MONDAY, TO, SLOT)).isTrue();
        assertThat(post().order(MONDAY, TO, SLOT)).isFalse();
        assertThat(post().order(MONDAY, TO, SLOT.plusSeconds(3_000))).isFalse();

        var order = post().order(SLOT).orElseThrow();
        assertThat(order.asked().to()).isEqualTo(SLOT);
        assertThat(post.standing().orders()).isEqualTo(1);
        post.written(order, CONTENT, SLOT);
        post.written(order, CONTENT, SLOT);
        assertThat(post.order(SLOT)).isEmpty();
        assertThat(carried(SLOT))
                .containsExactly(
                        "weekly-%d-1 a@example.org".formatted(SLOT.getEpochSecond()),
                        "weekly-%d-2 b@example.org".formatted(SLOT.getEpochSecond()));
        assertThat(post.standing().sent()).isEqualTo(SLOT);
        assertThat(post.standing().letters()).isZero();
    }

    @Test
    void of_weeks_that_were_missed_the_newest_is_ordered() throws Exception {
        post.order(MONDAY, TO, SLOT);

        var late = SLOT.plus(Duration.ofDays(23));
        assertThat(post.order(MONDAY, TO, late)).isTrue();
        assertThat(post.order(late).orElseThrow().asked().to())
                .isEqualTo(SLOT.plus(Duration.ofDays(21)));
        assertThat(post.standing().orders()).isEqualTo(1);
    }

    @Test
    void a_clock_that_goes_back_orders_nothing_again() throws Exception {
        post.order(MONDAY, TO, SLOT.minusSeconds(1));
        post.order(MONDAY, TO, SLOT);

        assertThat(post.order(MONDAY, TO, SLOT.minus(Duration.ofDays(9)))).isFalse();
        assertThat(post.order(MONDAY, TO, SLOT.plusSeconds(1))).isFalse();
    }

    @Test
    void what_the_mail_server_does_not_take_waits_longer_each_time_under_the_same_id()
            throws Exception {
        ordered("x", List.of("a@example.org"));
        var now = SLOT;
        for (var pause : List.of(10, 20, 40)) {
            var letter = post.letter(now).orElseThrow();
            assertThat(letter.id()).isEqualTo("x-1");
            post.done(letter, new Courier.Outcome.Failed("away"), now);
            assertThat(post.letter(now.plusSeconds(pause - 1))).isEmpty();
            now = now.plusSeconds(pause);
        }
        assertThat(post.standing().failure()).isEqualTo("away");
        assertThat(carried(now)).containsExactly("x-1 a@example.org");
        assertThat(post.standing().failure()).isNull();
    }

    @Test
    void what_fails_for_too_long_or_is_refused_is_given_up_and_seen() throws Exception {
        ordered("x", List.of("a@example.org"));
        var now = SLOT;
        var end = SLOT.plus(Duration.ofDays(1));
        while (post.standing().letters() == 1) {
            var letter = post.letter(now);
            if (letter.isPresent()) {
                post.done(letter.get(), new Courier.Outcome.Failed("away"), now);
            }
            now = now.plusSeconds(10);
        }
        assertThat(now).isEqualTo(end.plusSeconds(10));
        assertThat(post.standing().failure()).isEqualTo("given up: away");
        assertThat(post.standing().dead())
                .containsExactly(
                        new ReportPost.DeadLetter("x-1", List.of("a@example.org"), end, "away"));

        ordered("y", List.of("b@example.org"));
        var other = post.letter(SLOT).orElseThrow();
        post.done(other, new Courier.Outcome.Refused("550 nobody"), now);
        assertThat(post.standing().letters()).isZero();
        assertThat(post.standing().failure()).isEqualTo("given up: 550 nobody");
        assertThat(post().standing().dead())
                .extracting(ReportPost.DeadLetter::id)
                .containsExactly("x-1", "y-1");
    }

    @Test
    void what_was_given_up_is_known_of_the_newest() throws Exception {
        for (var at = 0; at <= ReportPost.DEAD_MAX; at++) {
            ordered("x" + at, List.of("a@example.org"));
            post.done(
                    post.letter(SLOT).orElseThrow(),
                    new Courier.Outcome.Refused("550 nobody"),
                    SLOT.plusSeconds(at));
        }
        assertThat(post.standing().dead())
                .hasSize(ReportPost.DEAD_MAX)
                .extracting(ReportPost.DeadLetter::id)
                .startsWith("x1-1")
                .endsWith("x100-1");
    }

    @Test
    void whatever_the_clock_does_each_letter_gets_another_try() throws Exception {
        ordered("x", List.of("a@example.org"));
        var underWay = post.letter(SLOT).orElseThrow();
        var now = SLOT.plus(Duration.ofDays(3));
        post.done(underWay, new Courier.Outcome.Failed("away"), now);
        assertThat(post.standing().dead()).isEmpty();
        assertThat(post.letter(now)).isEmpty();

        assertThat(carried(SLOT.minus(Duration.ofDays(9)))).containsExactly("x-1 a@example.org");
    }

    @Test
    void an_order_that_cannot_be_written_does_not_hold_up_others() throws Exception {
        order("x", TO);
        order("y", TO);
        var first = post.order(SLOT).orElseThrow();
        post.failed(first, "history is away", SLOT);

        assertThat(post.order(SLOT)).isPresent();
        assertThat(post.order(SLOT).orElseThrow().asked()).isNotNull();
        assertThat(post.standing().orders()).isEqualTo(2);
        assertThat(post.standing().failure()).isEqualTo("history is away");
    }

    @Test
    void orders_are_bounded() throws Exception {
        for (var at = 0; at < ReportPost.ORDERS_MAX; at++) {
            order("x" + at, TO);
        }
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> order("one more", TO))
                .withMessageContaining("At most 100 reports may wait");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "@example.org",
                "a@",
                "a b@example.org",
                "a@example.org\nBcc: b@example.org",
                "<a@example.org>",
                "a@example.org, b@example.org",
                "\"a\"@example.org",
                "a@ex ample.org"
            })
    void what_is_no_address_gets_into_no_header(String text) {
        assertThat(ReportPost.isAddress(text)).isFalse();
        assertThat(ReportPost.isAddress("first.last+tag@mail.example.org")).isTrue();
    }

    private void ordered(String id, List<String> to) throws CatalogException {
        order(id, to);
        post.written(post.order(SLOT).orElseThrow(), CONTENT, SLOT);
    }

    private void order(String id, List<String> to) throws CatalogException {
        catalog.<Boolean, CatalogException>write(tx -> {
            post.order(tx, id, SLOT, ZoneOffset.UTC, to, SLOT);
            return true;
        });
    }
}

package dev.cairn.testkit.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.event.Category;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.Resource;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class EventGeneratorTest {
    private static final Instant START = Instant.parse("2026-10-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final EventReader STRICT = EventReader.strict(EventReader.EVENT_BYTES_DEFAULT);

    private static List<Event> all(EventGenerator generator) {
        List<Event> events = new ArrayList<>();
        while (!generator.done()) {
            byte[] json = generator.next();
            if (!(STRICT.read(json, NOW) instanceof Parsed.Read(Event event))) {
                throw new AssertionError(
                        STRICT.read(json, NOW) + " " + new String(json, StandardCharsets.UTF_8));
            }
            events.add(event);
        }
        return events;
    }

    @Test
    void aMonthLooksLikeAMonth() {
        int count = 40_000;
        List<Event> events =
                all(new EventGenerator(1, EventGenerator.Settings.month(START, count)));
        assertThat(events).hasSize(count);
        Set<String> ids = new HashSet<>();
        Set<String> sources = new HashSet<>();
        Set<String> names = new HashSet<>();
        Set<String> versions = new HashSet<>();
        Set<String> places = new HashSet<>();
        long bytes = 0;
        int data = 0;
        int errors = 0;
        int signIns = 0;
        int weekend = 0;
        for (Event event : events) {
            ids.add(event.id());
            sources.add(event.source());
            names.add(event.source() + event.name());
            versions.add(event.version());
            places.add(event.place().account() + event.place().region());
            bytes += event.json().length;
            data += event.category() == Category.DATA ? 1 : 0;
            errors += event.errorCode() != null ? 1 : 0;
            signIns += event.name().equals("ConsoleLogin") ? 1 : 0;
            DayOfWeek day = event.time().atZone(ZoneOffset.UTC).getDayOfWeek();
            weekend += day == DayOfWeek.SATURDAY || day == DayOfWeek.SUNDAY ? 1 : 0;
            assertThat(event.time())
                    .isBetween(START, START.plus(Duration.ofDays(30)).plusSeconds(5));
        }
        assertThat(ids).hasSize(count);
        assertThat(sources).hasSizeGreaterThanOrEqualTo(30);
        assertThat(names).hasSizeGreaterThanOrEqualTo(200);
        assertThat(versions)
                .containsExactlyInAnyOrder("1.05", "1.06", "1.07", "1.08", "1.09", "1.10", "1.11");
        assertThat(places).hasSize(9);
        assertThat(bytes / count).isBetween(1_300L, 1_700L);
        assertThat(data).isBetween(3_500, 4_500);
        assertThat(errors).isBetween(600, 1_400);
        assertThat(signIns).isBetween(50, 2_000);
        // 8 of the month's 30 days, at a third of the others' work.
        assertThat(weekend).isBetween(3_500, 6_500);
    }

    @Test
    void timesGoForwardButForAFewSeconds() {
        Instant latest = Instant.MIN;
        for (Event event :
                all(new EventGenerator(2, EventGenerator.Settings.month(START, 20_000)))) {
            assertThat(event.time())
                    .isAfter(latest.equals(Instant.MIN) ? latest : latest.minusSeconds(5));
            latest = event.time().isAfter(latest) ? event.time() : latest;
        }
    }

    @Test
    void theSameSeedMakesTheSameBytesAndAnotherSeedOthers() {
        EventGenerator.Settings settings = EventGenerator.Settings.month(START, 1_000);
        EventGenerator first = new EventGenerator(7, settings);
        EventGenerator second = new EventGenerator(7, settings);
        EventGenerator other = new EventGenerator(8, settings);
        for (int i = 0; i < 2_000; i++) {
            byte[] made = first.next();
            assertThat(made).isEqualTo(second.next());
            assertThat(made).isNotEqualTo(other.next());
        }
    }

    @Test
    void sharesAreThoseAskedFor() {
        EventGenerator.Settings none =
                EventGenerator.Settings.month(START, 2_000).withDataShare(0).withErrorShare(0);
        assertThat(all(new EventGenerator(3, none)))
                .allMatch(event ->
                        event.category() == Category.MANAGEMENT && event.errorCode() == null);
        assertThat(all(new EventGenerator(3, none.withDataShare(1))))
                .allMatch(event ->
                        event.category() == Category.DATA || event.name().equals("RotateKey"));
    }

    @Test
    void everyCallOfTheTableIsSoundWhoeverMakesIt() {
        for (String call : Call.ALL.keySet()) {
            EventGenerator.Settings settings = EventGenerator.Settings.month(START, 1);
            EventGenerator generator = new EventGenerator(call.hashCode(), settings);
            generator.place(
                    START,
                    new Story(
                            "one call",
                            "111122223333",
                            "eu-west-1",
                            List.of(
                                    new Story.Step(
                                            Duration.ZERO,
                                            "bob",
                                            "192.0.2.9",
                                            "x",
                                            call,
                                            java.util.Map.of(),
                                            ""))));
            Event event = all(generator).getFirst();
            assertThat(event.source() + "/" + event.name())
                    .isEqualTo(call.replace("/", ".amazonaws.com/"));
            assertThat(event.username()).isEqualTo("bob");
        }
    }

    @Test
    void aPlacedTerminationIsFoundByItsInstance() {
        EventGenerator generator =
                new EventGenerator(4, EventGenerator.Settings.month(START, 5_000));
        Instant at = START.plus(Duration.ofDays(9));
        generator.place(
                at, Story.termination("111122223333", "us-east-1", "bob", "i-0abc1234def567890"));
        List<Event> found = new ArrayList<>();
        for (Event event : all(generator)) {
            if (event.resources()
                    .contains(new Resource("AWS::EC2::Instance", "i-0abc1234def567890"))) {
                found.add(event);
            }
        }
        assertThat(found)
                .extracting(Event::name)
                .containsExactly(
                        "DescribeInstanceStatus",
                        "StopInstances",
                        "TerminateInstances",
                        "ModifyInstanceAttribute",
                        "TerminateInstances");
        assertThat(found).allMatch(event -> "bob".equals(event.username()));
        assertThat(found.getFirst().time()).isEqualTo(at);
    }

    @Test
    void aPlacedTheftIsFoundByItsKeyAndAddress() {
        EventGenerator generator =
                new EventGenerator(5, EventGenerator.Settings.month(START, 5_000));
        Story theft = Story.accessKeyTheft("444455556666", "eu-west-1", "dave", "alice");
        generator.place(START.plus(Duration.ofDays(20)), theft);
        List<Event> events = all(generator);
        assertThat(events).hasSize(5_000 + theft.steps().size());
        List<Event> stolen =
                events.stream()
                        .filter(event -> "198.51.100.66".equals(event.sourceIpAddress()))
                        .filter(event -> "dave".equals(event.username()))
                        .toList();
        assertThat(stolen.size()).isGreaterThanOrEqualTo(17);
        assertThat(
                        stolen.stream()
                                .map(Event::accessKeyId)
                                .distinct()
                                .filter(key -> key != null && key.startsWith("AKIA")))
                .hasSize(1);
        assertThat(stolen)
                .extracting(Event::name)
                .contains("CreateUser", "StopLogging", "GetSecretValue");
    }

    @Test
    void storiesOfUnknownAccountsAreRefused() {
        EventGenerator generator = new EventGenerator(6, EventGenerator.Settings.month(START, 10));
        Story story = Story.termination("000000000000", "us-east-1", "bob", "i-0abc1234def567890");
        assertThatThrownBy(() -> generator.place(START, story))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

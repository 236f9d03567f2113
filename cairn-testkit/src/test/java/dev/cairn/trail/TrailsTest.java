package dev.cairn.trail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Glance;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Ledger;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import dev.cairn.selector.AdvancedEventSelector;
import dev.cairn.selector.AdvancedEventSelector.FieldSelector;
import dev.cairn.selector.EventSelector;
import dev.cairn.selector.Selectors;
import dev.cairn.selector.Verdict;
import dev.cairn.testkit.catalog.MemoryCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrailsTest {
    private static final String ACCOUNT = "123456789012";
    private static final Instant NOW = Instant.parse("2026-11-21T01:02:03Z");
    private static final Selectors WRITES =
            Selectors.basic(
                    List.of(
                            new EventSelector(
                                    EventSelector.ReadWrite.WRITE_ONLY,
                                    true,
                                    List.of(),
                                    List.of())));

    private final Ends ledger = new Ends(7, 100);
    private final MemoryCatalog catalog = new MemoryCatalog();
    private final Trails trails = new Trails(catalog, ledger, 5);

    @Test
    void a_new_trail_takes_management_events_and_does_not_log() throws Exception {
        TrailState made = create(trail("main"));

        assertThat(made.logging()).isFalse();
        assertThat(made.selectors()).isEqualTo(Selectors.DEFAULT);
        assertThat(trails.find(ACCOUNT, "us-east-1", "main")).contains(made);
        assertThat(trails.find(ACCOUNT, "eu-west-1", "main")).isEmpty();
        assertThat(trails.find("210987654321", "us-east-1", "main")).isEmpty();
        assertThat(onlyCourse().latest())
                .isEqualTo(
                        new TrailVersion(
                                1,
                                trail("main"),
                                Selectors.DEFAULT,
                                Set.of(),
                                false,
                                false,
                                NOW,
                                List.of(7L, 100L)));
    }

    @Test
    void each_change_holds_from_the_ends_at_which_it_was_made() throws Exception {
        Trail trail = trail("main");
        create(trail);
        ledger.move(10, 100);
        catalog.<TrailState, Exception>write(tx -> trails.log(tx, trail, true, NOW));
        ledger.move(20, 101);
        catalog.<TrailState, Exception>write(tx -> trails.select(tx, trail, WRITES, NOW));
        ledger.move(30, 102);
        TrailState stopped =
                catalog.<TrailState, Exception>write(
                        tx -> trails.log(tx, trail, false, NOW.plusSeconds(9)));

        TrailCourse course = onlyCourse();
        assertThat(course.at(new Position(0, 6))).isEmpty();
        assertThat(course.at(new Position(0, 9)).orElseThrow().logging()).isFalse();
        TrailVersion all = course.at(new Position(0, 10)).orElseThrow();
        assertThat(all.logging()).isTrue();
        assertThat(all.selectors()).isEqualTo(Selectors.DEFAULT);
        assertThat(course.end(all, 0)).isEqualTo(20);
        assertThat(course.end(all, 1)).isEqualTo(101);
        assertThat(course.at(new Position(1, 100))).contains(all);
        TrailVersion writes = course.at(new Position(0, 29)).orElseThrow();
        assertThat(writes.selectors()).isEqualTo(WRITES);
        assertThat(writes.number()).isGreaterThan(all.number());
        assertThat(course.at(new Position(0, 30)).orElseThrow().logging()).isFalse();
        assertThat(course.end(course.latest(), 0)).isEqualTo(Long.MAX_VALUE);
        assertThat(stopped.started()).isEqualTo(NOW);
        assertThat(stopped.stopped()).isEqualTo(NOW.plusSeconds(9));
        assertThat(new Trails(catalog.reopen(), ledger, 5).current().courses())
                .containsExactly(course);
    }

    @Test
    void a_log_group_is_fed_from_where_the_trail_logs_with_it_and_delivery_lets_go_of_no_feed()
            throws Exception {
        Trail plain = trail("main");
        Trail feeding =
                new Trail(
                        ACCOUNT,
                        "main",
                        "us-east-1",
                        plain.bucket(),
                        plain.prefix(),
                        null,
                        plain.globalEvents(),
                        plain.multiRegion(),
                        plain.validation(),
                        plain.recursiveLogging(),
                        null,
                        new CloudWatchLogs("arn:group:*", "arn:role"));
        create(feeding);
        assertThat(trails.current().feeds()).isEmpty();
        ledger.move(10, 100);
        catalog.<TrailState, Exception>write(tx -> trails.log(tx, feeding, true, NOW));
        ledger.move(20, 101);
        catalog.<TrailState, Exception>write(tx -> trails.select(tx, feeding, WRITES, NOW));
        ledger.move(30, 102);
        catalog.<TrailState, Exception>write(tx -> trails.update(tx, plain, NOW));
        String id = onlyCourse().id();
        catalog.<Boolean, Exception>write(tx -> {
            trails.release(tx, id, 100);
            return true;
        });

        List<Feed> feeds = new Trails(catalog.reopen(), ledger, 5).current().feeds();
        assertThat(feeds).extracting(Feed::group).containsOnly("arn:group:*");
        assertThat(feeds)
                .extracting(feed -> feed.version().from(), Feed::to)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(List.of(10L, 100L), List.of(20L, 101L)),
                        org.assertj.core.groups.Tuple.tuple(
                                List.of(20L, 101L), List.of(30L, 102L)));
        assertThat(feeds.getLast().version().selectors()).isEqualTo(WRITES);
        assertThat(feeds.getFirst().covers(new Position(0, 19))).isTrue();
        assertThat(feeds.getFirst().covers(new Position(0, 20))).isFalse();
        assertThat(feeds.getFirst().covers(new Position(0, 9))).isFalse();
    }

    @Test
    void a_change_while_nothing_is_logged_never_stretches_the_span_before_it() throws Exception {
        Trail trail = trail("main");
        create(trail);
        catalog.<TrailState, Exception>write(tx -> trails.log(tx, trail, true, NOW));
        ledger.move(20, 200);
        catalog.<TrailState, Exception>write(tx -> trails.log(tx, trail, false, NOW));
        ledger.move(30, 300);
        catalog.<TrailState, Exception>write(tx -> trails.select(tx, trail, WRITES, NOW));

        TrailCourse course = onlyCourse();
        assertThat(course.at(new Position(0, 19)).orElseThrow().logging()).isTrue();
        assertThat(course.at(new Position(0, 20)).orElseThrow().logging()).isFalse();
        assertThat(course.at(new Position(0, 29)).orElseThrow().logging()).isFalse();
        assertThat(course.latest().selectors()).isEqualTo(WRITES);
        assertThat(course.versions()).hasSize(2);
    }

    @Test
    void versions_that_hold_for_no_position_are_not_kept() throws Exception {
        Trail trail = trail("main");
        create(trail);
        for (int i = 0; i < 3 * Trails.VERSIONS_MAX; i++) {
            boolean on = i % 2 == 0;
            catalog.<TrailState, Exception>write(tx -> trails.log(tx, trail, on, NOW));
        }

        assertThat(onlyCourse().versions()).hasSize(1);
    }

    @Test
    void a_trail_that_changes_faster_than_it_delivers_is_held_back() throws Exception {
        Trail trail = trail("main");
        create(trail);
        for (int i = 1; i < Trails.VERSIONS_MAX; i++) {
            ledger.move(1000 + i, 100);
            boolean on = i % 2 == 1;
            catalog.<TrailState, Exception>write(tx -> trails.log(tx, trail, on, NOW));
        }
        ledger.move(9000, 100);

        fails(
                ErrorCode.CONFLICT,
                () ->
                        catalog.<TrailState, Exception>write(
                                tx -> trails.select(tx, trail, WRITES, NOW)));

        String id = onlyCourse().id();
        int latest = onlyCourse().latest().number();
        catalog.<String, Exception>write(tx -> {
            trails.release(tx, id, latest);
            return "";
        });
        assertThat(onlyCourse().versions()).hasSize(1);
        catalog.<TrailState, Exception>write(tx -> trails.select(tx, trail, WRITES, NOW));
    }

    @Test
    void a_reader_learns_of_any_change_in_the_transaction_that_decides() throws Exception {
        create(trail("main"));
        Trails.Snapshot before = trails.current();

        assertThat(catalog.<Boolean, Exception>write(tx -> trails.unchanged(tx, before))).isTrue();
        assertThat(trails.current()).isSameAs(before);
        catalog.<TrailState, Exception>write(tx -> trails.log(tx, trail("main"), true, NOW));
        assertThat(catalog.<Boolean, Exception>write(tx -> trails.unchanged(tx, before))).isFalse();
        assertThat(trails.current().course(onlyCourse().id()).orElseThrow().latest().logging())
                .isTrue();
    }

    @Test
    void a_deleted_trail_goes_on_for_delivery_until_it_is_released() throws Exception {
        Trail trail = trail("main");
        create(trail);
        catalog.<TrailState, Exception>write(tx -> trails.log(tx, trail, true, NOW));
        ledger.move(20, 200);
        delete(trail);

        assertThat(trails.of(ACCOUNT)).isEmpty();
        TrailCourse old = onlyCourse();
        assertThat(old.latest().deleted()).isTrue();
        assertThat(old.at(new Position(0, 19)).orElseThrow().logging()).isTrue();
        assertThat(old.at(new Position(0, 20)).orElseThrow().logging()).isFalse();

        TrailState next = create(trail);
        assertThat(next.id()).isNotEqualTo(old.id());
        assertThat(next.logging()).isFalse();
        catalog.<String, Exception>write(tx -> {
            trails.release(tx, old.id(), old.latest().number());
            trails.release(tx, next.id(), 1);
            return "";
        });
        assertThat(trails.current().courses())
                .extracting(TrailCourse::id)
                .containsExactly(next.id());
        fails(ErrorCode.TRAIL_NOT_FOUND, () -> delete(trail("other")));
    }

    @Test
    void a_region_has_as_many_trails_as_the_limit_says_shadow_trails_included() throws Exception {
        for (int i = 0; i < 4; i++) {
            create(trail("local-" + i));
        }
        Trail everywhere = trail("everywhere", "eu-west-1", true);
        create(everywhere);

        fails(ErrorCode.MAXIMUM_NUMBER_OF_TRAILS_EXCEEDED, () -> create(trail("sixth")));
        fails(
                ErrorCode.MAXIMUM_NUMBER_OF_TRAILS_EXCEEDED,
                () -> create(trail("far", "ap-south-1", true)));
        create(trail("local", "eu-west-1", false));
        fails(
                ErrorCode.MAXIMUM_NUMBER_OF_TRAILS_EXCEEDED,
                () ->
                        catalog.<TrailState, Exception>write(
                                tx -> trails.update(tx, trail("local", "eu-west-1", true), NOW)));
        delete(everywhere);
        create(trail("sixth"));
        fails(ErrorCode.TRAIL_ALREADY_EXISTS, () -> create(trail("sixth")));
    }

    @Test
    void tags_are_limited_and_change_nothing_else() throws Exception {
        Trail trail = trail("main");
        create(trail);
        Trails.Snapshot before = trails.current();
        Map<String, String> tags = new HashMap<>();
        for (int i = 0; i < Trails.TAGS_MAX; i++) {
            tags.put("key" + i, "value");
        }
        catalog.<TrailState, Exception>write(tx -> trails.tag(tx, trail, tags));

        assertThat(trails.find(ACCOUNT, "us-east-1", "main").orElseThrow().tags()).isEqualTo(tags);
        assertThat(trails.current()).isSameAs(before);
        tags.put("one more", "");
        fails(
                ErrorCode.TAGS_LIMIT_EXCEEDED,
                () -> catalog.<TrailState, Exception>write(tx -> trails.tag(tx, trail, tags)));
    }

    @ParameterizedTest
    @CsvSource({
        "INTAKE, 123456789012, us-east-1, true,  ec2.amazonaws.com, true",
        "OWN,    123456789012, us-east-1, true,  ec2.amazonaws.com, true",
        "IMPORT, 123456789012, us-east-1, true,  ec2.amazonaws.com, false",
        "INTAKE, 210987654321, us-east-1, true,  ec2.amazonaws.com, false",
        "INTAKE, 123456789012, eu-west-1, true,  ec2.amazonaws.com, false",
        "INTAKE, 123456789012, us-east-1, true,  iam.amazonaws.com, true",
        "INTAKE, 123456789012, us-east-1, false, iam.amazonaws.com, false",
        "INTAKE, 123456789012, us-east-1, false, ec2.amazonaws.com, true"
    })
    void a_trail_takes_the_events_of_its_place_that_were_not_imported(
            Origin origin,
            String account,
            String region,
            boolean globalEvents,
            String source,
            boolean taken) {
        Trail trail =
                new Trail(
                        ACCOUNT,
                        "main",
                        "us-east-1",
                        "logs",
                        "",
                        null,
                        globalEvents,
                        false,
                        true,
                        true);
        Event event = event(new Place(account, region), source, "StopInstances", "{}");

        TrailVersion version = logging(trail, Selectors.DEFAULT);
        assertThat(version.takes(origin, event)).isEqualTo(taken);
        assertThat(judge(version, origin, event))
                .isEqualTo(taken ? Verdict.TAKEN : Verdict.REFUSED);
    }

    @Test
    void a_multi_region_trail_takes_in_every_region_and_a_stopped_one_none() {
        Event event =
                event(new Place(ACCOUNT, "xx-new-9"), "ec2.amazonaws.com", "StopInstances", "{}");
        Trail trail = trail("main", "us-east-1", true);

        assertThat(logging(trail, Selectors.DEFAULT).takes(Origin.INTAKE, event)).isTrue();
        assertThat(
                        new TrailVersion(
                                        1,
                                        trail,
                                        Selectors.DEFAULT,
                                        Set.of(),
                                        false,
                                        false,
                                        NOW,
                                        List.of(0L))
                                .takes(Origin.INTAKE, event))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "OWN,    true,  arn:aws:cloudtrail:us-east-1:123456789012:trail/main,  false",
        "OWN,    true,  arn:aws:cloudtrail:us-east-1:123456789012:trail/other, true",
        "OWN,    false, arn:aws:cloudtrail:us-east-1:123456789012:trail/other, false",
        "INTAKE, true,  arn:aws:cloudtrail:us-east-1:123456789012:trail/main,  true",
        "INTAKE, false, arn:aws:cloudtrail:us-east-1:123456789012:trail/main,  false"
    })
    void a_trail_never_feeds_itself_and_takes_other_deliveries_when_it_is_recursive(
            Origin origin, boolean recursive, String sourceArn, boolean taken) {
        Trail trail =
                new Trail(
                        ACCOUNT,
                        "main",
                        "us-east-1",
                        "logs",
                        "",
                        null,
                        true,
                        false,
                        true,
                        recursive);
        Selectors everyObject =
                Selectors.advanced(
                        List.of(
                                new AdvancedEventSelector(
                                        "",
                                        List.of(
                                                FieldSelector.equal("eventCategory", "Data"),
                                                FieldSelector.equal(
                                                        "resources.type", "AWS::S3::Object")))));
        Event write =
                event(
                        new Place(ACCOUNT, "us-east-1"),
                        "s3.amazonaws.com",
                        "PutObject",
                        "{\"invokedBy\":\"cloudtrail.amazonaws.com\",\"inScopeOf\":{\"sourceArn\":\"%s\"}}"
                                .formatted(sourceArn));

        TrailVersion version = logging(trail, everyObject);
        assertThat(version.takes(origin, write)).isEqualTo(taken);
        assertThat(judge(version, origin, write)).isEqualTo(Verdict.UNSURE);
    }

    @Test
    void a_write_that_may_be_its_own_is_not_judged_at_a_glance() {
        Event write =
                event(
                        new Place(ACCOUNT, "us-east-1"),
                        "logs.amazonaws.com",
                        "PutLogEvents",
                        "{\"invokedBy\":\"cloudtrail.amazonaws.com\"}");
        TrailVersion version = logging(trail("main"), Selectors.DEFAULT);
        assertThat(judge(version, Origin.OWN, write)).isEqualTo(Verdict.UNSURE);
    }

    @Test
    void a_key_made_for_its_own_file_is_no_news_to_a_trail() {
        TrailVersion version = logging(trail("main"), Selectors.DEFAULT);
        Event own = generated("main");
        assertThat(judge(version, Origin.OWN, own)).isEqualTo(Verdict.UNSURE);
        assertThat(version.takes(Origin.OWN, own)).isFalse();
        assertThat(version.takes(Origin.OWN, generated("other"))).isTrue();
    }

    private static Event generated(String trail) {
        return event(
                new Place(ACCOUNT, "us-east-1"),
                "kms.amazonaws.com",
                "GenerateDataKey",
                "{\"invokedBy\":\"cloudtrail.amazonaws.com\",\"inScopeOf\":{\"sourceArn\":\"%s\"}}"
                        .formatted(trail(trail).arn()));
    }

    private static Verdict judge(TrailVersion version, Origin origin, Event event) {
        return version.judge(origin, event.place(), event.json(), Glance.of(event.json()));
    }

    private static TrailVersion logging(Trail trail, Selectors selectors) {
        return new TrailVersion(1, trail, selectors, Set.of(), true, false, NOW, List.of(0L));
    }

    private static Event event(Place place, String source, String name, String identity) {
        String json =
                """
                {"eventVersion":"1.11","userIdentity":%s,"eventTime":"2026-11-21T01:02:03Z",\
                "eventSource":"%s","eventName":"%s","awsRegion":"%s","eventCategory":"%s",\
                "eventID":"00000000-0000-4000-8000-000000000001","recipientAccountId":"%s",\
                "resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a"}]}\
                """
                        .formatted(
                                identity,
                                source,
                                name,
                                place.region(),
                                source.startsWith("s3") ? "Data" : "Management",
                                place.account());
        if (EventReader.strict(EventReader.EVENT_BYTES_DEFAULT).read(json.getBytes(UTF_8), NOW)
                instanceof Parsed.Read(Event event)) {
            return event;
        }
        throw new AssertionError("expected an event: " + json);
    }

    private static Trail trail(String name) {
        return trail(name, "us-east-1", false);
    }

    private static Trail trail(String name, String region, boolean multiRegion) {
        return new Trail(ACCOUNT, name, region, "logs", "", null, true, multiRegion, true, true);
    }

    private TrailState create(Trail trail) throws Exception {
        return catalog.<TrailState, Exception>write(tx -> trails.create(tx, trail, Map.of(), NOW));
    }

    private void delete(Trail trail) throws Exception {
        catalog.<String, Exception>write(tx -> {
            trails.delete(tx, trail, NOW);
            return "";
        });
    }

    private TrailCourse onlyCourse() throws CatalogException {
        List<TrailCourse> courses = trails.current().courses();
        assertThat(courses).hasSize(1);
        return courses.getFirst();
    }

    private static void fails(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
    }

    /// A ledger that has nothing but ends.
    private static final class Ends implements Ledger {
        private long first;
        private long second;

        private Ends(long first, long second) {
            this.first = first;
            this.second = second;
        }

        private void move(long first, long second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public int partitions() {
            return 2;
        }

        @Override
        public Span span(int partition) {
            return new Span(0, partition == 0 ? first : second);
        }

        @Override
        public List<Append> append(List<Entry> entries) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int partitionOf(Place place) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Slice read(Position from, int itemsMax, long bytesMax) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean await(Position past, Duration atMost) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void release(int partition, long below) {
            throw new UnsupportedOperationException();
        }

        @Override
        public State state() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}

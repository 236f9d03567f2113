package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.conformance.LookupClient.Ask;
import dev.cairn.conformance.LookupClient.Found;
import dev.cairn.conformance.LookupClient.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What each of AWS's clients must be told by a running Cairn: the same events, and errors that it
/// knows. One subclass for each client.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LookupContract {
    private static final String ACCOUNT = "210987654321";
    private static final String REGION = "eu-west-1";
    private static final String SOURCE = "sample.amazonaws.com";
    private static final int EVENTS = 120;
    private static final Duration FOUND_MAX = Duration.ofSeconds(20);
    private final Instant start =
            Instant.now().minus(Duration.ofHours(5)).truncatedTo(ChronoUnit.HOURS);
    private final LiveServer server;
    private final LiveServer.Credentials owner;

    /// The events of the account and region asked about, newest first.
    private final List<Sample> samples = new ArrayList<>();

    private final LookupClient client;

    LookupContract() throws Exception {
        server = LiveServer.start();
        try (var wire = new Wire(server.endpoint())) {
            owner = account(wire);
            record(wire);
        }
        LookupClient made;
        try {
            made = client(server, owner, REGION);
        } catch (Exception | Error absent) {
            server.close();
            throw absent;
        }
        client = made;
    }

    /// The client that is judged by.
    abstract LookupClient client(LiveServer live, LiveServer.Credentials credentials, String region)
            throws Exception;

    /// How many events at a time the pages are turned.
    List<Integer> pageSizes() {
        return List.of(1, 7, 49, 50);
    }

    private static LiveServer.Credentials account(Wire wire) throws Exception {
        wire.signed(
                        LiveServer.ROOT,
                        "cairn",
                        wire.request("POST", "/cairn/v1/accounts", ""),
                        Wire.bytes("{\"accountId\":\"" + ACCOUNT + "\"}"))
                .expect(200);
        var key =
                wire.signed(
                                LiveServer.ROOT,
                                "cairn",
                                wire.request(
                                        "POST",
                                        "/cairn/v1/accounts/" + ACCOUNT + "/root-credentials",
                                        ""),
                                new byte[0])
                        .expect(200)
                        .json();
        return new LiveServer.Credentials(
                key.path("accessKeyId").asText(), key.path("secretAccessKey").asText());
    }

    private void record(Wire wire) throws Exception {
        var all = new ArrayList<Sample>();
        for (var i = 0; i < EVENTS; i++) {
            var sample = sample(ACCOUNT, REGION, i);
            samples.add(sample);
            all.add(sample);
            // The same in another region, and in another account: never to be found.
            all.add(sample(ACCOUNT, "eu-west-2", i));
            all.add(sample(LiveServer.ACCOUNT, REGION, i));
        }
        Collections.reverse(samples);
        var answer = wire.intake(LiveServer.ROOT, Sample.batch(all)).expect(200).json();
        assertThat(answer.path("recorded").asInt()).isEqualTo(3 * EVENTS);
        Await.until(
                Await.Bound.of("all events in history", FOUND_MAX),
                () -> wire.search(LiveServer.ROOT, "eventSource:" + SOURCE).size() == 3 * EVENTS);
    }

    private Sample sample(String account, String region, int number) {
        var sample =
                new Sample(
                        account,
                        region,
                        start.plus(Duration.ofMinutes(number)),
                        SOURCE,
                        "Name" + number % 7,
                        number);
        return number % 6 == 0
                ? sample.resource("AWS::S3::Bucket", "arn:aws:s3:::bucket-" + number % 12)
                : sample;
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        server.close();
    }

    @BeforeAll
    void startedOnce() {
        assertThat(server.alive()).isTrue();
    }

    private static List<String> ids(List<Found> found) {
        return found.stream().map(Found::id).toList();
    }

    private List<String> expected(Predicate<Sample> wanted) {
        return samples.stream().filter(wanted).map(Sample::id).toList();
    }

    private void finds(String key, String value, Predicate<Sample> wanted) throws Exception {
        // Own calls land in the same place: the time leaves them out.
        var ask = Ask.EVERYTHING.with(key, value).between(start, start.plus(Duration.ofHours(3)));
        assertThat(ids(client.all(ask))).isEqualTo(expected(wanted)).isNotEmpty();
    }

    private static String error(ThrowingCallable call) {
        return Objects.requireNonNull(
                        catchThrowableOfType(RefusedException.class, call),
                        "expected an error, got an answer")
                .name();
    }

    @Test
    void callerIsTheRootOfItsAccount() throws Exception {
        assertThat(client.callerIdentity())
                .isEqualTo(
                        new LookupClient.Identity(
                                ACCOUNT, "arn:aws:iam::%s:root".formatted(ACCOUNT), ACCOUNT));
    }

    @Test
    void eventIdFindsTheOneEventWhole() throws Exception {
        var sample = samples.get(4);
        var found = client.all(Ask.EVERYTHING.with("EventId", sample.id()));
        assertThat(found)
                .containsExactly(
                        new Found(
                                sample.id(),
                                sample.text("eventName"),
                                SOURCE,
                                sample.time(),
                                sample.text("readOnly"),
                                sample.record().path("userIdentity").path("userName").asText(),
                                sample.record().path("userIdentity").path("accessKeyId").asText(),
                                List.of(),
                                sample.json()));
    }

    @Test
    void eventNameFindsItsEvents() throws Exception {
        finds("EventName", "Name3", sample -> sample.text("eventName").equals("Name3"));
    }

    @Test
    void eventSourceFindsItsEvents() throws Exception {
        finds("EventSource", SOURCE, _ -> true);
    }

    @Test
    void readOnlyFindsItsEvents() throws Exception {
        finds("ReadOnly", "true", sample -> sample.record().path("readOnly").asBoolean());
    }

    @Test
    void usernameFindsItsEvents() throws Exception {
        finds(
                "Username",
                "user-1",
                sample ->
                        sample.record()
                                .path("userIdentity")
                                .path("userName")
                                .asText()
                                .equals("user-1"));
    }

    @Test
    void resourceTypeFindsItsEvents() throws Exception {
        finds("ResourceType", "AWS::S3::Bucket", sample -> sample.record().has("resources"));
    }

    @Test
    void resourceNameFindsItsEventsAndTellsTheResource() throws Exception {
        var name = "bucket-6";
        finds(
                "ResourceName",
                name,
                sample ->
                        sample.record()
                                .path("resources")
                                .path(0)
                                .path("ARN")
                                .asText()
                                .endsWith(":" + name));
        assertThat(client.lookup(Ask.EVERYTHING.with("ResourceName", name)).events())
                .allSatisfy(event ->
                        assertThat(event.resources()).containsExactly("AWS::S3::Bucket " + name));
    }

    @Test
    void accessKeyIdFindsItsEvents() throws Exception {
        var key = "AKIAEXAMPLEKEY000002";
        finds(
                "AccessKeyId",
                key,
                sample ->
                        sample.record()
                                .path("userIdentity")
                                .path("accessKeyId")
                                .asText()
                                .equals(key));
    }

    @Test
    void timeRangeIncludesBothItsEnds() throws Exception {
        var from = start.plus(Duration.ofMinutes(10));
        var to = start.plus(Duration.ofMinutes(15));
        assertThat(ids(client.all(Ask.EVERYTHING.between(from, to))))
                .isEqualTo(
                        expected(sample ->
                                !sample.time().isBefore(from) && !sample.time().isAfter(to)))
                .hasSize(6);
    }

    @Test
    void pagesHoldFiftyUnlessSaidOtherwise() throws Exception {
        var page = client.lookup(Ask.EVERYTHING.between(start, start.plus(Duration.ofHours(3))));
        assertThat(ids(page.events())).isEqualTo(expected(_ -> true).subList(0, 50));
        assertThat(page.nextToken()).isNotNull();
    }

    @Test
    void pagesOfEverySizeHoldEachEventOnce() throws Exception {
        for (var size : pageSizes()) {
            // Few events for small pages: a page is a call.
            var minutes = Math.min(EVENTS, size * 4 - 2);
            var to = start.plus(Duration.ofMinutes(minutes - 1));
            var ask = Ask.EVERYTHING.between(start, to).max(size);
            assertThat(ids(client.all(ask)))
                    .as("pages of %d", size)
                    .isEqualTo(expected(sample -> !sample.time().isAfter(to)))
                    .hasSize(minutes);
        }
    }

    @Test
    void moreThanFiftyResultsAreRefused() {
        assertThat(error(() -> client.lookup(Ask.EVERYTHING.max(51))))
                .isEqualTo("InvalidMaxResultsException");
    }

    @Test
    void twoAttributesAreRefused() {
        assertThat(
                        error(() ->
                                client.lookup(
                                        Ask.EVERYTHING
                                                .with("EventName", "Name1")
                                                .with("Username", "user-1"))))
                .isEqualTo("InvalidLookupAttributesException");
    }

    @Test
    void startAfterEndIsRefused() {
        assertThat(
                        error(() ->
                                client.lookup(
                                        Ask.EVERYTHING.between(
                                                start.plus(Duration.ofHours(1)), start))))
                .isEqualTo("InvalidTimeRangeException");
    }

    @Test
    void madeUpTokenIsRefused() {
        assertThat(error(() -> client.lookup(Ask.EVERYTHING.after("bm90IGEgdG9rZW4"))))
                .isEqualTo("InvalidNextTokenException");
    }

    @Test
    void tokenOfAnotherQuestionIsRefused() throws Exception {
        var page = client.lookup(Ask.EVERYTHING.with("EventSource", SOURCE).max(5));
        var token = Objects.requireNonNull(page.nextToken());
        assertThat(
                        error(() ->
                                client.lookup(
                                        Ask.EVERYTHING.with("Username", "user-1").after(token))))
                .isEqualTo("InvalidNextTokenException");
    }

    @Test
    void unknownCategoryIsRefused() {
        assertThat(error(() -> client.lookup(Ask.EVERYTHING.category("weather"))))
                .isEqualTo("InvalidEventCategoryException");
    }

    @Test
    void operationThatIsNotBuiltSaysSo() {
        assertThat(error(client::getInsightSelectors)).isEqualTo("UnsupportedOperationException");
    }

    @Test
    void wrongSecretIsRefusedInEachProtocol() throws Exception {
        var wrong = new LiveServer.Credentials(owner.accessKeyId(), "not/the/secret");
        try (var stranger = client(server, wrong, REGION)) {
            assertThat(error(() -> stranger.lookup(Ask.EVERYTHING)))
                    .isEqualTo("InvalidSignatureException");
            assertThat(error(stranger::callerIdentity)).isEqualTo("SignatureDoesNotMatch");
        }
    }
}

package dev.cairn.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.event.EventReader;
import dev.cairn.event.Place;
import dev.cairn.event.RefusalCode;
import dev.cairn.ledger.Append;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

final class IntakeTest {
    private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
    private static final Intake INTAKE = new Intake(EventReader.EVENT_BYTES_DEFAULT, 100);

    private static String event(int number, String account) {
        return "{\"eventVersion\":\"1.11\",\"eventTime\":\"2026-11-20T23:59:59Z\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"ListBuckets\",\"awsRegion\":\"us-east-1\",\"eventID\":\"%08d-0000-4000-8000-000000000000\",\"recipientAccountId\":\"%s\"}"
                .formatted(number, account);
    }

    private static Checked check(String body) throws IOException {
        return INTAKE.check(
                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)),
                NOW,
                account -> account.equals("111122223333"));
    }

    private static Checked.Batch batch(String body) throws IOException {
        return switch (check(body)) {
            case Checked.Batch batch -> batch;
            case Checked.TooMany many -> throw new AssertionError(many);
        };
    }

    @Test
    void goodEventsGoOnAndBadOnesAreNamedByTheirPlaceInTheBody() throws IOException {
        String good = event(1, "111122223333");
        String foreign = event(2, "999999999999");
        String large = "{\"x\":\"" + "x".repeat(300_000) + "\"}";
        Checked.Batch batch =
                batch("{\"Records\":[" + foreign + "," + good + ",{}," + large + "]}");
        assertThat(batch.indexes()).containsExactly(1);
        Entry entry = batch.taken().getFirst();
        assertThat(entry.place()).isEqualTo(new Place("111122223333", "us-east-1"));
        assertThat(entry.id()).isEqualTo("00000001-0000-4000-8000-000000000000");
        assertThat(entry.origin()).isEqualTo(Origin.INTAKE);
        assertThat(new String(entry.json(), StandardCharsets.UTF_8)).isEqualTo(good);
        assertThat(batch.refused())
                .extracting(Refusal::index, Refusal::code)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(0, RefusalCode.ACCESS_DENIED),
                        org.assertj.core.groups.Tuple.tuple(2, RefusalCode.MISSING_FIELD),
                        org.assertj.core.groups.Tuple.tuple(3, RefusalCode.EVENT_TOO_LARGE));
    }

    @Test
    void anEmptyBatchHasNothingToTakeOrRefuse() throws IOException {
        for (String body : List.of("", "{\"Records\":[]}", "[]")) {
            assertThat(batch(body)).isEqualTo(new Checked.Batch(List.of(), List.of(), List.of()));
        }
    }

    @Test
    void aBodyWithTooManyRecordsIsRefusedWhole() throws IOException {
        assertThat(batch("{}".repeat(100)).refused()).hasSize(100);
        assertThat(check("{}".repeat(101))).isEqualTo(new Checked.TooMany(100));
    }

    @Test
    void theAnswerSaysWhatBecameOfEachEvent() throws IOException {
        StringBuilder body = new StringBuilder("{}");
        for (int i = 1; i <= 4; i++) {
            body.append(event(i, "111122223333"));
        }
        Append.Pushback pushback = new Append.Pushback(Duration.ofSeconds(3), "the disk is full");
        IntakeAnswer answer =
                Intake.answer(
                        batch(body.toString()),
                        List.of(
                                new Append.Conflict(new Position(0, 7)),
                                new Append.Recorded(new Position(0, 8)),
                                pushback,
                                new Append.Duplicate(new Position(0, 5))));
        assertThat(answer.recorded()).isEqualTo(1);
        assertThat(answer.duplicates()).isEqualTo(1);
        assertThat(answer.positions())
                .containsExactly(
                        new IntakeAnswer.Taken(2, new Position(0, 8), false),
                        new IntakeAnswer.Taken(4, new Position(0, 5), true));
        assertThat(answer.refused())
                .extracting(Refusal::code)
                .containsExactly(
                        RefusalCode.MISSING_FIELD,
                        RefusalCode.EVENT_ID_CONFLICT,
                        RefusalCode.PUSHED_BACK);
        assertThat(answer.pushback()).isNull();
    }

    @Test
    void onlyABatchOfWhichNothingWasTakenIsPushedBackWhole() throws IOException {
        Append.Pushback pushback = new Append.Pushback(Duration.ofSeconds(3), "the disk is full");
        Checked.Batch batch = batch("{}" + event(1, "111122223333"));
        IntakeAnswer answer = Intake.answer(batch, List.of(pushback));
        assertThat(answer.pushback()).isEqualTo(pushback);
        assertThat(answer.taken()).isFalse();
        assertThatThrownBy(() -> Intake.answer(batch, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBodyThatUnpacksToTooMuchIsStopped() throws IOException {
        byte[] zeros = new byte[64 * 1024 * 1024];
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(zeros);
        }
        assertThatThrownBy(() -> unpack(packed.toByteArray(), 1_000, Long.MAX_VALUE))
                .isInstanceOf(BodyTooLargeException.class)
                .hasMessage("expected an unpacked body of at most 1000 bytes, got more");
        assertThatThrownBy(() -> unpack(packed.toByteArray(), Long.MAX_VALUE, 100))
                .isInstanceOf(BodyTooLargeException.class)
                .hasMessageStartingWith(
                        "expected a body that unpacks to at most 100 bytes a packed byte");
        assertThat(unpack(packed.toByteArray(), zeros.length, 100_000)).isEqualTo(zeros.length);
    }

    private static long unpack(byte[] packed, long bytesMax, long ratioMax) throws IOException {
        ByteArrayInputStream source = new ByteArrayInputStream(packed);
        try (InputStream unpacked = new GZIPInputStream(source, 512);
                BoundedInputStream bounded =
                        new BoundedInputStream(
                                unpacked,
                                bytesMax,
                                ratioMax,
                                () -> packed.length - source.available())) {
            bounded.transferTo(java.io.OutputStream.nullOutputStream());
            return bounded.bytes();
        }
    }

    @Test
    void aLogFilesPathTellsAccountAndRegion() {
        List<String> told = new ArrayList<>();
        for (String path :
                List.of(
                        "a/218007301253_CloudTrail_us-east-1_20230710T1145Z_7xgocspSowgK0Gto.json.gz",
                        "218007301253_CloudTrail-Insight_eu-west-1_20230710T1145Z_7xgocspSowgK0Gto.json.gz",
                        "x\\AWSLogs\\123456789012\\CloudTrail\\ap-south-1\\2023\\07\\10\\events.json",
                        "AWSLogs/o-abc123/123456789012/CloudTrail/us-gov-west-1/2023/07/10/e.json",
                        "flaws_cloudtrail00.json.gz",
                        "")) {
            EventReader.Known known = LogFilePath.known(path);
            told.add(known.account() + " " + known.region() + " " + known.decided());
        }
        assertThat(told)
                .containsExactly(
                        "218007301253 us-east-1 false",
                        "218007301253 eu-west-1 false",
                        "123456789012 ap-south-1 false",
                        "123456789012 us-gov-west-1 false",
                        "  false",
                        "  false");
    }
}

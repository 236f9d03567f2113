package dev.cairn.selector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.event.Category;
import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.testkit.RealData;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SelectorRulesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-11-21T01:02:03Z");

    static List<Arguments> cases() throws IOException {
        try (InputStream in = SelectorRulesTest.class.getResourceAsStream("rules.json")) {
            List<Arguments> cases = new ArrayList<>();
            for (JsonNode one : JSON.readTree(Objects.requireNonNull(in))) {
                cases.add(
                        Arguments.of(
                                one.path("name").asText(),
                                one.path("selectors").toString(),
                                one.path("taken").asBoolean()));
            }
            return cases;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void what_a_trail_is_told_is_taken_or_refused_as_by_aws(
            String name, String selectors, boolean taken) {
        if (taken) {
            Selectors read = Selectors.read(selectors);
            assertThat(Selectors.read(read.json())).as(name).isEqualTo(read);
        } else {
            assertThatThrownBy(() -> Selectors.read(selectors))
                    .as(name)
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure ->
                                    assertThat(failure.code())
                                            .isEqualTo(ErrorCode.INVALID_EVENT_SELECTORS));
        }
    }

    /// Of the user guide: a bucket with a deeper prefix, a function as a whole, a table's stream.
    @ParameterizedTest
    @CsvSource({
        "AWS::S3::Object, arn:aws:s3:::b/images, AWS::S3::Object, arn:aws:s3:::b/images/cat, true",
        "AWS::S3::Object, arn:aws:s3:::b/, AWS::S3::Object, arn:aws:s3:::bb/cat, false",
        "AWS::S3::Object, arn:aws:s3, AWS::S3::Bucket, arn:aws:s3:::b, false",
        "AWS::Lambda::Function, arn:aws:lambda:us-east-1:123456789012:function:f,"
                + " AWS::Lambda::Function, arn:aws:lambda:us-east-1:123456789012:function:f2, false",
        "AWS::DynamoDB::Table, arn:aws:dynamodb, AWS::DynamoDB::Stream,"
                + " arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/s, false"
    })
    void a_data_resource_is_met_by_the_records_own_resources(
            String type, String value, String recordType, String recordArn, boolean taken) {
        Selectors selectors =
                Selectors.read(
                        """
                        {"EventSelectors":[{"IncludeManagementEvents":false,"DataResources":\
                        [{"Type":"%s","Values":["%s"]}]}]}\
                        """
                                .formatted(type, value));
        String record =
                """
                {"eventVersion":"1.11","eventTime":"2026-11-21T01:02:03Z","eventSource":"s3.amazonaws.com",\
                "eventName":"X","awsRegion":"us-east-1","eventCategory":"Data","readOnly":true,\
                "eventID":"00000000-0000-4000-8000-000000000001","recipientAccountId":"123456789012",\
                "resources":[{"type":"%s","ARN":"%s"}]}\
                """
                        .formatted(recordType, recordArn);

        assertThat(selectors.takes(event(record.getBytes(UTF_8)))).isEqualTo(taken);
    }

    @Test
    void real_records_are_parted_by_readers_and_writers_of_management_and_data() {
        Selectors reads = Selectors.read("{\"EventSelectors\":[{\"ReadWriteType\":\"ReadOnly\"}]}");
        Selectors writes =
                Selectors.read("{\"EventSelectors\":[{\"ReadWriteType\":\"WriteOnly\"}]}");
        Selectors objects =
                Selectors.read(
                        """
                        {"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},\
                        {"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]}\
                        """);
        int taken = 0;
        for (byte[] record : RealData.assume().developersPermissive()) {
            Event event = event(record);
            boolean management = event.category() == Category.MANAGEMENT;
            assertThat(Selectors.DEFAULT.takes(event)).isEqualTo(management);
            assertThat(reads.takes(event)).isEqualTo(management && event.readOnly());
            assertThat(writes.takes(event)).isEqualTo(management && !event.readOnly());
            assertThat(objects.takes(event)).isEqualTo(isObjectEvent(event));
            taken += Selectors.DEFAULT.takes(event) ? 1 : 0;
        }
        assertThat(taken).isPositive();
    }

    private static boolean isObjectEvent(Event event) {
        if (event.category() != Category.DATA) {
            return false;
        }
        try {
            for (JsonNode resource : JSON.readTree(event.json()).path("resources")) {
                if (resource.path("type").asText().equals("AWS::S3::Object")) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Event event(byte[] json) {
        if (EventReader.lenient().read(json, NOW) instanceof Parsed.Read(Event event)) {
            return event;
        }
        throw new AssertionError("expected an event: " + new String(json, UTF_8));
    }
}

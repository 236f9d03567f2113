package dev.cairn.aws.shape;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViolationsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ServiceCatalog catalog = new ServiceCatalog();
    private final ServiceModel cloudtrail =
            catalog.model(catalog.named("cloudtrail").orElseThrow());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "CreateTrail | {`Name`:`t`,`S3BucketName`:`b`} | ",
                "StartLogging | {} | 1 validation error detected: Value null at 'name' failed to satisfy constraint:"
                        + " Member must not be null",
                "CreateTrail | {} | 2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member"
                        + " must not be null; Value null at 's3BucketName' failed to satisfy constraint: Member must not be"
                        + " null",
                "LookupEvents | {`MaxResults`:50} | ",
                "LookupEvents | {`MaxResults`:51} | 1 validation error detected: Value '51' at 'maxResults' failed to"
                        + " satisfy constraint: Member must have value less than or equal to 50",
                "LookupEvents | {`MaxResults`:0} | 1 validation error detected: Value '0' at 'maxResults' failed to satisfy"
                        + " constraint: Member must have value greater than or equal to 1",
                "LookupEvents | {`LookupAttributes`:[{`AttributeKey`:`Nothing`,`AttributeValue`:`x`}]} | 1 validation error"
                        + " detected: Value 'Nothing' at 'lookupAttributes.1.member.attributeKey' failed to satisfy"
                        + " constraint: Member must satisfy enum value set: [EventId, EventName, ReadOnly, Username,"
                        + " ResourceType, ResourceName, EventSource, AccessKeyId]",
                "CreateChannel | {`Name`:`a b`,`Source`:`s`,`Destinations`:[{`Type`:`AWS_SERVICE`,`Location`:`abc`}]} | 1"
                        + " validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must"
                        + " satisfy regular expression pattern: ^[a-zA-Z0-9._\\-]+$",
                "CreateChannel | {`Name`:`ab`,`Source`:`s`,`Destinations`:[{`Type`:`AWS_SERVICE`,`Location`:`abc`}]} | 1"
                        + " validation error detected: Value 'ab' at 'name' failed to satisfy constraint: Member must have"
                        + " length greater than or equal to 3",
                "CreateChannel | {`Name`:`abc`,`Source`:`s`,`Destinations`:[]} | 1 validation error detected: Value '[]' at"
                        + " 'destinations' failed to satisfy constraint: Member must have length greater than or equal to 1",
                "ListInsightsData | {`InsightSource`:`arn:a`,`DataType`:`InsightsEvents`,`Dimensions`:{`Nothing`:`x`}} | 1"
                        + " validation error detected: Value '{Nothing=x}' at 'dimensions' failed to satisfy constraint: Map"
                        + " keys must satisfy constraint: [Member must satisfy enum value set: [EventId, EventName,"
                        + " EventSource]]",
                "GenerateQuery | {`EventDataStores`:[`ab`],`Prompt`:`why`} | 1 validation error detected: Value '[ab]' at"
                        + " 'eventDataStores' failed to satisfy constraint: Member must satisfy constraint: [Member must have"
                        + " length less than or equal to 256, Member must have length greater than or equal to 3, Member"
                        + " must satisfy regular expression pattern: ^[a-zA-Z0-9._/\\-:]+$]",
                "ListTags | {`ResourceIdList`:[null]} | 1 validation error detected: Value '[null]' at 'resourceIdList'"
                        + " failed to satisfy constraint: Member must satisfy constraint: [Member must not be null]",
            })
    void the_message_is_aws_s(String operation, String input, @Nullable String message)
            throws JsonProcessingException {
        Violations violations = check(operation, input.replace('`', '"'));

        if (message == null) {
            assertThat(violations.found()).isEmpty();
        } else {
            assertThat(violations.message()).isEqualTo(message);
        }
    }

    @Test
    void the_search_ends_when_enough_is_found() throws JsonProcessingException {
        String attributes = "{},".repeat(1000).replaceAll(",$", "");

        assertThat(check("LookupEvents", "{\"LookupAttributes\":[" + attributes + "]}").found())
                .hasSize(Violations.FOUND_MAX);
    }

    @Test
    void a_long_value_is_not_repeated_whole() throws JsonProcessingException {
        String name = "😀".repeat(5000);

        assertThat(check("CreateDashboard", "{\"Name\":\"" + name + "\"}").message().length())
                .isLessThan(2 * Violations.VALUE_CHARS_MAX);
    }

    @Test
    void what_is_sensitive_is_not_repeated_at_all() {
        ServiceModel model =
                ServiceModel.of(
                        JSON.valueToTree(
                                Map.of(
                                        "metadata",
                                        Map.of(),
                                        "operations",
                                        Map.of(),
                                        "shapes",
                                        Map.of(
                                                "Login",
                                                Map.of(
                                                        "type",
                                                        "structure",
                                                        "members",
                                                        Map.of(
                                                                "Password",
                                                                Map.of("shape", "Password"))),
                                                "Password",
                                                Map.of(
                                                        "type",
                                                        "string",
                                                        "min",
                                                        8,
                                                        "sensitive",
                                                        true)))));

        assertThat(
                        Violations.in(
                                        JSON.createObjectNode().put("Password", "hunter2"),
                                        model.shape("Login").orElseThrow())
                                .message())
                .isEqualTo(
                        "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have"
                                + " length greater than or equal to 8");
    }

    @Test
    void a_pattern_that_backtracks_without_end_is_given_up() {
        assertThat(new TextPattern("(a+)+b").matches("a".repeat(60))).isFalse();
        assertThat(new TextPattern("(?:a|b)*").matches("ab".repeat(1_000_000))).isFalse();
        assertThat(new TextPattern("[ab]*").matches("ab".repeat(10_000))).isTrue();
    }

    private Violations check(String operation, String input) throws JsonProcessingException {
        JsonNode document = JSON.readTree(input);
        return Violations.in(
                document, cloudtrail.operation(operation).orElseThrow().input().orElseThrow());
    }
}

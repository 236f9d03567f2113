package dev.cairn.bus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.catalog.CatalogException;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.reader.Standing;
import dev.cairn.testkit.catalog.FaultyCatalog;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleReaderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OPENED =
            "{'source':['aws.s3'],'detail':{'eventName':['PutBucketPolicy']}}";

    private final RuleWorld world;

    RuleReaderTest() throws CatalogException {
        world = new RuleWorld();
    }

    private void assertEven() throws CatalogException {
        Standing state = world.state();
        assertThat(state.delivered() + state.filtered() + state.setAside())
                .isEqualTo(state.taken());
    }

    @Test
    void a_recorded_call_is_told_as_cloudtrail_tells_it() throws Exception {
        world.told("public", OPENED);
        world.catchUp();
        world.record("id1", "PutBucketPolicy", false, ",\"n\":1.50");
        world.record("id2", "DeleteBucket", false, "");
        world.catchUp();
        world.catchUp();
        assertThat(world.bodies(RuleWorld.WORK))
                .singleElement()
                .satisfies(body -> {
                    assertThat(body)
                            .startsWith(
                                    "{\"version\":\"0\",\"id\":\"id1\",\"detail-type\":\"AWS API Call via CloudTrail\",\"source\":\"aws.s3\",\"account\":\"123456789012\",\"time\":\"2026-11-20T09:00:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":{\"eventVersion\"")
                            .contains("\"n\":1.50");
                    JsonNode event = JSON.readTree(body);
                    assertThat(event.at("/detail/eventID").asText()).isEqualTo("id1");
                });
        assertThat(world.state().delivered()).isEqualTo(1);
        assertThat(world.state().filtered()).isEqualTo(1);
        assertEven();
    }

    @Test
    void what_fails_anywhere_is_told_once() throws Exception {
        world.told("public", OPENED);
        world.catchUp();
        Random chance = new Random(7);
        FaultyCatalog.Faults faults = FaultyCatalog.Faults.oneOf(6, chance);
        int number = 0;
        for (int round = 0; round < 200; round++) {
            for (int i = chance.nextInt(4); i > 0; i--) {
                world.record("id" + number++, "PutBucketPolicy", false, "");
            }
            world.faults = faults;
            try {
                world.catchUp();
            } catch (CatalogException _) {
                world.startAgain();
            } finally {
                world.faults = FaultyCatalog.Faults.NONE;
            }
        }
        world.catchUp();
        var ids = new TreeSet<String>();
        var bodies = world.bodies(RuleWorld.WORK);
        for (String body : bodies) {
            ids.add(JSON.readTree(body).path("id").asText());
        }
        assertThat(ids).hasSize(number);
        assertThat(bodies).hasSize(number);
        assertThat(world.state().delivered()).isEqualTo(number).isPositive();
        assertEven();
    }

    @Test
    void calls_that_change_nothing_are_for_rules_that_ask_for_them() throws Exception {
        world.told("some", "{'source':['aws.s3']}");
        world.rule(
                RuleWorld.rule("all"),
                "{'source':['aws.s3']}",
                Rule.State.ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS);
        world.target(RuleWorld.target(RuleWorld.rule("all"), "1", RuleWorld.WORK.arn()));
        world.catchUp();
        world.record("read", "GetBucketPolicy", true, "");
        world.catchUp();
        assertThat(world.bodies(RuleWorld.WORK)).hasSize(1);
        world.record("write", "PutBucketPolicy", false, "");
        world.catchUp();
        assertThat(world.bodies(RuleWorld.WORK)).hasSize(2);
        world.rule(RuleWorld.rule("all"), "{'source':['aws.s3']}", Rule.State.DISABLED);
        world.record("write2", "PutBucketPolicy", false, "");
        world.catchUp();
        assertThat(world.bodies(RuleWorld.WORK)).hasSize(1);
        assertEven();
    }

    @ParameterizedTest
    @CsvSource({
        "AwsApiCall,Management,AWS API Call via CloudTrail",
        "AwsServiceEvent,Management,AWS Service Event via CloudTrail",
        "AwsConsoleAction,Management,AWS Console Action via CloudTrail",
        "AwsConsoleSignIn,Management,AWS Console Sign In via CloudTrail",
        "AwsApiCall,Data,AWS API Call via CloudTrail",
        "AwsVpceEvent,NetworkActivity,AWS Network Activity Event via CloudTrail",
        "AwsCloudTrailInsight,Insight,AWS Insight via CloudTrail"
    })
    void a_record_has_the_detail_type_of_what_it_is(String type, String category, String detailType)
            throws Exception {
        // Reading is for rules that ask for it, where it is no data event.
        boolean management = category.equals("Management");
        world.told("that", "{'detail-type':['%s']}".formatted(detailType));
        world.told("not", "{'detail-type':[{'anything-but':'%s'}]}".formatted(detailType));
        world.catchUp();
        world.ledger.append(
                new Entry(
                        RuleWorld.HOME,
                        "id",
                        Origin.INTAKE,
                        """
                        {"eventVersion":"1.08","eventTime":"2026-11-20T09:00:00Z","eventID":"id",\
                        "eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1",\
                        "eventType":"%s","managementEvent":%s,"readOnly":%s,"eventCategory":"%s"}\
                        """
                                .formatted(type, management, !management, category)
                                .getBytes(UTF_8)),
                world.now);
        world.catchUp();
        assertThat(world.bodies(RuleWorld.WORK))
                .singleElement()
                .satisfies(body ->
                        assertThat(JSON.readTree(body).path("detail-type").asText())
                                .isEqualTo(detailType));
        assertEven();
    }

    @Test
    void a_rule_that_is_put_while_events_are_read_makes_the_step_begin_again() throws Exception {
        world.told("other", "{'source':['aws.ec2']}");
        world.catchUp();
        world.record("id1", "PutBucketPolicy", false, "");
        world.faults =
                new FaultyCatalog.Faults() {
                    @Override
                    public void beforeWrite() throws CatalogException {
                        world.faults = FaultyCatalog.Faults.NONE;
                        world.told("public", OPENED);
                    }
                };
        world.catchUp();
        assertThat(world.bodies(RuleWorld.WORK)).hasSize(1);
        assertThat(world.state().delivered()).isEqualTo(1);
    }

    @Test
    void what_is_too_long_or_comes_from_elsewhere_is_told_to_nobody() throws Exception {
        world.told("all", "{'account':['123456789012']}");
        world.catchUp();
        world.record("long", "Put", false, ",\"x\":\"" + "y".repeat(BusEvent.BYTES_MAX) + '"');
        byte[] json = "{\"eventTime\":\"2026-11-20T09:00:00Z\"}".getBytes(UTF_8);
        world.ledger.append(new Entry(RuleWorld.HOME, "imported", Origin.IMPORT, json), world.now);
        world.ledger.append(new Entry(RuleWorld.HOME, "put", Origin.CHANNEL, json), world.now);
        world.catchUp();
        assertThat(world.bodies(RuleWorld.WORK)).isEmpty();
        assertThat(world.state().setAside()).isEqualTo(1);
        assertThat(RuleReader.setAside(world.catalog, 10))
                .singleElement()
                .satisfies(aside -> assertThat(aside.reason()).contains("at most 262144"));
        assertEven();
    }

    @Test
    void nothing_recorded_before_there_was_a_reader_is_its_concern() throws Exception {
        world.told("public", OPENED);
        world.record("id1", "PutBucketPolicy", false, "");
        world.catchUp();
        assertThat(world.state().filtered()).isEqualTo(1);
        assertThat(world.bodies(RuleWorld.WORK)).isEmpty();
    }
}

package dev.cairn.trail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.selector.Selectors;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OverlapTest {
    private static final String MANAGEMENT = "[{'Field':'eventCategory','Equals':['Management']}]";

    private static TrailState trail(
            String name, String region, boolean multiRegion, String bucket, Selectors selectors) {
        return new TrailState(
                "id-" + name,
                new Trail(
                        "123456789012",
                        name,
                        region,
                        bucket,
                        name,
                        null,
                        true,
                        multiRegion,
                        true,
                        true),
                selectors,
                Set.of(),
                true,
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                Map.of());
    }

    private static Selectors advanced(String fields) {
        return Selectors.read(
                "{'AdvancedEventSelectors':[{'FieldSelectors':%s}]}"
                        .formatted(fields)
                        .replace('\'', '"'));
    }

    private static List<Overlap.Kind> kinds(TrailState trail, TrailState... all) {
        return Overlap.of(trail, List.of(all)).stream().map(Overlap::kind).toList();
    }

    private static TrailState main(Selectors selectors) {
        return trail("main", "us-east-1", true, "logs", selectors);
    }

    @Test
    void a_trail_alone_that_takes_management_events_is_well() {
        var main = main(Selectors.DEFAULT);
        assertThat(kinds(main, main)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{'Field':'eventCategory','Equals':['Data']},{'Field':'resources.type','Equals':['AWS::S3::Object']}]",
                "[{'Field':'eventCategory','Equals':['Data']},{'Field':'resources.type','Equals':['AWS::S3::Object']},{'Field':'readOnly','Equals':['true']}]",
                "[{'Field':'eventCategory','Equals':['Data']},{'Field':'resources.type','Equals':['AWS::S3::Object']},{'Field':'resources.ARN','StartsWith':['arn:aws:s3:::logs/main/']}]"
            })
    void data_events_on_its_own_bucket_feed_a_trail(String fields) {
        assertThat(kinds(main(advanced(fields)))).containsExactly(Overlap.Kind.FEEDS_ITSELF);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{'Field':'eventCategory','Equals':['Data']},{'Field':'resources.type','Equals':['AWS::S3::Object']},{'Field':'resources.ARN','NotStartsWith':['arn:aws:s3:::logs/']}]",
                "[{'Field':'eventCategory','Equals':['Data']},{'Field':'resources.type','Equals':['AWS::S3::Object']},{'Field':'resources.ARN','StartsWith':['arn:aws:s3:::logs-of-others/']}]",
                "[{'Field':'eventCategory','Equals':['Data']},{'Field':'resources.type','Equals':['AWS::Lambda::Function']}]"
            })
    void data_events_on_other_things_do_not(String fields) {
        assertThat(kinds(main(advanced(fields)))).isEmpty();
    }

    @Test
    void basic_selectors_for_all_objects_feed_a_trail_too() {
        var selectors =
                Selectors.read(
                        """
                        {"EventSelectors":[{"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}]}\
                        """);
        var found = Overlap.of(main(selectors), List.of());
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().message()).contains("main", "logs");
        assertThat(found.getFirst().remedy()).contains("arn:aws:s3:::logs/");
    }

    @Test
    void two_trails_that_put_the_same_events_into_one_bucket_are_found_whichever_is_asked() {
        var main = main(Selectors.DEFAULT);
        var second = trail("second", "eu-west-1", false, "logs", advanced(MANAGEMENT));
        assertThat(kinds(main, main, second)).containsExactly(Overlap.Kind.STORED_TWICE);
        assertThat(kinds(second, main, second)).containsExactly(Overlap.Kind.STORED_TWICE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Another bucket; another region; selectors that share nothing.
                "eu-west-1 | true  | more | [{'Field':'eventCategory','Equals':['Management']}]",
                "eu-west-1 | false | logs | [{'Field':'eventCategory','Equals':['Management']}]",
                "us-east-1 | false | logs | [{'Field':'eventCategory','Equals':['Data']},{'Field':'resources.type','Equals':['AWS::Lambda::Function']}]",
                "us-east-1 | false | logs | [{'Field':'eventCategory','Equals':['Management']},{'Field':'readOnly','Equals':['false']}]",
            })
    void trails_that_share_no_events_or_no_bucket_are_well(
            String region, boolean multiRegion, String bucket, String fields) {
        var reads =
                trail(
                        "reads",
                        "us-east-1",
                        false,
                        "logs",
                        advanced(
                                "[{'Field':'eventCategory','Equals':['Management']},{'Field':'readOnly','Equals':['true']}]"));
        var other = trail("other", region.strip(), multiRegion, bucket.strip(), advanced(fields));
        assertThat(kinds(reads, reads, other)).isEmpty();
    }

    @Test
    void selectors_that_meet_in_one_value_are_found() {
        var one =
                main(
                        advanced(
                                "[{'Field':'eventCategory','Equals':['Data']},{'Field':'resources.type','Equals':['AWS::S3::Object']},{'Field':'resources.ARN','StartsWith':['arn:aws:s3:::a/','arn:aws:s3:::b/']}]"));
        var other =
                trail(
                        "other",
                        "us-east-1",
                        true,
                        "logs",
                        advanced(
                                "[{'Field':'eventCategory','Equals':['Data']},{'Field':'resources.type','Equals':['AWS::S3::Object']},{'Field':'resources.ARN','StartsWith':['arn:aws:s3:::b/x']},{'Field':'eventName','Equals':['GetObject','PutObject']}]"));
        assertThat(kinds(one, other)).containsExactly(Overlap.Kind.STORED_TWICE);
    }
}

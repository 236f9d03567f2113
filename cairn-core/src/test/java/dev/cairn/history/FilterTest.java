package dev.cairn.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
    private static final Event EVENT =
            event(
                    """
                    {"eventVersion":"1.08",
                     "userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/ops/Bob",
                       "accountId":"123456789012","accessKeyId":"AKIABOB","userName":"Bob"},
                     "eventTime":"2024-03-06T21:22:54Z","eventSource":"ec2.amazonaws.com",
                     "eventName":"StopInstances","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1",
                     "errorMessage":"You are not authorized to perform: ec2:StopInstances",
                     "requestParameters":{"instancesSet":{"items":[
                       {"instanceId":"i-0abc"},{"instanceId":"i-0abd"}]},"force":false,"size":10,
                       "note":"10.50","empty":""},
                     "responseElements":null,
                     "eventID":"293ba626-3be5-4a26-ab1b-0f4c54f49959"}
                    """);

    private static Event event(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return switch (EventReader.lenient().read(bytes, Instant.EPOCH)) {
            case Parsed.Read(Event event) -> event;
            case Parsed.Refused refused -> throw new AssertionError(refused);
        };
    }

    private static boolean test(String search) throws SearchTextException {
        return Filter.of(SearchText.parse(search)).test(EVENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eventName:StopInstances",
                "requestParameters.instancesSet.items.instanceId:i-0abd",
                "requestParameters.force:false",
                "responseElements:null",
                "responseElements:*",
                "requestParameters.instancesSet:*",
                "userIdentity.arn:*:user/*B?b",
                "eventName:/(Stop|Start)Instances/",
                "requestParameters.size:>=10",
                "requestParameters.size:[9 TO 11}",
                "requestParameters.note:{10 TO 10.5]",
                "requestParameters.note:\"10.50\"",
                "eventName:[Start TO Stoq]",
                "eventTime:[2024-03-06 TO 2024-03-06]",
                "eventTime:<=2024-03-06",
                "eventTime:>2024-03-06T21:22:53Z",
                "bob",
                "\"NOT Authorized to perform\"",
                "stopinst*",
                "i-0abc",
                "293ba626-3be5-4a26-ab1b-0f4c54f49959",
                "eventID:293ba626*",
                "*:i-0abc",
                "touched:i-0abc",
                "touched:Bob",
                "touched:ops/Bob",
                "username:Bob",
                "category:Management",
                "readOnly:false",
                "account:123456789012 region:us-east-1",
                "resourceName:i-0abc resourceType:\"AWS::EC2::Instance\"",
                "NOT eventName:RunInstances",
                "requestParameters.empty:\"\""
            })
    void holds(String search) throws SearchTextException {
        assertThat(test(search)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "eventName:stopinstances",
                "eventName:Stop",
                "eventName:/Stop/",
                "requestParameters.size:>10",
                "requestParameters.size:{10 TO 11]",
                "requestParameters.note:10.5",
                "eventName:>5",
                "eventTime:>2024-03-06",
                "eventTime:<2024-03-06",
                "\"authorized not\"",
                "bo",
                "i-0ab",
                "293ba626",
                "touched:ob",
                "touched:user/Bob",
                "*:i-0ab",
                "errorCode:*",
                "requestParameters.instances:*",
                "NOT requestParameters.instancesSet.items.instanceId:i-0abc",
                "*:Management"
            })
    void does_not_hold(String search) throws SearchTextException {
        assertThat(test(search)).isFalse();
    }

    @Test
    void text_compares_by_code_point_beyond_the_first_plane() {
        Range range = Range.of(new Condition.Between("a", "\uffff", true, null, false));
        assertThat(range.test("\ud83d\ude00")).isTrue();
        assertThat(range.test("\uffee")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "01",
                "1.",
                ".5",
                "1e",
                "+1",
                "1e999",
                "0x1",
                "NaN",
                "Infinity",
                "1 "
            })
    void text_that_json_does_not_call_a_number_is_none(String text) {
        assertThat(Range.isNumber(text)).isFalse();
    }
}

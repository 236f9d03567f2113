package dev.cairn.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.history.Filter;
import dev.cairn.history.SearchText;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhoReadCommandTest {
    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "GetObject       | audit-logs | \"key\":\"AWSLogs/1/a b*c.gz\" | true",
                "DeleteObject    | audit-logs | \"key\":\"AWSLogs/1/x\"        | true",
                "GetObject       | audit-logs | \"key\":\"AWSLogs/2/x\"        | false",
                "GetObject       | audit-logs | \"key\":\"AWSLogs/1\"          | false",
                "GetObject       | other      | \"key\":\"AWSLogs/1/x\"        | false",
                "ListObjects     | audit-logs | \"prefix\":\"\"                | true",
                "PutBucketPolicy | audit-logs | \"bucketPolicy\":\"{}\"        | true",
                "CopyObject      | mine       | \"key\":\"k\",\"x-amz-copy-source\":\"audit-logs/AWSLogs/1/x\"  | true",
                "CopyObject      | mine       | \"key\":\"k\",\"x-amz-copy-source\":\"/audit-logs/AWSLogs/1/x\" | true",
                "CopyObject      | mine       | \"key\":\"k\",\"x-amz-copy-source\":\"audit-logs/AWSLogs/2/x\"  | false",
                "CopyObject      | mine       | \"key\":\"k\"},\"resources\":[{\"ARN\":\"arn:aws:s3:::mine/k\"},{\"ARN\":\"arn:aws:s3:::audit-logs/AWSLogs/1/x\"}],\"other\":{\"a\":\"b\" | true",
                "CopyObject      | mine       | \"key\":\"k\"},\"resources\":[{\"ARN\":\"arn:aws:s3:::mine/k\"},{\"ARN\":\"arn:aws:s3:::audit-logs/AWSLogs/2/x\"}],\"other\":{\"a\":\"b\" | false",
            })
    void calls_on_the_place_are_found(String name, String bucket, String more, boolean found)
            throws Exception {
        var place = BucketPlace.of("s3://audit-logs/AWSLogs/1/").orElseThrow();
        for (var user : List.of("auditor", "mallory")) {
            var record =
                    """
                    {"eventVersion":"1.08","eventTime":"2026-11-21T08:00:00Z","awsRegion":"us-east-1","eventID":"293ba626-3be5-4a26-ab1b-0f4c54f49959","eventSource":"s3.amazonaws.com","eventName":"%s","userIdentity":{"accountId":"123456789012","arn":"arn:aws:iam::1:user/%s"},"requestParameters":{"bucketName":"%s",%s}}\
                    """
                            .formatted(name, user, bucket, more);
            assertThat(takes(place, List.of(), record)).isEqualTo(found);
            assertThat(takes(place, List.of("*:user/auditor"), record))
                    .isEqualTo(found && user.equals("mallory"));
        }
    }

    private static boolean takes(BucketPlace place, List<String> except, String record)
            throws Exception {
        // The way it goes to the server.
        var text = SearchText.of(WhoReadCommand.condition(place, except));
        var read = EventReader.lenient().read(record.getBytes(UTF_8), Instant.EPOCH);
        assertThat(read).isInstanceOf(Parsed.Read.class);
        return Filter.of(SearchText.parse(text)).test(((Parsed.Read) read).event());
    }
}

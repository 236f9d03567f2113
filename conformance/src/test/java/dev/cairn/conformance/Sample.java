package dev.cairn.conformance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/// Events made for a test: whole CloudTrail records that differ in what the test is about.
final class Sample {
    private final ObjectNode record = Wire.JSON.createObjectNode();

    /// @param account whose event it is
    /// @param number tells it from the others, and makes its id
    Sample(String account, String region, Instant time, String source, String name, int number) {
        record.put("eventVersion", "1.11");
        var identity = record.putObject("userIdentity");
        identity.put("type", "IAMUser");
        identity.put("principalId", "AIDAEXAMPLE" + number % 3);
        identity.put("arn", "arn:aws:iam::%s:user/user-%d".formatted(account, number % 3));
        identity.put("accountId", account);
        identity.put("accessKeyId", "AKIAEXAMPLEKEY0000%02d".formatted(number % 4));
        identity.put("userName", "user-" + number % 3);
        record.put("eventTime", time.truncatedTo(ChronoUnit.SECONDS).toString());
        record.put("eventSource", source);
        record.put("eventName", name);
        record.put("awsRegion", region);
        record.put("sourceIPAddress", "198.51.100." + number % 250);
        record.put("userAgent", "conformance/1.0");
        record.putObject("requestParameters").put("number", number);
        record.putNull("responseElements");
        record.put("requestID", id("request", account, region, number));
        record.put("eventID", id("event", account, region, number));
        record.put("readOnly", number % 5 == 0);
        record.put("eventType", "AwsApiCall");
        record.put("managementEvent", true);
        record.put("recipientAccountId", account);
        record.put("eventCategory", "Management");
    }

    /// An event of the account, now.
    static Sample now(String account, int number) {
        return new Sample(
                account, "us-east-1", Instant.now(), "sample.amazonaws.com", "SampleEvent", number);
    }

    private static String id(String kind, String account, String region, int number) {
        return UUID.nameUUIDFromBytes(
                        Wire.bytes(kind + " " + account + " " + region + " " + number))
                .toString();
    }

    Sample with(String member, String value) {
        record.put(member, value);
        return this;
    }

    Sample resource(String type, String arn) {
        record.withArray("resources").addObject().put("ARN", arn).put("type", type);
        return this;
    }

    ObjectNode record() {
        return record;
    }

    String id() {
        return record.path("eventID").asText();
    }

    String text(String member) {
        return record.path(member).asText();
    }

    Instant time() {
        return Instant.parse(text("eventTime"));
    }

    String json() {
        return record.toString();
    }

    /// The body of an intake call.
    static byte[] batch(List<Sample> samples) {
        var body = Wire.JSON.createObjectNode();
        var records = body.putArray("Records");
        samples.forEach(sample -> records.add(sample.record));
        return Wire.bytes(body.toString());
    }
}

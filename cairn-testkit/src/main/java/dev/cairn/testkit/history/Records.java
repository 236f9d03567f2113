package dev.cairn.testkit.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.event.Place;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import dev.cairn.ledger.Slice;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes records, and slices of them, for tests of history.
public final class Records {
    public static final Place PLACE = new Place("123456789012", "us-east-1");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int partition;
    private final List<Slice.Item> items = new ArrayList<>();
    private long next;

    public Records(int partition) {
        this(partition, 0);
    }

    public Records(int partition, long next) {
        this.partition = partition;
        this.next = next;
    }

    /// A record's members; change and add at will before it is entered.
    public static Map<String, @Nullable Object> record(String id, String time, String name) {
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("eventVersion", "1.08");
        record.put(
                "userIdentity",
                Map.of(
                        "type",
                        "IAMUser",
                        "principalId",
                        "AIDA1",
                        "arn",
                        "arn:aws:iam::123456789012:user/alice",
                        "accountId",
                        "123456789012",
                        "accessKeyId",
                        "AKIAALICE",
                        "userName",
                        "alice"));
        record.put("eventTime", time);
        record.put("eventSource", "ec2.amazonaws.com");
        record.put("eventName", name);
        record.put("awsRegion", "us-east-1");
        record.put("sourceIPAddress", "192.0.2.1");
        record.put("userAgent", "aws-cli/2");
        record.put("requestParameters", null);
        record.put("responseElements", null);
        record.put("eventID", id);
        record.put("eventType", "AwsApiCall");
        record.put("recipientAccountId", "123456789012");
        return record;
    }

    public static byte[] bytes(Map<String, ? extends @Nullable Object> record) {
        try {
            return JSON.writeValueAsBytes(record);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public Records add(String id, String time, String name) {
        return add(record(id, time, name));
    }

    public Records add(Map<String, @Nullable Object> record) {
        return add(PLACE, Origin.INTAKE, record);
    }

    public Records add(Place place, Origin origin, Map<String, @Nullable Object> record) {
        return add(new Entry(place, String.valueOf(record.get("eventID")), origin, bytes(record)));
    }

    public Records add(Entry entry) {
        items.add(new Slice.Held(new Position(partition, next++), Instant.EPOCH, entry));
        return this;
    }

    /// Bytes that are no event.
    public Records addBroken(String id) {
        return add(
                new Entry(
                        PLACE, id, Origin.INTAKE, "{\"broken\":".getBytes(StandardCharsets.UTF_8)));
    }

    public Records lose(long count, String reason) {
        items.add(new Slice.Lost(new Position(partition, next), count, reason));
        next += count;
        return this;
    }

    public long next() {
        return next;
    }

    /// Everything added so far.
    public Slice slice() {
        return new Slice(partition, List.copyOf(items), next);
    }

    /// What was added since an offset.
    public Slice since(long offset) {
        return new Slice(
                partition, items.stream().filter(item -> offsetOf(item) >= offset).toList(), next);
    }

    private static long offsetOf(Slice.Item item) {
        return switch (item) {
            case Slice.Held held -> held.position().offset();
            case Slice.Lost lost -> lost.first().offset();
        };
    }
}

package dev.cairn.testkit.history;

import dev.cairn.event.Place;
import dev.cairn.history.Condition;
import dev.cairn.ledger.Origin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Random records and conditions from few paths and values, so that they meet often.
final class RandomEvents {
    private static final List<String> VALUES =
            List.of(
                    "bob",
                    "Bob",
                    "alice smith",
                    "i-0abc",
                    "i-0abd",
                    "arn:aws:iam::123456789012:user/bob",
                    "arn:aws:iam::123456789012:role/path/bob",
                    "arn:aws:s3:::i-0abc",
                    "arn:aws:ec2:::a:b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/bob",
                    "",
                    "10",
                    "9",
                    "10.0",
                    "-3",
                    "1e2",
                    "a*b",
                    "a b",
                    "\u00e9t\u00e9",
                    "\ud83d\ude00 smile",
                    "x".repeat(1023),
                    "x".repeat(1024),
                    "x".repeat(1025),
                    "x".repeat(1100) + " bob");
    private static final List<String> KEYS = List.of("name", "a", "b", "a.b", "items", "user");
    private static final List<String> PATHS =
            List.of(
                    "requestParameters.name",
                    "requestParameters.a",
                    "requestParameters.a.b",
                    "requestParameters.items",
                    "requestParameters",
                    "responseElements",
                    "responseElements.user",
                    "eventName",
                    "eventID",
                    "readOnly",
                    "username",
                    "resourceName",
                    "userIdentity.arn",
                    "account",
                    "missing");
    private static final List<String> TIMES =
            List.of(
                    "2026-11-21T10:00:00Z",
                    "2026-11-21T10:00:01Z",
                    "2026-11-20T23:59:59Z",
                    "2026-11-20T00:00:00Z",
                    "2026-10-31T12:00:00Z",
                    "2026-09-30T12:00:00Z");
    private static final List<Place> PLACES =
            List.of(
                    Records.PLACE,
                    new Place("123456789012", "eu-west-1"),
                    new Place("700***", "mars-1"));

    private final RandomGenerator random;
    private int ids;

    RandomEvents(RandomGenerator random) {
        this.random = random;
    }

    Records records(int count) {
        Records records = new Records(0);
        for (int i = 0; i < count; i++) {
            add(records);
        }
        return records;
    }

    /// The bytes of so many records.
    List<byte[]> jsons(int count) {
        List<byte[]> jsons = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            jsons.add(Records.bytes(record()));
        }
        return jsons;
    }

    void add(Records records) {
        if (random.nextInt(20) == 0) {
            records.addBroken("broken");
            return;
        }
        Map<String, @Nullable Object> record = record();
        boolean imported = random.nextInt(4) == 0;
        if (imported && random.nextBoolean()) {
            record.put("eventTime", "2014-03-06T10:00:00Z");
        }
        records.add(one(PLACES), imported ? Origin.IMPORT : Origin.INTAKE, record);
    }

    private Map<String, @Nullable Object> record() {
        // Ids come in no order, so that equal times sort otherwise than they came.
        String id = "%04x".formatted((++ids * 40_503) & 0xffff);
        Map<String, @Nullable Object> record =
                Records.record(id, one(TIMES), one(List.of("RunInstances", "GetUser", "bob")));
        record.put("requestParameters", object(2));
        record.put("responseElements", random.nextBoolean() ? null : object(1));
        if (random.nextInt(3) == 0) {
            record.put("readOnly", random.nextBoolean());
        }
        return record;
    }

    private Map<String, @Nullable Object> object(int depth) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        int members = random.nextInt(4);
        for (int i = 0; i < members; i++) {
            object.put(one(KEYS), value(depth));
        }
        return object;
    }

    private @Nullable Object value(int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 6)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> random.nextInt(-5, 15);
            case 3 -> random.nextInt(100) / 8.0;
            case 6 -> object(depth - 1);
            case 7 -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    list.add(value(depth - 1));
                }
                yield list;
            }
            default -> one(VALUES);
        };
    }

    Condition condition(int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 9)) {
            case 0 -> new Condition.Is(path(), one(VALUES));
            case 1 ->
                    new Condition.Like(
                            path(),
                            one(
                                    List.of(
                                            "*bob*",
                                            "i-0ab?",
                                            "*",
                                            "x*",
                                            "*x bob",
                                            "a\\*b",
                                            "1*",
                                            "?",
                                            "\u00e9*",
                                            "arn:*bob",
                                            "*x")));
            case 2 ->
                    new Condition.Matches(
                            path(),
                            one(
                                    List.of(
                                            "i-0ab[cd]",
                                            "x+",
                                            "(?i)bob",
                                            "\\d+",
                                            ".*bob",
                                            "x{512}x{512}")));
            case 3 -> between();
            case 4 -> new Condition.Exists(path());
            case 5 ->
                    new Condition.Words(
                            one(
                                    List.of(
                                            "bob",
                                            "BOB",
                                            "alice smith",
                                            "smith alice",
                                            "i-0abc",
                                            "ali*",
                                            "aws iam",
                                            "x* bob",
                                            "\u00c9T\u00c9",
                                            "us*",
                                            "12345678901*")));
            case 6 -> new Condition.Touched(one(VALUES));
            case 7 -> new Condition.Is(Condition.ANY, one(VALUES));
            case 8 -> new Condition.All();
            case 9 -> new Condition.Not(condition(depth - 1));
            case 10 -> new Condition.And(parts(depth));
            default -> new Condition.Or(parts(depth));
        };
    }

    private List<Condition> parts(int depth) {
        List<Condition> parts = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            parts.add(condition(depth - 1));
        }
        return parts;
    }

    private Condition between() {
        if (random.nextInt(4) == 0) {
            return new Condition.Between(
                    "eventTime",
                    one(List.of("2026-11-20", "2026-11-21T10:00:00Z", "2014-01-01", "2026")),
                    random.nextBoolean(),
                    one(List.of("2026-11-20", "2026-11-21", "2026-11-21T10:00:00Z", "2027")),
                    random.nextBoolean());
        }
        String path = one(PATHS);
        String lower = random.nextInt(4) == 0 ? null : one(VALUES);
        String upper = lower != null && random.nextInt(4) == 0 ? null : one(VALUES);
        return new Condition.Between(
                path, lower, random.nextBoolean(), upper, random.nextBoolean());
    }

    private String path() {
        return random.nextInt(8) == 0 ? Condition.ANY : one(PATHS);
    }

    private <T> T one(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}

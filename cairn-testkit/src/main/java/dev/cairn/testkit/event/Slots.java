package dev.cairn.testkit.event;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The values of one event's slots. A slot asked for twice has the same value, until the next event
/// begins.
final class Slots {
    private static final List<String> NAMES =
            List.of(
                    "account",
                    "region",
                    "bucket",
                    "app",
                    "uuid",
                    "uuid.2",
                    "instance",
                    "javatime",
                    "isotime",
                    "user",
                    "kmskeyarn",
                    "kmskey",
                    "function",
                    "functionarn",
                    "role",
                    "rolearn",
                    "roleid",
                    "number",
                    "db",
                    "group",
                    "cluster",
                    "table",
                    "tablearn",
                    "repository",
                    "id13",
                    "id16",
                    "id26",
                    "vpc",
                    "stack",
                    "secret",
                    "secretarn",
                    "millis",
                    "volume",
                    "session",
                    "objectkey",
                    "trail",
                    "topic",
                    "topicarn",
                    "hex8",
                    "hex16",
                    "hex17",
                    "hex32",
                    "hex32.2",
                    "hex64",
                    "team",
                    "subnet",
                    "policyarn",
                    "parameter",
                    "parameter.2",
                    "otheraccount",
                    "queue",
                    "queueurl",
                    "keypair",
                    "image",
                    "stream",
                    "snapshot",
                    "interface",
                    "base64",
                    "base64short",
                    "api",
                    "instancetype",
                    "userarn",
                    "template",
                    "reservation",
                    "publicip");

    private static final Map<String, Integer> INDEX = index();

    private static final DateTimeFormatter JAVA_TIME =
            DateTimeFormatter.ofPattern("MMM d, yyyy h:mm:ss a", Locale.US)
                    .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter ISO_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.000+0000", Locale.US)
                    .withZone(ZoneOffset.UTC);

    private static final String HEX = "0123456789abcdef";
    private static final String IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String BASE64 =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private final SplittableRandom random;
    private final @Nullable String[] values = new @Nullable String[NAMES.size()];
    private Cast cast;
    private String region = "";
    private Instant time = Instant.EPOCH;

    Slots(SplittableRandom random, Cast cast) {
        this.random = random;
        this.cast = cast;
    }

    private static Map<String, Integer> index() {
        Map<String, Integer> index = new java.util.HashMap<>();
        for (int i = 0; i < NAMES.size(); i++) {
            index.put(NAMES.get(i), i);
        }
        return Map.copyOf(index);
    }

    static int index(String name) {
        Integer index = INDEX.get(name);
        if (index == null) {
            throw new IllegalStateException("expected a slot that can be filled, got " + name);
        }
        return index;
    }

    /// Begins an event: forgets the values of the last one.
    void begin(Cast newCast, String newRegion, Instant newTime) {
        Arrays.fill(values, null);
        cast = newCast;
        region = newRegion;
        time = newTime;
    }

    /// Chooses a slot's value.
    void set(String name, String value) {
        values[index(name)] = value;
    }

    String value(int index) {
        String value = values[index];
        if (value == null) {
            value = make(NAMES.get(index));
            values[index] = value;
        }
        return value;
    }

    String value(String name) {
        return value(index(name));
    }

    private String make(String name) {
        return switch (name) {
            case "account" -> cast.account();
            case "region" -> region;
            case "app" -> cast.app(random);
            case "team" -> cast.team(random);
            case "user" -> cast.user(random);
            case "userarn" -> "arn:aws:iam::" + cast.account() + ":user/" + value("user");
            case "role" -> cast.role(random);
            case "rolearn" -> "arn:aws:iam::" + cast.account() + ":role/" + value("role");
            case "roleid" -> Cast.id(IDS, 17, Cast.mix(cast.seed(), value("role").hashCode()));
            case "session" -> cast.session(random);
            case "policyarn" ->
                    "arn:aws:iam::" + cast.account() + ":policy/" + value("app") + "-policy";
            case "bucket" -> cast.bucket(random, region);
            case "objectkey" ->
                    value("app")
                            + "/"
                            + (2024 + random.nextInt(3))
                            + "/"
                            + value("hex16")
                            + ".json";
            case "trail" -> "management-events";
            case "instance" -> cast.hexId("i-", 400, random, region);
            case "volume" -> cast.hexId("vol-", 600, random, region);
            case "snapshot" -> cast.hexId("snap-", 900, random, region);
            case "group" -> cast.hexId("sg-", 60, random, region);
            case "subnet" -> cast.hexId("subnet-", 9, random, region);
            case "vpc" -> cast.hexId("vpc-", 3, random, region);
            case "image" -> cast.hexId("ami-", 12, random, region);
            case "interface" -> cast.hexId("eni-", 700, random, region);
            case "template" -> cast.hexId("lt-", 8, random, region);
            case "reservation" -> "r-" + hex(17);
            case "keypair" -> value("team") + "-key";
            case "instancetype" ->
                    switch (random.nextInt(5)) {
                        case 0 -> "t3.micro";
                        case 1 -> "t4g.medium";
                        case 2 -> "m6i.large";
                        case 3 -> "c7g.xlarge";
                        default -> "r6g.2xlarge";
                    };
            case "publicip" -> cast.publicIp(random);
            case "function" -> value("app") + "-" + cast.part(random);
            case "functionarn" ->
                    "arn:aws:lambda:"
                            + region
                            + ":"
                            + cast.account()
                            + ":function:"
                            + value("function");
            case "table" -> value("app") + "-" + cast.part(random);
            case "tablearn" ->
                    "arn:aws:dynamodb:"
                            + region
                            + ":"
                            + cast.account()
                            + ":table/"
                            + value("table");
            case "kmskey" -> cast.uuid(12, random, region);
            case "kmskeyarn" ->
                    "arn:aws:kms:" + region + ":" + cast.account() + ":key/" + value("kmskey");
            case "secret" -> value("app") + "/database";
            case "secretarn" ->
                    "arn:aws:secretsmanager:"
                            + region
                            + ":"
                            + cast.account()
                            + ":secret:"
                            + value("secret")
                            + "-x9Kq2b";
            case "parameter", "parameter.2" ->
                    "/" + value("app") + "/" + cast.part(random) + "/url";
            case "queue" -> value("app") + "-" + cast.part(random);
            case "queueurl" ->
                    "https://sqs."
                            + region
                            + ".amazonaws.com/"
                            + cast.account()
                            + "/"
                            + value("queue");
            case "topic" -> value("app") + "-alerts";
            case "topicarn" ->
                    "arn:aws:sns:" + region + ":" + cast.account() + ":" + value("topic");
            case "stream" -> value("app") + "-stream";
            case "stack" -> value("app") + "-" + value("team");
            case "cluster" -> value("team") + "-cluster";
            case "db" -> value("app") + "-db";
            case "repository" -> value("team") + "/" + value("app");
            case "api" -> Cast.id(HEX, 10, Cast.mix(cast.seed(), value("app").hashCode()));
            case "otheraccount" -> cast.otherAccount(random);
            case "number" -> Integer.toString(1 + random.nextInt(400));
            case "millis" -> Long.toString(time.toEpochMilli());
            case "javatime" -> JAVA_TIME.format(time);
            case "isotime" -> ISO_TIME.format(time);
            case "uuid", "uuid.2" -> uuid();
            case "hex8" -> hex(8);
            case "hex16" -> hex(16);
            case "hex17" -> hex(17);
            case "hex32", "hex32.2" -> hex(32);
            case "hex64" -> hex(64);
            case "id13" -> Cast.id(IDS, 13, random.nextLong());
            case "id16" -> Cast.id(IDS, 16, random.nextLong());
            case "id26" -> Cast.id(IDS, 26, random.nextLong());
            case "base64" -> base64(180) + "==";
            case "base64short" -> base64(43) + "=";
            default -> throw new IllegalStateException("no value is made for the slot " + name);
        };
    }

    /// A random UUID, version 4.
    String uuid() {
        return Cast.uuid(random.nextLong(), random.nextLong());
    }

    String hex(int digits) {
        return digits <= 16
                ? Cast.id(HEX, digits, random.nextLong())
                : Cast.id(HEX, 16, random.nextLong()) + hex(digits - 16);
    }

    String base64(int signs) {
        char[] text = new char[signs];
        for (int i = 0; i < signs; i++) {
            text[i] = BASE64.charAt(random.nextInt(64));
        }
        return new String(text);
    }
}

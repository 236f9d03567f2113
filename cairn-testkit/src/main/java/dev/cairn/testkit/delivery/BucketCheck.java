package dev.cairn.testkit.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import dev.cairn.testkit.delivery.SimulatedArchive.Address;
import dev.cairn.testkit.delivery.SimulatedArchive.Stored;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.zip.GZIPInputStream;

/// Reads back what one trail delivered, with code of its own, and holds it to I3 and I4.
public final class BucketCheck {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PublicKey key;
    private final Map<Address, Stored> logs = new TreeMap<>();
    private final Map<Address, Stored> aggregated = new TreeMap<>();

    /// By the digest's place, then in order of time.
    private final Map<String, List<Stored>> digests = new TreeMap<>();

    /// Of any archive.
    ///
    /// @param bucket where everything is
    /// @param prefix of the trail's keys, its own alone
    public static BucketCheck of(Buckets archive, String bucket, String prefix, PublicKey key)
            throws ArchiveException {
        return new BucketCheck(SimulatedArchive.copyOf(archive, bucket), prefix, key);
    }

    /// @param prefix of the trail's keys, its own alone
    BucketCheck(SimulatedArchive archive, String prefix, PublicKey key) {
        this.key = key;
        Map<String, TreeMap<String, Stored>> byTime = new TreeMap<>();
        for (Stored stored : archive.objects()) {
            String name = stored.address().key();
            if (!name.startsWith(prefix + "/")) {
                continue;
            }
            if (name.contains("/CloudTrail-Digest/")) {
                String stamp = name.substring(name.length() - 24, name.length() - 8);
                String place = name.split("/", -1)[2] + '/' + name.split("/", -1)[4];
                byTime.computeIfAbsent(place, _ -> new TreeMap<>()).put(stamp, stored);
            } else if (name.contains("/CloudTrail-Aggregated/")) {
                aggregated.put(stored.address(), stored);
            } else {
                logs.put(stored.address(), stored);
            }
        }
        byTime.forEach((place, stored) -> digests.put(place, List.copyOf(stored.values())));
    }

    /// @throws AssertionError when anything is not as it must be
    /// @param sealedById every event that must be there, and whether a digest must name its file
    public void check(Map<String, Boolean> sealedById) {
        Map<Address, Boolean> sealed = checkLogs(sealedById);
        Map<Address, String> named = checkChains();
        sealed.forEach((address, isSealed) -> {
            expect(
                    isSealed == named.containsKey(address),
                    "{}: expected in a digest: {}",
                    address,
                    isSealed);
            if (isSealed) {
                expect(
                        hash(unpacked(stored(address))).equals(named.get(address)),
                        "{} has another hash than its digest says",
                        address);
            }
        });
        named.keySet()
                .forEach(address ->
                        expect(
                                logs.containsKey(address) || aggregated.containsKey(address),
                                "{} is missing",
                                address));
    }

    /// Adds up what aggregated events say.
    ///
    /// @return events by primary dimension, such as `eventName`, and whether a digest names the
    ///   file that counts them: `eventName true`
    /// @throws AssertionError when an aggregated event is there twice or contradicts itself, or a
    ///   file is not what its digest says
    Map<String, Long> checkAggregated() {
        Map<Address, String> named = checkChains();
        Map<String, Long> sums = new TreeMap<>();
        Map<String, Address> seen = new HashMap<>();
        for (Stored file : aggregated.values()) {
            byte[] content = unpacked(file);
            String hash = named.get(file.address());
            expect(
                    hash == null || hash.equals(hash(content)),
                    "{} has another hash than its digest says",
                    file.address());
            for (JsonNode event : json(content).path("Records")) {
                String id = event.path("eventId").asText();
                Address other = seen.put(id, file.address());
                expect(other == null, "{} is in {} and in {}", id, other, file.address());
                JsonNode primary = event.path("summary").path("primaryDimension");
                long events = sum(primary);
                for (JsonNode detail : event.path("summary").path("details")) {
                    expect(sum(detail) == events, "{} has details of other events", id);
                }
                sums.merge(
                        primary.path("dimension").asText() + ' ' + (hash != null),
                        events,
                        Long::sum);
            }
        }
        return sums;
    }

    private static long sum(JsonNode dimension) {
        long sum = 0;
        for (JsonNode statistic : dimension.path("statistics")) {
            sum += statistic.path("value").asLong();
        }
        return sum;
    }

    private Stored stored(Address address) {
        Stored stored = logs.get(address);
        if (stored == null) {
            throw new AssertionError(address + " is not there");
        }
        return stored;
    }

    private Map<Address, Boolean> checkLogs(Map<String, Boolean> sealedById) {
        Map<String, Address> seen = new HashMap<>();
        Map<Address, Boolean> sealed = new HashMap<>();
        for (Stored log : logs.values()) {
            byte[] content = unpacked(log);
            expect(new String(content, UTF_8).startsWith("{\"Records\":["), "no Records first");
            JsonNode records = json(content).path("Records");
            expect(!records.isEmpty(), "{} is empty", log.address());
            String before = "";
            for (JsonNode event : records) {
                String id = event.path("eventID").asText();
                Address other = seen.put(id, log.address());
                expect(other == null, "{} is in {} and in {}", id, other, log.address());
                Boolean isSealed = sealedById.get(id);
                expect(isSealed != null, "{} was not to be delivered", id);
                Boolean others = sealed.putIfAbsent(log.address(), Boolean.TRUE.equals(isSealed));
                expect(others == null || others.equals(isSealed), "{} is mixed", log.address());
                String time = event.path("eventTime").asText();
                expect(before.compareTo(time) <= 0, "{} is not in order of time", log.address());
                before = time;
                expect(
                        log.address().key().contains('/' + event.path("awsRegion").asText() + '/'),
                        "{} is under another region",
                        id);
            }
        }
        for (String id : sealedById.keySet()) {
            expect(seen.containsKey(id), "{} is in no file", id);
        }
        return sealed;
    }

    /// @return the files that digests name, with their hashes
    private Map<Address, String> checkChains() {
        Map<Address, String> named = new HashMap<>();
        for (List<Stored> chain : digests.values()) {
            List<JsonNode> read = new ArrayList<>();
            for (int i = 0; i < chain.size(); i++) {
                JsonNode digest = json(unpacked(chain.get(i)));
                checkDigest(chain.get(i), digest);
                checkPredecessor(digest, i == 0 ? null : chain.get(i - 1), read);
                read.add(digest);
                for (JsonNode file : digest.path("logFiles")) {
                    Address address =
                            new Address(
                                    file.path("s3Bucket").asText(), file.path("s3Object").asText());
                    checkWindow(digest, address);
                    String old = named.put(address, file.path("hashValue").asText());
                    expect(old == null, "{} is in two digests", address);
                }
            }
        }
        return named;
    }

    private void checkDigest(Stored stored, JsonNode digest) {
        Address address = stored.address();
        expect(
                address.bucket().equals(digest.path("digestS3Bucket").asText())
                        && address.key().equals(digest.path("digestS3Object").asText()),
                "{} says that it is elsewhere",
                address);
        String previous = digest.path("previousDigestSignature").asText("null");
        String text =
                String.join(
                        "\n",
                        digest.path("digestEndTime").asText(),
                        address.bucket() + '/' + address.key(),
                        hash(unpacked(stored)),
                        previous);
        try {
            Signature verifier = Signature.getInstance("SHA256withRSA");
            verifier.initVerify(key);
            verifier.update(text.getBytes(UTF_8));
            String signature = stored.description().metadata().getOrDefault("signature", "");
            expect(
                    verifier.verify(HexFormat.of().parseHex(signature)),
                    "{} is not signed",
                    address);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(address + " has no signature", e);
        }
    }

    /// A file's name tells the minute of its delivery.
    private static void checkWindow(JsonNode digest, Address file) {
        String[] parts = file.key().split("_", -1);
        String minute = parts[parts.length - 2].replace("Z", "");
        String start = digest.path("digestStartTime").asText().replaceAll("[-:]", "");
        String end = digest.path("digestEndTime").asText().replaceAll("[-:]", "");
        expect(
                start.substring(0, minute.length()).compareTo(minute) <= 0
                        && minute.compareTo(end) < 0,
                "{} was not delivered from {} to {}",
                file,
                start,
                end);
    }

    private static void checkPredecessor(
            JsonNode digest,
            @org.jspecify.annotations.Nullable Stored before,
            List<JsonNode> read) {
        if (digest.path("previousDigestS3Object").isNull()) {
            return; // The first of a chain.
        }
        expect(before != null, "the oldest digest has a predecessor");
        if (before == null) {
            return;
        }
        expect(
                before.address().key().equals(digest.path("previousDigestS3Object").asText())
                        && before.address()
                                .bucket()
                                .equals(digest.path("previousDigestS3Bucket").asText()),
                "{} does not follow {}",
                digest,
                before.address());
        expect(
                hash(unpacked(before)).equals(digest.path("previousDigestHashValue").asText()),
                "{} has another hash than its successor says",
                before.address());
        expect(
                read.getLast().path("digestEndTime").equals(digest.path("digestStartTime")),
                "a window does not begin where the one before ends");
    }

    private static byte[] unpacked(Stored stored) {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(stored.bytes()))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(stored.address() + " is no gzip", e);
        }
    }

    private static JsonNode json(byte[] content) {
        try {
            return JSON.readTree(content);
        } catch (IOException e) {
            throw new UncheckedIOException("expected JSON", e);
        }
    }

    private static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void expect(boolean holds, String message, Object... values) {
        if (!holds) {
            String text = message;
            for (Object value : values) {
                text = text.replaceFirst("\\{}", Matcher.quoteReplacement(value.toString()));
            }
            throw new AssertionError(text);
        }
    }
}

package dev.cairn.proof;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A digest's JSON, read strictly where a reader could be misled (members twice, wrong types,
/// algorithms other than the documented ones) and leniently where AWS may add to it (unknown
/// members). See the user guide, "CloudTrail digest file structure".
///
/// @param start of its window
/// @param end of its window
/// @param endText the same exactly as it stands there, because that is what is signed
/// @param bucket where it says it is
/// @param key where it says it is
/// @param fingerprint of the key that signs it
/// @param previous what comes before it in the chain; empty when it starts one
/// @param files what it seals
record DigestDocument(
        String account,
        Instant start,
        Instant end,
        String endText,
        String bucket,
        String key,
        String fingerprint,
        Optional<Previous> previous,
        List<Sealed> files) {

    private static final JsonFactory JSON =
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    /// The digest before this one.
    ///
    /// @param hash hex of the SHA-256 of its unpacked bytes
    /// @param signature hex
    record Previous(String bucket, String key, String hash, String signature) {}

    /// A log file as sealed.
    ///
    /// @param hash lower-case hex of the SHA-256 of its unpacked bytes
    record Sealed(String bucket, String key, String hash) {}

    /// @throws Malformed when it is not a digest
    static DigestDocument parse(byte[] json) throws Malformed {
        Map<String, @Nullable String> texts = new HashMap<>();
        List<Sealed> files = null;
        try (JsonParser parser = JSON.createParser(json)) {
            expect(parser.nextToken() == JsonToken.START_OBJECT, "an object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("logFiles")) {
                    files = files(parser);
                } else if (value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NULL) {
                    texts.put(name, value == JsonToken.VALUE_NULL ? null : parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
            expect(parser.nextToken() == null, "nothing behind the object");
        } catch (StreamReadException e) {
            throw new Malformed("expected the JSON of a digest: " + e.getOriginalMessage(), e);
        } catch (Malformed e) {
            throw e;
        } catch (IOException e) {
            throw new Malformed("expected the JSON of a digest: " + e.getMessage(), e);
        }
        if (files == null) {
            throw new Malformed("expected logFiles in a digest");
        }
        expect(
                text(texts, "digestSignatureAlgorithm").equals("SHA256withRSA"),
                "digestSignatureAlgorithm SHA256withRSA");
        return new DigestDocument(
                text(texts, "awsAccountId"),
                time(texts, "digestStartTime"),
                time(texts, "digestEndTime"),
                text(texts, "digestEndTime"),
                text(texts, "digestS3Bucket"),
                text(texts, "digestS3Object"),
                text(texts, "digestPublicKeyFingerprint"),
                previous(texts),
                List.copyOf(files));
    }

    private static Optional<Previous> previous(Map<String, @Nullable String> texts)
            throws Malformed {
        List<String> names =
                List.of(
                        "previousDigestS3Bucket",
                        "previousDigestS3Object",
                        "previousDigestHashValue",
                        "previousDigestHashAlgorithm",
                        "previousDigestSignature");
        int given = 0;
        for (String name : names) {
            expect(texts.containsKey(name), name);
            given += texts.get(name) == null ? 0 : 1;
        }
        if (given == 0) {
            return Optional.empty();
        }
        expect(given == names.size(), "all or none of the members previousDigest…");
        expect(
                text(texts, "previousDigestHashAlgorithm").equals("SHA-256"),
                "previousDigestHashAlgorithm SHA-256");
        return Optional.of(
                new Previous(
                        text(texts, "previousDigestS3Bucket"),
                        text(texts, "previousDigestS3Object"),
                        text(texts, "previousDigestHashValue"),
                        text(texts, "previousDigestSignature")));
    }

    private static List<Sealed> files(JsonParser parser) throws IOException {
        expect(parser.currentToken() == JsonToken.START_ARRAY, "logFiles to be a list");
        List<Sealed> files = new ArrayList<>();
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            Map<String, @Nullable String> texts = new HashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    texts.put(name, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
            expect(text(texts, "hashAlgorithm").equals("SHA-256"), "hashAlgorithm SHA-256");
            files.add(
                    new Sealed(
                            text(texts, "s3Bucket"),
                            text(texts, "s3Object"),
                            text(texts, "hashValue")));
        }
        expect(parser.currentToken() == JsonToken.END_ARRAY, "objects in logFiles");
        return files;
    }

    private static String text(Map<String, @Nullable String> texts, String name) throws Malformed {
        String text = texts.get(name);
        if (text == null) {
            throw new Malformed("expected " + name + " in a digest");
        }
        return text;
    }

    private static Instant time(Map<String, @Nullable String> texts, String name) throws Malformed {
        String text = text(texts, name);
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new Malformed("expected a time in " + name + ", got " + text, e);
        }
    }

    private static void expect(boolean holds, String what) throws Malformed {
        if (!holds) {
            throw new Malformed("expected " + what + " in a digest");
        }
    }
}

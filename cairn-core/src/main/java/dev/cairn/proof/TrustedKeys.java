package dev.cairn.proof;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The public keys that digests may be signed with, from a source that is not the bucket.
///
/// Keys are known by their fingerprint, which is the MD5 of their bytes: it finds a key, and
/// nothing rests on it, because what it finds was trusted before.
public final class TrustedKeys {
    private static final HexFormat HEX = HexFormat.of();

    private final Map<String, Key> byFingerprint;

    private TrustedKeys(Map<String, Key> byFingerprint) {
        this.byFingerprint = Map.copyOf(byFingerprint);
    }

    /// A key and when it may sign.
    ///
    /// @param from empty when unknown
    /// @param to empty when unknown
    record Key(PublicKey key, Optional<Instant> from, Optional<Instant> to) {}

    /// Reads keys as `aws cloudtrail list-public-keys` prints them. Several such documents may
    /// follow each other, for several regions.
    ///
    /// @throws Malformed when that is not what it is, or a key is none
    public static TrustedKeys parse(byte[] json) throws Malformed {
        Map<String, Key> keys = new HashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.FIELD_NAME && parser.currentName().equals("PublicKeyList")) {
                    if (parser.nextToken() != JsonToken.START_ARRAY) {
                        throw new Malformed("expected PublicKeyList to be a list");
                    }
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        key(parser, keys);
                    }
                }
            }
        } catch (Malformed e) {
            throw e;
        } catch (IOException e) {
            throw new Malformed("expected the JSON of list-public-keys: " + e.getMessage(), e);
        }
        return new TrustedKeys(keys);
    }

    /// The keys of several sources together.
    public static TrustedKeys of(Collection<TrustedKeys> sources) {
        Map<String, Key> all = new HashMap<>();
        sources.forEach(source -> all.putAll(source.byFingerprint));
        return new TrustedKeys(all);
    }

    /// Whether there is none.
    public boolean isEmpty() {
        return byFingerprint.isEmpty();
    }

    Optional<Key> find(String fingerprint) {
        return Optional.ofNullable(byFingerprint.get(fingerprint));
    }

    private static void key(JsonParser parser, Map<String, Key> keys) throws IOException {
        String value = null;
        Optional<Instant> from = Optional.empty();
        Optional<Instant> to = Optional.empty();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "Value" -> value = parser.getText();
                case "ValidityStartTime" -> from = time(parser);
                case "ValidityEndTime" -> to = time(parser);
                default -> parser.skipChildren();
            }
        }
        byte[] bytes = bytes(value);
        try {
            keys.put(
                    HEX.formatHex(MessageDigest.getInstance("MD5").digest(bytes)),
                    new Key(publicKey(bytes), from, to));
        } catch (GeneralSecurityException e) {
            throw new Malformed("expected an RSA public key in Value: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(@Nullable String value) throws Malformed {
        if (value == null) {
            throw new Malformed("expected Value in a public key");
        }
        try {
            return Base64.getMimeDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw new Malformed("expected base64 in Value of a public key", e);
        }
    }

    private static Optional<Instant> time(JsonParser parser) throws IOException {
        if (parser.currentToken().isNumeric()) {
            return Optional.of(Instant.ofEpochMilli((long) (parser.getDoubleValue() * 1000)));
        }
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(parser.getText()).toInstant());
        } catch (DateTimeException e) {
            throw new Malformed("expected a time, got " + parser.getText(), e);
        }
    }

    /// CloudTrail publishes PKCS#1; one sample in its guide is a SubjectPublicKeyInfo.
    private static PublicKey publicKey(byte[] der) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("RSA");
        List<BigInteger> numbers = new ArrayList<>();
        int[] at = {0};
        byte[] sequence = element(der, at, 0x30);
        if (at[0] != der.length || sequence.length == 0) {
            throw new GeneralSecurityException("expected one DER sequence");
        }
        if (sequence[0] == 0x30) {
            return factory.generatePublic(new X509EncodedKeySpec(der));
        }
        int[] inside = {0};
        numbers.add(new BigInteger(element(sequence, inside, 0x02)));
        numbers.add(new BigInteger(element(sequence, inside, 0x02)));
        return factory.generatePublic(new RSAPublicKeySpec(numbers.get(0), numbers.get(1)));
    }

    /// The content of the DER element at a place, which moves behind it.
    private static byte[] element(byte[] der, int[] at, int tag) throws GeneralSecurityException {
        try {
            if ((der[at[0]++] & 0xff) != tag) {
                throw new GeneralSecurityException("expected DER tag " + tag);
            }
            int length = der[at[0]++] & 0xff;
            if (length >= 0x80) {
                int count = length & 0x7f;
                if (count > 3) {
                    throw new GeneralSecurityException("expected a short DER length");
                }
                length = 0;
                for (int i = 0; i < count; i++) {
                    length = length << 8 | (der[at[0]++] & 0xff);
                }
            }
            if (length > der.length - at[0]) {
                throw new GeneralSecurityException("the DER data breaks off");
            }
            at[0] += length;
            return Arrays.copyOfRange(der, at[0] - length, at[0]);
        } catch (ArrayIndexOutOfBoundsException e) {
            throw new GeneralSecurityException("the DER data breaks off", e);
        }
    }
}

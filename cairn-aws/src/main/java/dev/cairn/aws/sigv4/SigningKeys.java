package dev.cairn.aws.sigv4;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Derives signing keys, and keeps the last few: a key serves one secret for one day, region and
/// service.
///
/// Safe for use by many threads.
final class SigningKeys {

    private final Map<Id, byte[]> kept;

    SigningKeys(int keptMax) {
        kept =
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Id, byte[]> eldest) {
                        return size() > keptMax;
                    }
                };
    }

    byte[] key(String secretKey, Scope scope) {
        var id = new Id(secretKey, scope.date(), scope.region(), scope.service());
        synchronized (kept) {
            byte[] key = kept.get(id);
            if (key != null) {
                return key;
            }
        }
        byte[] key = derive(secretKey, scope);
        synchronized (kept) {
            kept.put(id, key);
        }
        return key;
    }

    int size() {
        synchronized (kept) {
            return kept.size();
        }
    }

    static byte[] derive(String secretKey, Scope scope) {
        byte[] key = hmac(("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8), scope.date());
        key = hmac(key, scope.region());
        key = hmac(key, scope.service());
        return hmac(key, Scope.TERMINATOR);
    }

    static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String sha256Hex(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private record Id(String secretKey, String date, String region, String service) {
        @Override
        public String toString() {
            return date + "/" + region + "/" + service;
        }
    }
}

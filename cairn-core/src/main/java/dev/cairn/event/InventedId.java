package dev.cairn.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/// The id of an event that comes without one: a hash of its place and its bytes, so that the same
/// event gets the same id however often it comes.
public final class InventedId {
    private InventedId() {}

    /// @param json the bytes that make the event what it is, in most cases all of its own
    /// @return a UUID of version 8 (RFC 9562)
    public static String of(Place place, byte[] json) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(place.account().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(place.region().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            byte[] hash = sha.digest(json);
            // RFC 9562: version 8 is for one's own way of making UUIDs.
            hash[6] = (byte) ((hash[6] & 0x0f) | 0x80);
            hash[8] = (byte) ((hash[8] & 0x3f) | 0x80);
            return new UUID(eight(hash, 0), eight(hash, 8)).toString();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static long eight(byte[] bytes, int from) {
        long number = 0;
        for (int i = from; i < from + 8; i++) {
            number = (number << 8) | (bytes[i] & 0xff);
        }
        return number;
    }
}

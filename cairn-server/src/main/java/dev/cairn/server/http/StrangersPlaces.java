package dev.cairn.server.http;

import java.util.HashMap;
import java.util.Map;

/// What senders may take up who have proved nothing yet: a part of the requests that are worked on
/// at once, and from one address a smaller part, so that nobody keeps the others out. Any thread
/// may call any method.
final class StrangersPlaces {
    /// Of all there is, what strangers may have is one part in so many.
    static final int PART = 2;

    /// Of all there is, what strangers at one address may have is one part in so many.
    private static final int ADDRESS_PART = 8;

    private final int max;
    private final int ofAddressMax;

    // Guarded by this.
    private final Map<String, Integer> byAddress = new HashMap<>();
    private int taken;

    /// @param concurrentMax how many requests are worked on at once
    StrangersPlaces(int concurrentMax) {
        this.max = Math.max(1, concurrentMax / PART);
        this.ofAddressMax = Math.max(1, concurrentMax / ADDRESS_PART);
    }

    /// Takes a place; it must be left.
    ///
    /// @return false, with nothing taken, when there is none
    synchronized boolean enter(String address) {
        var ofAddress = byAddress.getOrDefault(address, 0);
        if (taken >= max || ofAddress >= ofAddressMax) {
            return false;
        }
        taken++;
        byAddress.put(address, ofAddress + 1);
        return true;
    }

    /// Gives a place back.
    synchronized void leave(String address) {
        taken--;
        byAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    }
}

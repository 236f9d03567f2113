package dev.cairn.alarm;

import java.time.Instant;

/// The state of an alarm, and why.
///
/// @param reason for people
/// @param reasonData for programs, JSON; empty when there is none
/// @param updated when value, reason or data were last written
/// @param transitioned when the value last became another
public record AlarmState(
        Value value, String reason, String reasonData, Instant updated, Instant transitioned) {

    /// As AWS spells it.
    public enum Value {
        OK,
        ALARM,
        INSUFFICIENT_DATA
    }

    /// What a new alarm begins with.
    static AlarmState unchecked(Instant now) {
        return new AlarmState(
                Value.INSUFFICIENT_DATA, "Unchecked: Initial alarm creation", "", now, now);
    }
}

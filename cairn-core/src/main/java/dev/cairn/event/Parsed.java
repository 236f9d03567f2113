package dev.cairn.event;

/// What [EventReader] makes of some bytes.
public sealed interface Parsed {

    /// They are an event.
    record Read(Event event) implements Parsed {}

    /// They are not taken.
    ///
    /// @param message what was expected, then what came; at most a few hundred characters, values
    ///   shortened
    record Refused(RefusalCode code, String message) implements Parsed, Named {}
}

package dev.cairn.event;

/// What [EventReader#name] makes of some bytes: a [Name], or a [Parsed.Refused].
public sealed interface Named permits Named.Name, Parsed.Refused {

    /// They are an event, told from all others by where it was recorded for and its id.
    record Name(Place place, String id) implements Named {}
}

package dev.cairn.intake;

import dev.cairn.event.RefusalCode;

/// A record that was not taken.
///
/// @param index its place in the body, from 0
/// @param message what was expected, then what came
public record Refusal(int index, RefusalCode code, String message) {}

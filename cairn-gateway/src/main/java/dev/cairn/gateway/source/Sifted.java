package dev.cairn.gateway.source;

import dev.cairn.intake.Checked;

/// What became of a body's originals.
///
/// @param checked the events, and what was refused
/// @param passedOver how many originals are no events, by a rule of their source
public record Sifted(Checked checked, int passedOver) {}

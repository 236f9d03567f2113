package dev.cairn.server.operation;

import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.Target;
import java.util.List;
import java.util.Map;

/// A right that a call needs, to be decided by [dev.cairn.access.Access].
///
/// @param policy the target's own; [Policy#NONE] where it has none
/// @param keys condition keys besides those of every request, by lower-case name
public record Right(Action action, Target target, Policy policy, Map<String, List<String>> keys) {}

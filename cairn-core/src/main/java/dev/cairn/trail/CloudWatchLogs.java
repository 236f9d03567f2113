package dev.cairn.trail;

/// The log group that a trail's events go to.
///
/// @param group its ARN, with `:*` at its end, as CloudTrail wants it
/// @param role the ARN of the role by which CloudTrail would write; nobody asks what it may
public record CloudWatchLogs(String group, String role) {}

package dev.cairn.proof;

/// One thing to say of one file.
///
/// @param bucket where it is, or should be
/// @param key of the file
/// @param sentence what was expected and what came, in words
public record Finding(Kind kind, String bucket, String key, String sentence) {}

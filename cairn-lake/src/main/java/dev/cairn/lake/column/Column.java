package dev.cairn.lake.column;

/// A column of a table, or a member of a row.
///
/// @param name as CloudTrail Lake documents it, in lower case: `useridentity`
/// @param key the member of a record's JSON that it is read from: `userIdentity`; empty when it is
///   not one member
public record Column(String name, String key, ColumnType type) {}

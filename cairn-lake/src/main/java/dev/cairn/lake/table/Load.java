package dev.cairn.lake.table;

import java.util.List;

/// Events of log files that are to be in a table.
///
/// @param id of their import; empty when it has none, and nobody asks how much of it is done
/// @param added how many events it has added, told by who keeps imports; the table knows better
///   when it has seen that import last
/// @param retentionDays how long events are kept, by their eventTime
/// @param events records, JSON in UTF-8
record Load(String id, long added, int retentionDays, List<byte[]> events) {}

package dev.cairn.lake.table;

import java.util.List;

/// Events of log files that are to be in a table, of several that load at the same time: a commit
/// costs the same for all of them.
///
/// @param id of their import; empty when it has none, and nobody asks how much of it is done
/// @param added how many events it has added, told by who keeps imports; the table knows better
///   when it has seen that import last
/// @param retentionDays how long events are kept, by their eventTime
/// @param parts records, JSON in UTF-8, by who loads them
record Load(String id, long added, int retentionDays, List<List<byte[]>> parts) {}

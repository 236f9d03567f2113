package dev.cairn.lake.log;

import java.nio.file.Path;

/// Where the events of log files are kept for the next query.
///
/// @param folder a folder of ours for all sets of log files
/// @param bytesMax how much may lie there; the sets that were asked for longest ago go first
/// @param forNextTime whether it is kept at all; if not, the folder is one that goes with the query
public record Keep(Path folder, long bytesMax, boolean forNextTime) {}

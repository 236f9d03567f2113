package dev.cairn.lake.table;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// What is to be committed next.
///
/// @param from by partition of the ledger; must be where the table is
/// @param to by partition: the first positions not dealt with afterwards
/// @param filtered how many positions between them were left out by rule
/// @param aside those that could not be taken: objects with `position`, `count` and `reason`
/// @param retentionDays how long events are kept, by their eventTime
/// @param events records, JSON in UTF-8
record Batch(
        List<Long> from,
        List<Long> to,
        long filtered,
        JsonNode aside,
        int retentionDays,
        List<byte[]> events) {}

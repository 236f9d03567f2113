package dev.cairn.ledger;

import dev.cairn.event.Place;

/// One event as it is handed to the ledger: where it belongs, what names it, and its bytes.
///
/// @param place decides the partition
/// @param id the eventID, unique within the place; invented by the importer for records that have
///   none
/// @param origin how it came
/// @param json the record's original bytes, UTF-8 JSON; never changed by anyone after it is handed
///   over
@SuppressWarnings(
        "ArrayRecordComponent") // Identity of the array is never relied on; copying each record
// would cost a pass.
public record Entry(Place place, String id, Origin origin, byte[] json) {}

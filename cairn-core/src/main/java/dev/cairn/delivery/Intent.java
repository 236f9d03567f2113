package dev.cairn.delivery;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Place;
import java.time.Instant;
import java.util.Optional;

/// A log file that is decided and perhaps already in the bucket.
///
/// @param unique the 16 characters of its name
/// @param hash of its content
/// @param counts what is in it
/// @param packedBytes its length
record Intent(
        Place place,
        Folder folder,
        Instant time,
        String unique,
        String bucket,
        String object,
        String hash,
        Counts counts,
        long packedBytes,
        Instant newest,
        Instant oldest) {

    static Intent of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        return new Intent(
                new Place(fields.text("account"), fields.text("region")),
                Folder.valueOf(fields.text("folder")),
                Instant.parse(fields.text("time")),
                fields.text("unique"),
                fields.text("bucket"),
                fields.text("object"),
                fields.text("hash"),
                counts(fields),
                Long.parseLong(fields.find("packedBytes").orElse("0")),
                Instant.parse(fields.text("newest")),
                Instant.parse(fields.text("oldest")));
    }

    /// An intent once had the number of its events alone.
    private static Counts counts(Fields fields) throws CatalogException {
        Optional<String> counts = fields.find("counts");
        return counts.isPresent()
                ? Counts.read(counts.get())
                : Counts.ofUnknownKind(Long.parseLong(fields.text("records")));
    }

    /// How many recorded events are in it: aggregated ones were never recorded.
    long records() {
        return counts.events() - counts.aggregated();
    }

    String json() {
        return Fields.none()
                .with("account", place.account())
                .with("region", place.region())
                .with("folder", folder.name())
                .with("time", time.toString())
                .with("unique", unique)
                .with("bucket", bucket)
                .with("object", object)
                .with("hash", hash)
                .with("counts", counts.text())
                .with("packedBytes", Long.toString(packedBytes))
                .with("newest", newest.toString())
                .with("oldest", oldest.toString())
                .json();
    }
}

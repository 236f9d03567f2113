package dev.cairn.digest;

import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import dev.cairn.event.Place;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The chain of digests of one trail in one account and region, as the catalog keeps it.
///
/// @param start where its next window begins
/// @param previous its newest digest; null before the first
/// @param intent the digest that is being written; null when none is
record Chain(
        Place place, Instant start, Digest.@Nullable Previous previous, @Nullable Intent intent) {

    /// A digest that is decided and perhaps already written. The files that it names stay in the
    /// catalog until it is delivered, so that a retry writes the same bytes.
    ///
    /// @param hash of the digest's content
    record Intent(Instant end, String bucket, String object, String fingerprint, String hash) {
        /// Whether it goes to the same object as another one.
        boolean isAt(Intent other) {
            return bucket.equals(other.bucket) && object.equals(other.object);
        }
    }

    /// What the next digest will have to name as its predecessor, once the intent is delivered.
    Chain after(Intent written, String signature) {
        return new Chain(
                place,
                written.end(),
                new Digest.Previous(written.bucket(), written.object(), written.hash(), signature),
                null);
    }

    Chain with(Intent begun) {
        return new Chain(place, start, previous, begun);
    }

    /// Whether a digest goes where the newest one is, but for the day: else whoever looks at one of
    /// the two places sees a run end there. True before the first digest.
    boolean isInFolderOf(Intent next) {
        return previous == null
                || (previous.bucket().equals(next.bucket)
                        && folder(previous.object()).equals(folder(next.object)));
    }

    /// Up to the region: the day and the name follow.
    private static String folder(String object) {
        int end = object.length();
        for (int i = 0; i < 4; i++) {
            end = object.lastIndexOf('/', end - 1);
        }
        return object.substring(0, end);
    }

    static Chain of(Document document) throws CatalogException {
        Fields fields = Fields.of(document);
        Optional<String> object = fields.find("previous.object");
        Optional<String> end = fields.find("intent.end");
        return new Chain(
                new Place(fields.text("account"), fields.text("region")),
                Instant.parse(fields.text("start")),
                object.isEmpty()
                        ? null
                        : new Digest.Previous(
                                fields.text("previous.bucket"),
                                object.get(),
                                fields.text("previous.hash"),
                                fields.text("previous.signature")),
                end.isEmpty()
                        ? null
                        : new Intent(
                                Instant.parse(end.get()),
                                fields.text("intent.bucket"),
                                fields.text("intent.object"),
                                fields.text("intent.fingerprint"),
                                fields.text("intent.hash")));
    }

    String json() {
        Fields fields =
                Fields.none()
                        .with("account", place.account())
                        .with("region", place.region())
                        .with("start", start.toString());
        if (previous != null) {
            fields =
                    fields.with("previous.bucket", previous.bucket())
                            .with("previous.object", previous.object())
                            .with("previous.hash", previous.hash())
                            .with("previous.signature", previous.signature());
        }
        if (intent != null) {
            fields =
                    fields.with("intent.end", intent.end().toString())
                            .with("intent.bucket", intent.bucket())
                            .with("intent.object", intent.object())
                            .with("intent.fingerprint", intent.fingerprint())
                            .with("intent.hash", intent.hash());
        }
        return fields.json();
    }
}

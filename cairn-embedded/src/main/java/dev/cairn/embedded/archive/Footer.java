package dev.cairn.embedded.archive;

import dev.cairn.archive.ObjectStore.Part;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.ObjectStore.Upload;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;

/// What a file of the archive says of itself: whose bytes it holds, and all that the index said of
/// it when it was written.
///
/// The row's fields, and `form`; with `bucket` and `key` of the object, or `upload` and `number` of
/// the part. A file that only says what a lock became, or where a cold object's bytes are, names
/// the object's in `of`.
final class Footer {

    /// What a file is.
    enum Form {
        /// An object's content.
        WHOLE,
        /// The list of the files that make up an object.
        PIECES,
        /// One of those files, or a part of an upload that was never completed.
        PART,
        /// No content: a key was deleted.
        MARKER,
        /// No content: the lock of the version in another file was changed.
        LOCK,
        /// No content: the version that was in another file is cold.
        COLD,
        /// A copy of a cold version's content, which nothing is lost without.
        COPY;

        private String text() {
            return switch (this) {
                case WHOLE -> "whole";
                case PIECES -> "pieces";
                case PART -> "part";
                case MARKER -> "marker";
                case LOCK -> "lock";
                case COLD -> "cold";
                case COPY -> "copy";
            };
        }
    }

    private Footer() {}

    static Fields of(String bucket, Stored object, Form form) {
        return Rows.of(object)
                .with("bucket", bucket)
                .with("key", object.key())
                .with("form", form.text());
    }

    static Fields of(Upload upload, Part part) {
        return Rows.of(part)
                .with("upload", upload.id())
                .with("number", Rows.number(part.number()))
                .with("form", Form.PART.text());
    }

    /// What the lock of an object became.
    ///
    /// @param file that says so
    /// @param order of two such files of one object, the later one's is the lesser
    static Fields of(String bucket, Stored object, String file, String order) {
        return Rows.locked(
                        Fields.none()
                                .with("file", file)
                                .with("of", object.file())
                                .with("version-order", Versions.order(object))
                                .with("order", order),
                        object.lock())
                .with("bucket", bucket)
                .with("key", object.key())
                .with("form", Form.LOCK.text());
    }

    /// Where the bytes of an object went.
    static Fields of(String bucket, Stored object, Rows.Cold cold) {
        return of(bucket, object, Form.COLD)
                .with("file", cold.stub())
                .with("of", object.file())
                .with("place", cold.place())
                .with("sha256", cold.sha256())
                .with("cold-order", cold.order());
    }

    /// A copy of a cold object's content.
    ///
    /// @param file that it is in
    static Fields ofCopy(Stored object, String file) {
        return Fields.none()
                .with("file", file)
                .with("of", object.file())
                .with("form", Form.COPY.text());
    }

    /// The cold object that a file of the form COLD stands for.
    static Stored coldObject(Fields footer) throws CatalogException {
        return object(footer.with("file", footer.text("of")));
    }

    /// @throws CatalogException with kind CORRUPT when it says none that is known
    static Form form(Fields footer) throws CatalogException {
        String text = footer.text("form");
        for (Form form : Form.values()) {
            if (form.text().equals(text)) {
                return form;
            }
        }
        throw new CatalogException(
                CatalogException.Kind.CORRUPT,
                "expected a file of the archive of a known form, got " + text);
    }

    /// The object that a file is or lists, as the index had it.
    static Stored object(Fields footer) throws CatalogException {
        return Rows.stored(footer.text("key"), footer);
    }

    static String bucket(Fields footer) throws CatalogException {
        return footer.text("bucket");
    }
}

package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.event.Place;
import dev.cairn.intake.RecordSplitter;
import java.io.InputStream;

/// A kind of program whose audit log is taken, and how that is read. Any thread may call any
/// method.
public interface Source {

    /// The word for it in addresses and in `additionalEventData.source`, such as `minio`.
    String name();

    /// Takes a body apart into originals: by default JSON objects, one alone, one a line, one after
    /// the other, or in an array.
    ///
    /// @param body unpacked
    /// @param originalBytesMax longer ones are refused
    default Originals originals(InputStream body, int originalBytesMax) {
        return new RecordSplitter(body, originalBytesMax)::next;
    }

    /// Whether it is a form that programs are written for, rather than a log that is what it is:
    /// then what does not fit is refused, for its sender can mend it.
    default boolean isForm() {
        return false;
    }

    /// Reads an original.
    ///
    /// @param original every text in it can be written as UTF-8
    /// @param place whose event it becomes
    /// @throws CatalogException when the directory of principals does not answer
    Heard hear(ObjectNode original, Place place) throws CatalogException;
}

package dev.cairn.embedded.history;

import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.event.Place;
import java.io.IOException;
import java.time.Instant;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.StoredFieldVisitor;
import org.apache.lucene.index.StoredFields;
import org.jspecify.annotations.Nullable;

/// Reads events back from one segment. For one thread.
final class Records {
    private static final EventReader READER = EventReader.lenient();

    private final LeafReader reader;
    private final StoredFields stored;

    Records(LeafReader reader) throws IOException {
        this.reader = reader;
        // A merge's reader keeps the block it unpacked; others unpack it again for each record, and
        // what a page shows lies side by side.
        this.stored =
                reader instanceof CodecReader codec
                        ? codec.getFieldsReader().getMergeInstance()
                        : reader.storedFields();
    }

    /// @param document may be any, in any order
    Event event(int document) throws IOException {
        SortedDocValues order = reader.getSortedDocValues(Layout.ORDER);
        if (order == null || !order.advanceExact(document)) {
            throw new CorruptIndexException("expected an order, got none", reader.toString());
        }
        String[] parts = Layout.orderParts(order.lookupOrd(order.ordValue()));
        Place place = new Place(parts[1], parts[2]);
        JsonOnly json = new JsonOnly();
        stored.document(document, json);
        if (json.bytes == null) {
            throw new CorruptIndexException("expected a record, got none", reader.toString());
        }
        Parsed parsed =
                READER.read(json.bytes, Instant.EPOCH, EventReader.Known.recorded(place, parts[0]));
        return switch (parsed) {
            case Parsed.Read(Event event) -> event;
            case Parsed.Refused(var code, var message) ->
                    throw new CorruptIndexException(
                            "expected the event that was indexed, got " + code + ": " + message,
                            reader.toString());
        };
    }

    private static final class JsonOnly extends StoredFieldVisitor {
        byte @Nullable [] bytes;

        @Override
        public Status needsField(FieldInfo field) {
            return bytes != null ? Status.STOP : Status.YES;
        }

        @Override
        public void binaryField(FieldInfo field, byte[] value) {
            bytes = value;
        }
    }
}

package dev.cairn.embedded.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.BytesTermAttribute;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.util.BytesRef;

/// The terms of one field of one event, handed to Lucene without a field object for each.
final class Terms {
    private static final FieldType TYPE = new FieldType();

    static {
        TYPE.setIndexOptions(IndexOptions.DOCS);
        TYPE.setOmitNorms(true);
        TYPE.setTokenized(true);
        TYPE.freeze();
    }

    private final List<BytesRef> terms = new ArrayList<>();
    private final Stream stream = new Stream();
    private final Field field;

    Terms(String name) {
        field = new Field(name, stream, TYPE);
    }

    Field field() {
        return field;
    }

    boolean isEmpty() {
        return terms.isEmpty();
    }

    /// A term that is there already does no harm.
    void add(BytesRef term) {
        terms.add(term);
    }

    void addAll(BytesRef[] all) {
        Collections.addAll(terms, all);
    }

    void clear() {
        terms.clear();
    }

    private final class Stream extends TokenStream {
        private final BytesTermAttribute bytes = addAttribute(BytesTermAttribute.class);
        private int next;

        @Override
        public boolean incrementToken() {
            if (next == terms.size()) {
                return false;
            }
            bytes.setBytesRef(terms.get(next++));
            return true;
        }

        @Override
        public void reset() {
            // Once for all: nothing of a term but its bytes differs from the one before.
            clearAttributes();
            next = 0;
        }
    }
}

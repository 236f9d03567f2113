package dev.cairn.embedded.history;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

    private final Set<BytesRef> seen = new HashSet<>();
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

    boolean contains(BytesRef term) {
        return seen.contains(term);
    }

    void add(BytesRef term) {
        if (seen.add(term)) {
            terms.add(term);
        }
    }

    void clear() {
        seen.clear();
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
            clearAttributes();
            bytes.setBytesRef(terms.get(next++));
            return true;
        }

        @Override
        public void reset() {
            next = 0;
        }
    }
}

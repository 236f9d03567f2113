package dev.cairn.embedded.history;

import dev.cairn.event.Event;
import dev.cairn.history.EventValues;
import dev.cairn.history.Filter;
import dev.cairn.history.Phrase;
import dev.cairn.history.Range;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.util.BytesRef;

/// Makes documents of events, as [Layout] tells. Keeps its buffers from one event to the next: one
/// thread at a time, and a document is valid until the next one is made.
final class Documents {
    private final Terms terms = new Terms(Layout.TERM);
    private final Terms derived = new Terms(Layout.DERIVED);
    private final Terms numbers = new Terms(Layout.NUMBER);
    private final Terms paths = new Terms(Layout.PATH);
    private final Terms words = new Terms(Layout.WORD);
    private final Terms any = new Terms(Layout.ANY);
    private final List<Terms> all = List.of(terms, derived, numbers, paths, words, any);

    List<IndexableField> document(Event event, Position position, Origin origin) {
        all.forEach(Terms::clear);
        EventValues.walk(event, this::own);
        EventValues.derive(event, this::derived);
        List<IndexableField> document = new ArrayList<>(16);
        document.add(new StoredField(Layout.JSON, event.json()));
        document.add(new NumericDocValuesField(Layout.TIME, event.time().toEpochMilli()));
        document.add(
                new SortedDocValuesField(Layout.ORDER, Layout.order(event.id(), event.place())));
        document.add(new NumericDocValuesField(Layout.POSITION, position.offset()));
        document.add(new NumericDocValuesField(Layout.ORIGIN, origin.code()));
        document.add(
                new StringField(
                        Layout.PARTITION, Integer.toString(position.partition()), Field.Store.NO));
        document.add(new StringField(Layout.PLACE, Layout.place(event.place()), Field.Store.NO));
        for (Terms field : all) {
            if (!field.isEmpty()) {
                document.add(field.field());
            }
        }
        return document;
    }

    private void own(String path, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        words(value);
        any.add(Layout.whole(bytes, 0, bytes.length));
        if (value.startsWith("arn:")) {
            tails(value);
        }
        if (Layout.isTooLong(path)) {
            terms.add(Layout.cutMark());
            return;
        }
        terms.add(Layout.term(path, bytes));
        if (Layout.isCut(bytes)) {
            terms.add(Layout.cutMark(path));
            terms.add(Layout.cutMark());
        }
        path(path);
        number(path, value);
    }

    private void derived(String path, String value) {
        BytesRef term = Layout.term(path, value);
        if (!terms.contains(term)) {
            derived.add(term);
        }
        path(path);
        number(path, value);
    }

    private void number(String path, String value) {
        double number = Range.number(value);
        if (!Double.isNaN(number)) {
            numbers.add(Layout.number(path, number));
        }
    }

    /// The path and all above it.
    private void path(String path) {
        int end = path.length();
        while (end > 0) {
            BytesRef term = new BytesRef(path.substring(0, end));
            if (paths.contains(term)) {
                return; // Then those above it are there too.
            }
            paths.add(term);
            end = path.lastIndexOf('.', end - 1);
        }
    }

    private void words(String value) {
        for (String word : Phrase.wordsOf(value)) {
            words.add(new BytesRef(cut(word)));
        }
    }

    /// The part of a word that is in the index.
    static String cut(String word) {
        return word.length() <= Layout.WORD_POINTS_MAX
                        || word.codePointCount(0, word.length()) <= Layout.WORD_POINTS_MAX
                ? word
                : word.substring(0, word.offsetByCodePoints(0, Layout.WORD_POINTS_MAX));
    }

    private void tails(String arn) {
        int start = Filter.resourceStart(arn);
        if (start < 0) {
            return;
        }
        byte[] resource = arn.substring(start).getBytes(StandardCharsets.UTF_8);
        int tails = 0;
        for (int at = 0; at < resource.length; at++) {
            if (at == 0 || resource[at - 1] == '/' || resource[at - 1] == ':') {
                if (++tails > Layout.TAILS_MAX) {
                    any.add(Layout.cutMark());
                    return;
                }
                any.add(Layout.tail(resource, at, resource.length - at));
            }
        }
    }
}

package dev.cairn.embedded.history;

import dev.cairn.event.Event;
import dev.cairn.event.EventFields;
import dev.cairn.event.EventReader;
import dev.cairn.event.Parsed;
import dev.cairn.history.EventValues;
import dev.cairn.history.Filter;
import dev.cairn.history.Phrase;
import dev.cairn.history.Range;
import dev.cairn.ledger.Entry;
import dev.cairn.ledger.Origin;
import dev.cairn.ledger.Position;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/// Reads events and makes documents of them, as [Layout] tells, in one pass over their bytes. Keeps
/// its buffers from one event to the next: one thread at a time, and a document is valid until the
/// next event is read.
///
/// Most paths, values and words of an event were in the one before it. What follows from them alone
/// (bytes, words, hashes) is remembered, which makes documents several times as fast; maps of
/// bounded size that start anew when they are full do as well as any cleverer cache.
final class Documents {
    private static final int PATHS_MAX = 20_000;
    private static final int VALUES_MAX = 20_000;
    private static final int WORDS_MAX = 50_000;
    private static final int VALUE_CHARS_MAX = 300;
    private static final EventReader READER = EventReader.lenient();

    private final Terms terms = new Terms(Layout.TERM);
    private final Terms derived = new Terms(Layout.DERIVED);
    private final Terms numbers = new Terms(Layout.NUMBER);
    private final Terms paths = new Terms(Layout.PATH);
    private final Terms words = new Terms(Layout.WORD);
    private final Terms any = new Terms(Layout.ANY);
    private final List<Terms> all = List.of(terms, derived, numbers, paths, words, any);
    private final Map<String, PathTerms> knownPaths = new HashMap<>();
    private final Map<String, ValueTerms> knownValues = new HashMap<>();
    private final Map<String, WordTerm> knownWords = new HashMap<>();
    private final EventFields fields = new EventFields(this::own);
    private long document;
    private String ownId = "";
    private String ownReadOnly = "";

    /// Reads an entry of the ledger.
    Parsed read(Entry entry, Instant recordedAt) {
        all.forEach(Terms::clear);
        document++;
        ownId = "";
        ownReadOnly = "";
        return READER.read(
                entry.json(),
                recordedAt,
                EventReader.Known.recorded(entry.place(), entry.id()),
                fields);
    }

    /// The document of the event that was read last.
    List<IndexableField> document(Event event, Position position, Origin origin) {
        EventValues.derive(event, this::derived);
        List<IndexableField> made = new ArrayList<>(16);
        made.add(new StoredField(Layout.JSON, event.json()));
        made.add(new NumericDocValuesField(Layout.TIME, event.time().toEpochMilli()));
        made.add(new SortedDocValuesField(Layout.ORDER, Layout.order(event.id(), event.place())));
        made.add(new NumericDocValuesField(Layout.POSITION, position.offset()));
        made.add(new NumericDocValuesField(Layout.ORIGIN, origin.code()));
        made.add(
                new StringField(
                        Layout.PARTITION, Integer.toString(position.partition()), Field.Store.NO));
        made.add(new StringField(Layout.PLACE, Layout.place(event.place()), Field.Store.NO));
        for (Terms field : all) {
            if (!field.isEmpty()) {
                made.add(field.field());
            }
        }
        return made;
    }

    private void own(String path, EventFields.Kind kind, String value) {
        PathTerms at = path(path);
        ValueTerms what = at.whole ? new ValueTerms(value) : value(value);
        terms.add(Layout.term(at.start, what.bytes));
        if (what.cut) {
            terms.add(Layout.cutMark(path));
            terms.add(Layout.cutMark());
        }
        if (!Double.isNaN(what.number)) {
            numbers.add(Layout.number(path, what.number));
        }
        if (at.seen != document) {
            at.seen = document;
            above(at);
        }
        if (!at.whole && what.wordsSeen != document) {
            what.wordsSeen = document;
            words(what);
        }
        if (!at.usual && what.wholeSeen != document) {
            what.wholeSeen = document;
            any.add(what.whole);
        }
        if (what.tails.length > 0 && what.tailsSeen != document) {
            what.tailsSeen = document;
            any.addAll(what.tails);
        }
        switch (path) {
            case "eventID" -> ownId = value;
            case "readOnly" -> ownReadOnly = value;
            default -> {
                // No derived path has the name of another member of records.
            }
        }
    }

    private void derived(String path, String value) {
        if ((path.equals("eventID") && value.equals(ownId))
                || (path.equals("readOnly") && value.equals(ownReadOnly))) {
            return; // It adds nothing to the record's own.
        }
        PathTerms at = path(path);
        ValueTerms what = value(value);
        derived.add(Layout.term(at.start, what.bytes));
        if (what.cut) {
            terms.add(Layout.cutMark(path));
        }
        if (!Double.isNaN(what.number)) {
            numbers.add(Layout.number(path, what.number));
        }
    }

    private void above(PathTerms at) {
        for (PathTerms above = at.above;
                above != null && above.seenAbove != document;
                above = above.above) {
            above.seenAbove = document;
            paths.add(above.name);
        }
    }

    private void words(ValueTerms what) {
        WordTerm[] made = what.words;
        if (made == null) {
            made = Phrase.wordsOf(what.value).stream().map(this::word).toArray(WordTerm[]::new);
            what.words = made;
        }
        for (WordTerm word : made) {
            if (word.seen != document) {
                word.seen = document;
                words.add(word.bytes);
            }
        }
    }

    private WordTerm word(String word) {
        if (knownWords.size() >= WORDS_MAX) {
            knownWords.clear();
        }
        return knownWords.computeIfAbsent(word, text -> new WordTerm(new BytesRef(cut(text))));
    }

    private PathTerms path(String path) {
        PathTerms known = knownPaths.get(path);
        if (known == null) {
            if (knownPaths.size() >= PATHS_MAX) {
                knownPaths.clear();
            }
            int dot = path.lastIndexOf('.');
            known = new PathTerms(path, dot > 0 ? path(path.substring(0, dot)) : null);
            knownPaths.put(path, known);
        }
        return known;
    }

    private ValueTerms value(String value) {
        if (value.length() > VALUE_CHARS_MAX) {
            return new ValueTerms(value);
        }
        ValueTerms known = knownValues.get(value);
        if (known == null) {
            if (knownValues.size() >= VALUES_MAX) {
                knownValues.clear();
            }
            known = new ValueTerms(value);
            knownValues.put(value, known);
        }
        return known;
    }

    /// The part of a word that is in the index.
    static String cut(String word) {
        return word.length() <= Layout.WORD_POINTS_MAX
                        || word.codePointCount(0, word.length()) <= Layout.WORD_POINTS_MAX
                ? word
                : word.substring(0, word.offsetByCodePoints(0, Layout.WORD_POINTS_MAX));
    }

    /// What follows from a path.
    private static final class PathTerms {
        private final BytesRef name;
        private final byte[] start;
        private final boolean whole;
        private final boolean usual;
        private final @Nullable PathTerms above;
        private long seen;
        private long seenAbove;

        PathTerms(String path, @Nullable PathTerms above) {
            this.name = new BytesRef(path);
            this.start = Layout.start(path);
            this.whole = Phrase.WHOLE_PATHS.contains(path);
            this.usual = Layout.USUAL_PATHS.contains(path);
            this.above = above;
        }
    }

    /// A word, and the last document that has it: a value's words are mostly in others as well.
    private static final class WordTerm {
        private final BytesRef bytes;
        private long seen;

        WordTerm(BytesRef bytes) {
            this.bytes = bytes;
        }
    }

    /// What follows from a value.
    private static final class ValueTerms {
        private final String value;
        private final byte[] bytes;
        private final boolean cut;
        private final double number;
        private final BytesRef whole;
        private final BytesRef[] tails;

        /// Made when asked for first: values that are unique are mostly not taken apart.
        private WordTerm @Nullable [] words;

        private long wordsSeen;
        private long wholeSeen;
        private long tailsSeen;

        ValueTerms(String value) {
            this.value = value;
            this.bytes = value.getBytes(StandardCharsets.UTF_8);
            this.cut = Layout.isCut(bytes);
            this.number = Range.number(value);
            this.whole = Layout.whole(bytes, 0, bytes.length);
            this.tails = tails(value);
        }

        private static BytesRef[] tails(String value) {
            int start = Filter.resourceStart(value);
            if (start < 0) {
                return new BytesRef[0];
            }
            byte[] resource = value.substring(start).getBytes(StandardCharsets.UTF_8);
            List<BytesRef> tails = new ArrayList<>();
            for (int at = 0; at < resource.length; at++) {
                if (at == 0 || resource[at - 1] == '/' || resource[at - 1] == ':') {
                    if (tails.size() == Layout.TAILS_MAX) {
                        tails.add(Layout.cutMark());
                        break;
                    }
                    tails.add(Layout.tail(resource, at, resource.length - at));
                }
            }
            return tails.toArray(BytesRef[]::new);
        }
    }
}

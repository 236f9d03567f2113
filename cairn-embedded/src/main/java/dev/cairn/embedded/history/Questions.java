package dev.cairn.embedded.history;

import dev.cairn.event.Place;
import dev.cairn.history.Condition;
import dev.cairn.history.Filter;
import dev.cairn.history.Phrase;
import dev.cairn.history.Range;
import dev.cairn.history.ValuePattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.StringHelper;

/// Turns conditions into Lucene's queries over the terms that [Documents] made. For one search.
///
/// Every query made here is exact. Where the terms alone are not (phrases, values that were cut)
/// the candidates are verified; that is what lets NOT stand before anything.
final class Questions {
    /// Paths whose values are derived, so that they are in the index's own field for these.
    private static final Set<String> DERIVED =
            Set.of(
                    "username",
                    "resourceName",
                    "resourceType",
                    "accessKeyId",
                    "account",
                    "region",
                    "category",
                    "readOnly",
                    "eventID");

    private final SearchBudget budget;

    Questions(SearchBudget budget) {
        this.budget = budget;
    }

    Query places(Set<Place> places) {
        return new TermInSetQuery(Layout.PLACE, places.stream().map(Layout::place).toList());
    }

    Query accounts(Set<String> accounts) {
        return new TermInSetQuery(
                Layout.DERIVED,
                accounts.stream().map(account -> Layout.term("account", account)).toList());
    }

    Query query(Condition condition) {
        return switch (condition) {
            case Condition.All() -> MatchAllDocsQuery.INSTANCE;
            case Condition.And(var parts) -> and(parts);
            case Condition.Or(var parts) -> any(parts.stream().map(this::query).toList());
            case Condition.Not(var part) ->
                    new BooleanQuery.Builder()
                            .add(MatchAllDocsQuery.INSTANCE, Occur.FILTER)
                            .add(query(part), Occur.MUST_NOT)
                            .build();
            case Condition.Is(var path, var value) -> is(path, value);
            case Condition.Like(var path, var wildcard) ->
                    like(condition, path, ValuePattern.ofWildcard(wildcard));
            case Condition.Matches(var path, var regex) ->
                    like(condition, path, ValuePattern.ofRegex(regex));
            case Condition.Between between -> between(between);
            case Condition.Exists(var path) -> exists(path);
            case Condition.Words(var text) -> words(condition, Phrase.of(text));
            case Condition.Touched(var resource) -> touched(condition, resource);
        };
    }

    private Query and(List<Condition> parts) {
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        boolean positive = false;
        for (Condition part : parts) {
            if (part instanceof Condition.Not(var not)) {
                all.add(query(not), Occur.MUST_NOT);
            } else {
                all.add(query(part), Occur.FILTER);
                positive = true;
            }
        }
        if (!positive) {
            all.add(MatchAllDocsQuery.INSTANCE, Occur.FILTER);
        }
        return all.build();
    }

    private Query is(String path, String text) {
        byte[] value = text.getBytes(StandardCharsets.UTF_8);
        if (path.equals(Condition.ANY)) {
            return anywhere(value);
        }
        if (!DERIVED.contains(path)) {
            return own(path, text);
        }
        Query derived = term(Layout.DERIVED, Layout.term(path, value));
        return or(
                own(path, text),
                Layout.isCut(value) ? verified(derived, new Condition.Is(path, text)) : derived);
    }

    /// A value at any path.
    private Query anywhere(byte[] value) {
        List<Query> parts = new ArrayList<>();
        parts.add(term(Layout.ANY, Layout.whole(value, 0, value.length)));
        String text = new String(value, StandardCharsets.UTF_8);
        Layout.USUAL_PATHS.forEach(path -> parts.add(own(path, text)));
        return any(parts);
    }

    /// A value of the record's own at a path.
    private Query own(String path, String text) {
        byte[] value = text.getBytes(StandardCharsets.UTF_8);
        Query found = term(Layout.TERM, Layout.term(path, value));
        return Layout.isCut(value) ? verified(found, new Condition.Is(path, text)) : found;
    }

    private Query like(Condition condition, String path, ValuePattern pattern) {
        if (path.equals(Condition.ANY)) {
            return or(
                    new ScanQuery(
                            Layout.TERM,
                            new BytesRef(),
                            _ -> true,
                            term -> passes(term, valueStart(term), pattern::matches),
                            budget),
                    verified(term(Layout.TERM, Layout.cutMark()), condition));
        }
        BytesRef start = Layout.term(path, pattern.prefix());
        return scan(
                condition,
                path,
                start,
                term -> StringHelper.startsWith(term, start),
                pattern::matches);
    }

    private Query between(Condition.Between between) {
        String path = between.path();
        return switch (Range.of(between)) {
            case Range.Times(long from, long to) ->
                    from > to
                            ? MatchNoDocsQuery.INSTANCE
                            : NumericDocValuesField.newSlowRangeQuery(Layout.TIME, from, to);
            case Range.Numbers numbers -> numbers(path, numbers);
            case Range.Texts texts -> texts(between, texts);
        };
    }

    /// Numbers sort as their terms do, so that the run of terms is the range.
    private Query numbers(String path, Range.Numbers range) {
        BytesRef lower = Layout.number(path, range.lower());
        BytesRef upper = Layout.number(path, range.upper());
        BytesRef first = range.lowerIncluded() ? lower : after(lower);
        BytesRef end = range.upperIncluded() ? after(upper) : upper;
        return new ScanQuery(
                Layout.NUMBER, first, term -> term.compareTo(end) < 0, _ -> true, budget);
    }

    /// The least term that sorts behind another.
    private static BytesRef after(BytesRef term) {
        return new BytesRef(Arrays.copyOf(term.bytes, term.length + 1));
    }

    private Query texts(Condition.Between between, Range.Texts range) {
        BytesRef all = Layout.term(between.path(), "");
        BytesRef upper = range.upper() == null ? null : Layout.term(between.path(), range.upper());
        String lower = range.lower() == null ? "" : range.lower();
        return scan(
                between,
                between.path(),
                Layout.term(between.path(), lower),
                term ->
                        StringHelper.startsWith(term, all)
                                && (upper == null || term.compareTo(upper) <= 0),
                range::test);
    }

    /// Events with a value at a path that passes a test, among a run of terms.
    private Query scan(
            Condition condition,
            String path,
            BytesRef start,
            Predicate<BytesRef> within,
            Predicate<String> test) {
        int skip = Layout.term(path, "").length;
        Predicate<BytesRef> wanted = term -> passes(term, skip, test);
        Query own = new ScanQuery(Layout.TERM, start, within, wanted, budget);
        Query cut = verified(term(Layout.TERM, Layout.cutMark(path)), condition);
        return DERIVED.contains(path)
                ? or(own, cut, new ScanQuery(Layout.DERIVED, start, within, wanted, budget))
                : or(own, cut);
    }

    /// Whether a term's value passes; never for marks and for what was cut.
    private static boolean passes(BytesRef term, int skip, Predicate<String> test) {
        int length = term.length - skip;
        return length < Layout.VALUE_BYTES_MAX
                && (length == 0 || term.bytes[term.offset + skip] != Layout.SEPARATOR)
                && test.test(new BytesRef(term.bytes, term.offset + skip, length).utf8ToString());
    }

    private static int valueStart(BytesRef term) {
        int at = 0;
        while (term.bytes[term.offset + at] != Layout.SEPARATOR) {
            at++;
        }
        return at + 1;
    }

    /// What has others below it is a term of its own; of the rest, every value is one that exists.
    private Query exists(String path) {
        if (path.equals(Condition.ANY)) {
            return MatchAllDocsQuery.INSTANCE;
        }
        BytesRef start = Layout.term(path, "");
        Predicate<BytesRef> within = term -> StringHelper.startsWith(term, start);
        Query above = term(Layout.PATH, new BytesRef(path));
        Query own = new ScanQuery(Layout.TERM, start, within, _ -> true, budget);
        return DERIVED.contains(path)
                ? or(above, own, new ScanQuery(Layout.DERIVED, start, within, _ -> true, budget))
                : or(above, own);
    }

    private Query words(Condition condition, Phrase phrase) {
        List<Phrase.Word> words = phrase.words();
        if (words.isEmpty()) {
            return MatchNoDocsQuery.INSTANCE;
        }
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        boolean cut = false;
        for (Phrase.Word word : words) {
            String indexed = Documents.cut(word.text());
            cut |= !indexed.equals(word.text());
            all.add(
                    word.open() ? wordsFrom(indexed) : term(Layout.WORD, new BytesRef(indexed)),
                    Occur.FILTER);
        }
        Query candidates = all.build();
        List<Query> found = new ArrayList<>();
        found.add(words.size() > 1 || cut ? verified(candidates, condition) : candidates);
        Phrase.WHOLE_PATHS.forEach(path -> found.add(own(path, phrase.text())));
        return any(found);
    }

    private Query wordsFrom(String prefix) {
        BytesRef start = new BytesRef(prefix);
        return new ScanQuery(
                Layout.WORD,
                start,
                term -> StringHelper.startsWith(term, start),
                _ -> true,
                budget);
    }

    private Query touched(Condition condition, String resource) {
        byte[] bytes = resource.getBytes(StandardCharsets.UTF_8);
        return or(
                query(new Condition.Is("resourceName", resource)),
                anywhere(bytes),
                term(Layout.ANY, Layout.tail(bytes, 0, bytes.length)),
                verified(term(Layout.ANY, Layout.cutMark()), condition));
    }

    private Query verified(Query candidates, Condition condition) {
        return new VerifiedQuery(candidates, Filter.of(condition), budget);
    }

    private static Query term(String field, BytesRef term) {
        return new TermQuery(new Term(field, term));
    }

    private static Query or(Query... parts) {
        return any(List.of(parts));
    }

    private static Query any(List<Query> parts) {
        if (parts.isEmpty()) {
            return MatchNoDocsQuery.INSTANCE;
        }
        BooleanQuery.Builder any = new BooleanQuery.Builder();
        parts.forEach(part -> any.add(part, Occur.SHOULD));
        return any.build();
    }
}

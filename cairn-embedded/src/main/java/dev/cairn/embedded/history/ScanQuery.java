package dev.cairn.embedded.history;

import java.io.IOException;
import java.util.function.Predicate;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.ConstantScoreScorer;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.DocIdSetBuilder;
import org.jspecify.annotations.Nullable;

/// Events that have one of a run of terms that passes a test.
///
/// Lucene's own automaton queries walk terms as fast, but hide how many they walk: a wildcard that
/// fits nothing among ten million ids could not be bounded. Here each term walked is counted. The
/// test is the same object that [dev.cairn.history.Filter] asks, so that both mean the same.
final class ScanQuery extends Query {
    private final String field;
    private final BytesRef start;
    private final Predicate<BytesRef> within;
    private final Predicate<BytesRef> test;
    private final SearchBudget budget;

    /// @param start the first term
    /// @param within whether a term is still in the run; asked in order, the first refusal ends it
    /// @param test whether the term is wanted
    ScanQuery(
            String field,
            BytesRef start,
            Predicate<BytesRef> within,
            Predicate<BytesRef> test,
            SearchBudget budget) {
        this.field = field;
        this.start = start;
        this.within = within;
        this.test = test;
        this.budget = budget;
    }

    @Override
    public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost) {
        return new ConstantScoreWeight(this, boost) {
            @Override
            public @Nullable ScorerSupplier scorerSupplier(LeafReaderContext context)
                    throws IOException {
                Terms terms = context.reader().terms(field);
                if (terms == null) {
                    return null;
                }
                return new ScorerSupplier() {
                    @Override
                    public Scorer get(long leadCost) throws IOException {
                        return new ConstantScoreScorer(
                                score(), scoreMode, scan(terms, context.reader().maxDoc()));
                    }

                    @Override
                    public long cost() {
                        return context.reader().maxDoc();
                    }
                };
            }

            @Override
            public boolean isCacheable(LeafReaderContext context) {
                return false;
            }
        };
    }

    private DocIdSetIterator scan(Terms terms, int maxDoc) throws IOException {
        TermsEnum each = terms.iterator();
        if (each.seekCeil(start) == TermsEnum.SeekStatus.END) {
            return DocIdSetIterator.empty();
        }
        DocIdSetBuilder found = new DocIdSetBuilder(maxDoc, terms);
        PostingsEnum postings = null;
        for (BytesRef term = each.term(); term != null && within.test(term); term = each.next()) {
            if (!budget.mayVisit()) {
                break;
            }
            if (test.test(term)) {
                postings = each.postings(postings, PostingsEnum.NONE);
                found.add(postings);
            }
        }
        DocIdSetIterator iterator = found.build().iterator();
        return iterator == null ? DocIdSetIterator.empty() : iterator;
    }

    @Override
    public void visit(QueryVisitor visitor) {
        visitor.visitLeaf(this);
    }

    @Override
    public String toString(String defaultField) {
        return "scan(" + field + ")";
    }

    /// Lives for one search: no two are the same.
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}

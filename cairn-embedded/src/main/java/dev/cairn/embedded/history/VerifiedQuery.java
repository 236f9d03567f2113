package dev.cairn.embedded.history;

import dev.cairn.history.Filter;
import java.io.IOException;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.ConstantScoreScorer;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.TwoPhaseIterator;
import org.apache.lucene.search.Weight;
import org.jspecify.annotations.Nullable;

/// Events among candidates that a filter accepts when it reads the record itself: exact where the
/// index alone is not.
final class VerifiedQuery extends Query {
    /// Against a posting's one: a block is unpacked and a record parsed.
    private static final float MATCH_COST = 10_000;

    private final Query candidates;
    private final Filter filter;
    private final SearchBudget budget;

    VerifiedQuery(Query candidates, Filter filter, SearchBudget budget) {
        this.candidates = candidates;
        this.filter = filter;
        this.budget = budget;
    }

    @Override
    public Query rewrite(IndexSearcher searcher) throws IOException {
        Query rewritten = candidates.rewrite(searcher);
        return rewritten.equals(candidates) ? this : new VerifiedQuery(rewritten, filter, budget);
    }

    @Override
    public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost)
            throws IOException {
        Weight weight = candidates.createWeight(searcher, ScoreMode.COMPLETE_NO_SCORES, boost);
        return new ConstantScoreWeight(this, boost) {
            @Override
            public @Nullable ScorerSupplier scorerSupplier(LeafReaderContext context)
                    throws IOException {
                ScorerSupplier supplier = weight.scorerSupplier(context);
                if (supplier == null) {
                    return null;
                }
                return new ScorerSupplier() {
                    @Override
                    public Scorer get(long leadCost) throws IOException {
                        DocIdSetIterator approximation = supplier.get(leadCost).iterator();
                        Records records = new Records(context.reader());
                        TwoPhaseIterator verified =
                                new TwoPhaseIterator(approximation) {
                                    @Override
                                    public boolean matches() throws IOException {
                                        budget.step();
                                        return filter.test(records.event(approximation.docID()));
                                    }

                                    @Override
                                    public float matchCost() {
                                        return MATCH_COST;
                                    }
                                };
                        return new ConstantScoreScorer(score(), scoreMode, verified);
                    }

                    @Override
                    public long cost() {
                        return supplier.cost();
                    }
                };
            }

            @Override
            public boolean isCacheable(LeafReaderContext context) {
                return false;
            }
        };
    }

    @Override
    public void visit(QueryVisitor visitor) {
        visitor.visitLeaf(this);
    }

    @Override
    public String toString(String defaultField) {
        return "verified(" + candidates.toString(defaultField) + ")";
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

package dev.cairn.proof;

/// What can be said of a file. Output and exit codes use these words.
public enum Kind {
    /// It is not what was sealed or signed.
    CHANGED(Weight.FAULT),
    /// It was sealed, or is the predecessor or head of a chain, and is not there.
    MISSING(Weight.FAULT),
    /// It is there, and the server that delivers here knows nothing of it.
    ADDED(Weight.FAULT),
    /// No digest names it, or a digest bears no signature.
    UNSIGNED(Weight.FAULT),
    /// What lies there was sealed for another key: swapped, moved or replayed.
    MOVED(Weight.FAULT),
    /// It is signed with a key that is not among the trusted ones.
    UNTRUSTED(Weight.FAULT),
    /// It is signed with a trusted key, and so is another digest in its place of the chain.
    FORKED(Weight.FAULT),
    /// It could not be read, so nothing is said of it.
    UNREADABLE(Weight.UNJUDGED),
    /// A chain ends and another begins later: nothing is proved of the time between.
    GAP(Weight.NOTE),
    /// Delivered after the newest digest: the next one will name it.
    PENDING(Weight.NOTE),
    /// Nothing is there yet that proves it.
    UNPROVED(Weight.NOTE);

    private final Weight weight;

    Kind(Weight weight) {
        this.weight = weight;
    }

    /// What it means for the verdict.
    public Weight weight() {
        return weight;
    }

    /// What a finding means for the verdict.
    public enum Weight {
        /// Not as delivered.
        FAULT,
        /// Nothing can be said.
        UNJUDGED,
        /// Said for completeness.
        NOTE
    }
}

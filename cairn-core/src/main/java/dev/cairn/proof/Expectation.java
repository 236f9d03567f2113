package dev.cairn.proof;

import dev.cairn.archive.ArchiveException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a bucket should hold, from a source that is not the bucket.
public interface Expectation {

    /// Nothing is known: nothing after a chain's newest digest is proved.
    Expectation NONE = of(List.of());

    /// The ends of the runs that must be there. Asked once, before the bucket is read.
    List<Head> heads();

    /// Keys of the files of an account in a bucket that were delivered and are in no digest yet;
    /// empty when nobody knows. Asked after the account's files were listed, so that those
    /// delivered meanwhile are in it.
    ///
    /// @throws ArchiveException UNAVAILABLE when the source does not answer now
    Optional<Set<String>> pending(String bucket, String account) throws ArchiveException;

    /// When files were delivered that no digest beside them names; to any bucket. Asked like
    /// [#pending], and after it.
    ///
    /// @throws ArchiveException UNAVAILABLE when the source does not answer now
    List<Unsealed> unsealed() throws ArchiveException;

    /// Heads alone.
    static Expectation of(List<Head> heads) {
        return of(new Heads(heads, List.of()));
    }

    /// What was noted before, without a word on what goes on since.
    static Expectation of(Heads noted) {
        return new Expectation() {
            @Override
            public List<Head> heads() {
                return noted.heads();
            }

            @Override
            public Optional<Set<String>> pending(String bucket, String account) {
                return Optional.empty();
            }

            @Override
            public List<Unsealed> unsealed() {
                return noted.unsealed();
            }
        };
    }
}

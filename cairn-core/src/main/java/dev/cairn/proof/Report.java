package dev.cairn.proof;

/// Told of a verification as it goes, by one thread.
public interface Report {

    /// Something was found. Findings come in the order of accounts and regions, those of digests in
    /// the order of days.
    void found(Finding finding);

    /// So much is done.
    ///
    /// @param digests read so far
    /// @param files read so far
    /// @param where being read: account, region and day
    void progress(long digests, long files, String where);
}

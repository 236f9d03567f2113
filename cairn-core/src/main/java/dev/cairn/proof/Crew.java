package dev.cairn.proof;

import java.util.List;

/// Does pieces of work, several at once if it likes; a verification has no threads of its own.
@FunctionalInterface
public interface Crew {

    /// Does all the pieces and returns when the last one is done.
    ///
    /// @throws InterruptedException when told to stop; pieces may then be undone
    void all(List<? extends Runnable> pieces) throws InterruptedException;
}

package dev.cairn.server.operation;

import java.util.Optional;

/// Which servers outside rules can tell, and may.
public interface Reach {

    /// Why a host may not be called; empty when it may, or when its name is not known now: each
    /// call asks again.
    Optional<String> refusal(String host);

    /// Whether there is a Lambda to give functions their events.
    boolean callsFunctions();
}

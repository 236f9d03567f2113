package dev.cairn.gateway.source;

import dev.cairn.intake.Split;
import java.io.IOException;

/// The originals in a body, one after the other.
@FunctionalInterface
public interface Originals {

    /// The next one; [Split.End] when there is none, then and ever after.
    ///
    /// @throws IOException what the body's stream throws
    Split next() throws IOException;
}

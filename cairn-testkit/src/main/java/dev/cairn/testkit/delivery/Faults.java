package dev.cairn.testkit.delivery;

import dev.cairn.archive.ArchiveException;
import dev.cairn.testkit.catalog.FaultyCatalog;

/// What goes wrong at the effects of a simulated delivery.
interface Faults extends FaultyCatalog.Faults {
    /// The process dies: whatever catches exceptions does not catch it.
    final class Crash extends Error {
        private static final long serialVersionUID = 1L;

        Crash(String where) {
            super(where);
        }
    }

    /// Told before a catalog transaction begins; may crash.
    @Override
    default void beforeWrite() {}

    /// Told when a catalog transaction is durable; may crash.
    @Override
    default void afterWrite() {}

    /// Told before an object is put; may crash or refuse.
    default void beforePut(String bucket) throws ArchiveException {}

    /// Told when an object is durable; may crash, or say that it does not know.
    default void afterPut(String bucket) throws ArchiveException {}

    /// Told before an object is read; may refuse.
    default void beforeGet(String bucket) throws ArchiveException {}

    /// Nothing goes wrong.
    Faults NONE = new Faults() {};
}

package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.history.HistoryException;
import dev.cairn.ledger.LedgerException;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import java.io.IOException;

/// What an API operation does, once the caller is known and allowed and the input is checked.
public sealed interface Operation {

    /// An operation that changes nothing.
    @FunctionalInterface
    non-sealed interface Read extends Operation {
        /// The output document.
        ObjectNode run(Invocation call)
                throws CatalogException, HistoryException, LedgerException, InterruptedException;
    }

    /// An operation that changes the catalog. Its own event is written in the same transaction, so
    /// that neither is ever without the other.
    @FunctionalInterface
    non-sealed interface Change extends Operation {
        /// The output document.
        ObjectNode run(Invocation call, Catalog.Transaction transaction) throws CatalogException;

        /// What must be asked of others before the transaction begins, which nobody may keep
        /// waiting; refuses with a `Failure`.
        default void prepare(Invocation call) throws CatalogException {}
    }

    /// An operation of the data plane that changes something: it runs transactions of its own, is
    /// durable when it returns, and may wait.
    @FunctionalInterface
    non-sealed interface Message extends Operation {
        /// The output document.
        ObjectNode run(Invocation call) throws CatalogException, InterruptedException;
    }

    /// An operation that answers with something other than a document of the model.
    @FunctionalInterface
    non-sealed interface Download extends Operation {
        /// The whole answer; called before the first byte is sent, so that it can still refuse.
        Reply run(Invocation call)
                throws CatalogException, HistoryException, LedgerException, InterruptedException;
    }

    /// An operation that stands for many calls of another service, and records each of them, as
    /// that service does, instead of itself.
    @FunctionalInterface
    non-sealed interface Many extends Operation {
        /// The whole answer; called before the first byte is sent, so that it can still refuse.
        /// When it returns, what is to be recorded is.
        ///
        /// @param exchange the request, as records tell of it
        /// @param requestId as the caller is told it
        Reply run(Invocation call, Exchange exchange, String requestId)
                throws CatalogException, InterruptedException;
    }

    /// An operation that takes a raw body and records events.
    @FunctionalInterface
    non-sealed interface Upload extends Operation {
        /// The output document.
        ObjectNode run(Invocation call)
                throws CatalogException, LedgerException, IOException, InterruptedException;
    }
}

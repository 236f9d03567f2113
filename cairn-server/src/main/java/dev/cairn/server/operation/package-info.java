/// One class for each API operation: the only place that translates between AWS's documents and
/// Cairn's domain.
///
/// Read [dev.cairn.server.operation.Operation] first, then [dev.cairn.server.operation.Operations],
/// the table of what is built. An operation gets a document that was checked against the model and
/// a caller that was authenticated and allowed.
@NullMarked
package dev.cairn.server.operation;

import org.jspecify.annotations.NullMarked;

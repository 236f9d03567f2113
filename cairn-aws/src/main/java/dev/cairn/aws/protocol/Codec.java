package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.http.Response;
import dev.cairn.aws.shape.Operation;
import dev.cairn.aws.shape.ServiceModel;

/// One wire protocol. Safe for use by many threads.
public sealed interface Codec
        permits JsonCodec, RestJsonCodec, RestXmlCodec, QueryCodec, CborCodec {

    /// Which one.
    Protocol protocol();

    /// Finds the operation and reads its input. Never throws for anything a caller can send.
    ///
    /// @param model the service that was asked
    /// @param request the head
    /// @param body the whole body, unpacked from any transfer coding
    Call parse(ServiceModel model, Request request, byte[] body);

    /// Writes a success.
    ///
    /// @param output a document of the operation's output shape
    /// @throws IllegalArgumentException when the document is not of that shape: our mistake, not
    ///   the caller's
    Response write(ServiceModel model, Operation operation, ObjectNode output, String requestId);

    /// Writes an error. Needs no operation, since a request may fail before one is known.
    Response writeError(ServiceModel model, WireError error, String requestId);
}

package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.shape.Operation;
import java.util.Optional;

/// What a request turned out to be.
public sealed interface Call {

    /// A request that could be read; whether its values are allowed has not been looked at.
    ///
    /// @param operation what is asked for
    /// @param input the document, empty where the operation takes nothing
    record Parsed(Operation operation, ObjectNode input) implements Call {}

    /// A request that could not be read.
    ///
    /// @param operation what was asked for, if that much was clear
    /// @param error what to answer
    record Refused(Optional<Operation> operation, WireError error) implements Call {}
}

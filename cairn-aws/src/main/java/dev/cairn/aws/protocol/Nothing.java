package dev.cairn.aws.protocol;

import dev.cairn.aws.shape.Shape;
import java.util.Map;
import java.util.Optional;

/// The shape of an operation that takes or gives nothing.
final class Nothing {

    static final Shape.Structure SHAPE =
            new Shape.Structure(
                    "Nothing",
                    Map.of(),
                    Optional.empty(),
                    false,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    private Nothing() {}
}

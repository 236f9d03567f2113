package dev.cairn.aws.protocol;

import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds a structure's member by the name it has on the wire.
record WireNames(Shape.Structure structure) {

    static WireNames of(Shape.Structure structure) {
        return new WireNames(structure);
    }

    @Nullable Member get(String wireName) {
        Member named = structure.members().get(wireName);
        if (named != null && named.locationName().isEmpty()) {
            return named;
        }
        for (Member member : structure.members().values()) {
            if (member.locationName().equals(Optional.of(wireName))) {
                return member;
            }
        }
        return null;
    }
}

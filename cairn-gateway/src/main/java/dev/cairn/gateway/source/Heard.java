package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.RefusalCode;
import dev.cairn.gateway.decoding.DecodedCall;
import dev.cairn.gateway.principal.Identity;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a source makes of an original.
public sealed interface Heard {

    /// A call. Whatever it lacks, it is recorded.
    ///
    /// @param time null when the original does not say: then it is that of receipt
    /// @param who belongs to the account that the event goes to
    /// @param sourceAddress null when the original does not say
    /// @param userAgent null when the original does not say
    /// @param ownId what names this call and no other in the source's words, the same however it is
    ///   written down; null when only the original's bytes do
    record Call(
            @Nullable Instant time,
            Identity who,
            @Nullable String sourceAddress,
            @Nullable String userAgent,
            DecodedCall decoded,
            @Nullable String ownId)
            implements Heard {}

    /// A record as it is to be, but for its version, id and place.
    ///
    /// @param ownId what its sender calls it, the same whenever it is sent; null for nothing
    record Written(ObjectNode record, @Nullable String ownId) implements Heard {}

    /// Nothing to record, by a rule of the source; counted.
    record Nothing() implements Heard {}

    /// A form that is not filled in as it must be.
    record Refused(RefusalCode code, String message) implements Heard {}
}

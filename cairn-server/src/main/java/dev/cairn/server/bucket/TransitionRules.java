package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.archive.Lifecycle.Expiration;
import dev.cairn.archive.Lifecycle.Noncurrent;
import dev.cairn.archive.Lifecycle.NoncurrentTransition;
import dev.cairn.archive.Lifecycle.Transition;
import dev.cairn.archive.Storage;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads those parts of a lifecycle rule that move objects to colder classes
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html).
///
/// Cairn has one colder place, whose objects must be brought back before they are read: what AWS
/// calls GLACIER and DEEP_ARCHIVE. Classes that promise to be read at once are refused.
final class TransitionRules {
    private static final List<String> REFUSED =
            List.of("STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR");

    private TransitionRules() {}

    static List<Transition> of(JsonNode transitions, Optional<Expiration> expiration) {
        var read = new ArrayList<Transition>();
        Map<Storage.Type, Integer> days = new EnumMap<>(Storage.Type.class);
        for (JsonNode one : transitions) {
            Storage.Type to = type(one);
            if (one.hasNonNull("Days") == one.hasNonNull("Date")) {
                throw new S3Failure(S3Code.MALFORMED_XML);
            }
            boolean dated = one.hasNonNull("Date");
            if (read.stream().anyMatch(other -> other.to() == to)) {
                throw new S3Failure(
                        S3Code.INVALID_REQUEST,
                        "'StorageClass' must be different for 'Transition' actions in same 'Rule'");
            }
            if (read.stream().anyMatch(other -> dated != other instanceof Transition.From)
                    || mixes(dated, expiration)) {
                throw new S3Failure(
                        S3Code.INVALID_REQUEST,
                        "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule");
            }
            if (dated) {
                read.add(new Transition.From(LifecycleWork.day(one), to));
            } else {
                days.put(to, days(one, "Days"));
                read.add(new Transition.After(days(one, "Days"), to));
            }
        }
        checkOrder(days);
        expiration.ifPresent(it -> checkBefore(read, it));
        return read;
    }

    static List<NoncurrentTransition> ofNoncurrent(
            JsonNode transitions, Optional<Noncurrent> expiration) {
        var read = new ArrayList<NoncurrentTransition>();
        Map<Storage.Type, Integer> days = new EnumMap<>(Storage.Type.class);
        for (JsonNode one : transitions) {
            Storage.Type to = type(one);
            int after = days(one, "NoncurrentDays");
            if (days.put(to, after) != null) {
                throw new S3Failure(
                        S3Code.INVALID_REQUEST,
                        "'StorageClass' must be different for 'NoncurrentVersionTransition' actions in same 'Rule'");
            }
            read.add(new NoncurrentTransition(after, LifecycleWork.newer(one), to));
            if (expiration.isPresent() && expiration.get().days() <= after) {
                throw tooEarly("NoncurrentVersionExpiration", "NoncurrentVersionTransition");
            }
        }
        checkOrder(days);
        return read;
    }

    private static Storage.Type type(JsonNode transition) {
        String name = transition.path("StorageClass").asText();
        if (REFUSED.contains(name)) {
            throw new S3Failure(
                    S3Code.NOT_IMPLEMENTED,
                    "Cairn has no storage class %s; GLACIER and DEEP_ARCHIVE are in its colder place"
                            .formatted(name));
        }
        return switch (name) {
            case "GLACIER" -> Storage.Type.GLACIER;
            case "DEEP_ARCHIVE" -> Storage.Type.DEEP_ARCHIVE;
            default -> throw new S3Failure(S3Code.MALFORMED_XML);
        };
    }

    private static int days(JsonNode transition, String member) {
        if (!transition.path(member).isInt() || transition.path(member).intValue() < 0) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "'%s' in a Transition action must be nonnegative".formatted(member));
        }
        return transition.path(member).intValue();
    }

    private static boolean mixes(boolean dated, Optional<Expiration> expiration) {
        return expiration
                .map(it ->
                        switch (it) {
                            case Expiration.After _ -> dated;
                            case Expiration.From _ -> !dated;
                            case Expiration.LoneMarkers() -> false;
                        })
                .orElse(false);
    }

    private static void checkOrder(Map<Storage.Type, Integer> days) {
        Integer glacier = days.get(Storage.Type.GLACIER);
        Integer deep = days.get(Storage.Type.DEEP_ARCHIVE);
        if (glacier != null && deep != null && deep <= glacier) {
            throw new S3Failure(
                    S3Code.INVALID_ARGUMENT,
                    "'Days' in the Transition action for StorageClass 'DEEP_ARCHIVE' must be greater than 'Days' for StorageClass 'GLACIER'");
        }
    }

    private static void checkBefore(List<Transition> transitions, Expiration expiration) {
        for (Transition transition : transitions) {
            boolean before =
                    switch (transition) {
                        case Transition.After(int days, _) ->
                                !(expiration instanceof Expiration.After(int end)) || days < end;
                        case Transition.From(var day, _) ->
                                !(expiration instanceof Expiration.From(var end))
                                        || day.isBefore(end);
                    };
            if (!before) {
                throw tooEarly("Expiration", "Transition");
            }
        }
    }

    private static S3Failure tooEarly(String expiration, String transition) {
        return new S3Failure(
                S3Code.INVALID_ARGUMENT,
                "'Days' in the %s action must be greater than 'Days' in the %s action"
                        .formatted(expiration, transition));
    }
}

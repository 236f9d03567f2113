package dev.cairn.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a search asks of an event. [SearchText] reads one from what people type and writes it back;
/// [Filter] asks it of one event, and is the definition of what each part means.
///
/// A *path* names a member of the record by its keys joined with dots, arrays being transparent:
/// `requestParameters.instancesSet.items.instanceId`. Beside the record's own members these derived
/// ones can be asked: `username`, `resourceName`, `resourceType`, `accessKeyId`, `account`,
/// `region`, `category`, and `readOnly` (also where the record lacks it). An event whose path has
/// several values satisfies a condition when one of them does. The path [#ANY] stands for every
/// path of the record itself, derived ones left out.
public sealed interface Condition {

    /// The path that stands for all of a record's own paths.
    String ANY = "*";

    /// Every event.
    record All() implements Condition {}

    /// All of them hold; holds for an empty list.
    record And(List<Condition> parts) implements Condition {
        public And {
            parts = List.copyOf(parts);
        }
    }

    /// At least one holds; fails for an empty list.
    record Or(List<Condition> parts) implements Condition {
        public Or {
            parts = List.copyOf(parts);
        }
    }

    record Not(Condition part) implements Condition {}

    /// A value at the path is exactly this text, case included; numbers and booleans compare by
    /// their JSON text, null by `null`.
    record Is(String path, String value) implements Condition {}

    /// A value at the path is like the pattern: `*` stands for any characters, `?` for one, `\`
    /// takes the next one as it is.
    record Like(String path, String pattern) implements Condition {}

    /// A value at the path matches the regular expression as a whole. The language is RE2's: Perl's
    /// but for back references and look-around, so that no expression takes more than linear time.
    record Matches(String path, String regex) implements Condition {}

    /// A value at the path lies between the bounds. Compared as numbers when every bound given is a
    /// number, else as text in order of code points; `eventTime` as time when every bound given is
    /// a time. [Range] has the details. A null bound is open; one at least is given, and the path
    /// is not [#ANY].
    record Between(
            String path,
            @Nullable String lower,
            boolean lowerIncluded,
            @Nullable String upper,
            boolean upperIncluded)
            implements Condition {
        public Between {
            if (lower == null && upper == null) {
                throw new IllegalArgumentException(
                        "expected a bound, got a range open at both ends");
            }
            if (path.equals(ANY)) {
                throw new IllegalArgumentException("expected the path of one member, got " + ANY);
            }
        }
    }

    /// The path has a value, null included, or something below it has.
    record Exists(String path) implements Condition {}

    /// The words occur next to each other, in this order and in any case, in some value of the
    /// record; a `*` at a word's end stands for any ending. What a word is, [Phrase] tells, and
    /// which ids are found as a whole only. Text without a word holds for no event.
    record Words(String text) implements Condition {}

    /// The event touched this resource: a derived `resourceName` or any value of the record is
    /// exactly this text, or some value is an ARN whose resource (what follows its fifth colon) is
    /// this text or ends in it behind a `/` or a `:`.
    record Touched(String resource) implements Condition {}
}

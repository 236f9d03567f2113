package dev.cairn.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a search asks of an event.
///
/// A *path* names a member of the record by its keys joined with dots, arrays being transparent:
/// `requestParameters.instancesSet.items.instanceId`. Beside the record's own members these derived
/// ones can be asked: `username`, `resourceName`, `resourceType`, `accessKeyId`, `account`,
/// `region`, `category`, and `readOnly` (also where the record lacks it). An event whose path has
/// several values satisfies a condition when one of them does.
public sealed interface Condition {

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

    /// A value at the path matches the regular expression as a whole.
    record Matches(String path, String regex) implements Condition {}

    /// A value at the path lies between the bounds. Compared as numbers when both bounds given are
    /// numbers, else as text; `eventTime` as time. A null bound is open.
    record Between(
            String path,
            @Nullable String lower,
            boolean lowerIncluded,
            @Nullable String upper,
            boolean upperIncluded)
            implements Condition {}

    /// The path has a value, null included.
    record Exists(String path) implements Condition {}

    /// The words occur next to each other, in this order and in any case, in some value of the
    /// record; a `*` at a word's end stands for any ending.
    record Words(String text) implements Condition {}
}

package dev.cairn.selector;

import java.util.List;

/// An advanced selector: conditions on fields, all of which an event must meet.
///
/// Source: AWS CloudTrail API Reference, AdvancedEventSelector and AdvancedFieldSelector.
///
/// @param name for people; may be empty
/// @param fields at least one
public record AdvancedEventSelector(String name, List<FieldSelector> fields) {
    public AdvancedEventSelector {
        fields = List.copyOf(fields);
    }

    /// Conditions on one field. The positive lists are alternatives: one value of one of them must
    /// match, unless all three are empty. The negative lists are demands: no value of any of them
    /// may match. Both must hold.
    ///
    /// @param field as the API spells it, such as `resources.type`
    public record FieldSelector(
            String field,
            List<String> equalTo,
            List<String> startsWith,
            List<String> endsWith,
            List<String> notEqualTo,
            List<String> notStartsWith,
            List<String> notEndsWith) {

        public FieldSelector {
            equalTo = List.copyOf(equalTo);
            startsWith = List.copyOf(startsWith);
            endsWith = List.copyOf(endsWith);
            notEqualTo = List.copyOf(notEqualTo);
            notStartsWith = List.copyOf(notStartsWith);
            notEndsWith = List.copyOf(notEndsWith);
        }

        /// A field that must have one of these values.
        public static FieldSelector equal(String field, String... values) {
            return new FieldSelector(
                    field, List.of(values), List.of(), List.of(), List.of(), List.of(), List.of());
        }

        /// Whether a value meets these conditions. A field that an event lacks is empty text.
        boolean takes(String value) {
            return positive(value) && negative(value);
        }

        private boolean positive(String value) {
            return (equalTo.isEmpty() && startsWith.isEmpty() && endsWith.isEmpty())
                    || equalTo.contains(value)
                    || startsWith(value, startsWith)
                    || endsWith(value, endsWith);
        }

        private boolean negative(String value) {
            return !notEqualTo.contains(value)
                    && !startsWith(value, notStartsWith)
                    && !endsWith(value, notEndsWith);
        }

        private static boolean startsWith(String value, List<String> prefixes) {
            for (String prefix : prefixes) {
                if (value.startsWith(prefix)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean endsWith(String value, List<String> suffixes) {
            for (String suffix : suffixes) {
                if (value.endsWith(suffix)) {
                    return true;
                }
            }
            return false;
        }

        /// How many values there are, over all operators.
        int values() {
            return equalTo.size()
                    + startsWith.size()
                    + endsWith.size()
                    + notEqualTo.size()
                    + notStartsWith.size()
                    + notEndsWith.size();
        }
    }
}

package dev.cairn.inquiry;

import com.google.re2j.Matcher;
import dev.cairn.inquiry.Inquiry.Command;
import dev.cairn.inquiry.Inquiry.Named;
import dev.cairn.inquiry.Inquiry.SortKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/// Makes an answer of messages, which are to be given newest first. What it keeps is bounded
/// ([#KEPT_CHARS_MAX]). To be used by one thread.
final class Pipeline {
    /// What an answer and what it is made of may take together, in characters.
    static final long KEPT_CHARS_MAX = 32L << 20;

    private static final int GROUPS_MAX = 100_000;

    private final List<Stage> stages = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();
    private final int matching;
    private long kept;
    private long matched;

    Pipeline(Inquiry inquiry) {
        List<Command> commands = inquiry.commands();
        int last = 0;
        while (last < commands.size() && isOfEach(commands.get(last))) {
            last++;
        }
        matching = last;
        for (int i = 0; i < commands.size(); i++) {
            int next = i + 1;
            switch (commands.get(i)) {
                case Command.Fields(List<Named> made) -> stages.add(new Making(next, made));
                case Command.Filter(Formula condition) ->
                        stages.add(new Filtering(next, condition));
                case Command.Parse parse -> stages.add(new Parsing(next, parse));
                case Command.Dedup(List<String> fields) ->
                        stages.add(new Deduplicating(next, fields));
                case Command.Limit(int max) -> stages.add(new Limiting(next, max));
                case Command.Sort(List<SortKey> keys) ->
                        stages.add(sorting(next, keys, commands.subList(next, commands.size())));
                case Command.Stats stats -> stages.add(new Summing(next, stats));
                case Command.Display(List<Named> shown) -> stages.add(new Making(next, shown));
            }
        }
    }

    private Stage sorting(int next, List<SortKey> keys, List<Command> behind) {
        if (!behind.isEmpty() && behind.getFirst() instanceof Command.Limit(int max)) {
            return new Sorting(next, keys, max, true);
        }
        for (Command command : behind) {
            switch (command) {
                case Command.Stats _ -> {
                    // Sums are the same in any order.
                    return new Making(next, List.of());
                }
                case Command.Filter _, Command.Dedup _, Command.Sort _ -> {
                    return new Sorting(next, keys, Inquiry.ROWS_MAX, false);
                }
                case Command.Limit _ -> {
                    return new Sorting(next, keys, Inquiry.ROWS_MAX, true);
                }
                case Command.Fields _, Command.Display _, Command.Parse _ -> {}
            }
        }
        return new Sorting(next, keys, Inquiry.ROWS_MAX, true);
    }

    /// Whether a command looks at each row by itself.
    private static boolean isOfEach(Command command) {
        return switch (command) {
            case Command.Fields _, Command.Filter _, Command.Parse _, Command.Display _ -> true;
            case Command.Stats _, Command.Sort _, Command.Limit _, Command.Dedup _ -> false;
        };
    }

    /// How many messages the filters took that stand before all else.
    long matched() {
        return matched;
    }

    /// Takes a message.
    ///
    /// @return false when no more are needed
    boolean take(Row row) {
        return pass(0, row);
    }

    /// Ends: no more messages come.
    ///
    /// @return the rows of the answer
    List<Row> end() {
        for (Stage stage : stages) {
            stage.end();
        }
        return rows;
    }

    private boolean pass(int stage, Row row) {
        if (stage == matching) {
            matched++;
        }
        if (stage < stages.size()) {
            return stages.get(stage).take(row);
        }
        if (rows.size() < Inquiry.ROWS_MAX) {
            keep(row.chars());
            rows.add(row);
        }
        return rows.size() < Inquiry.ROWS_MAX;
    }

    private void keep(long chars) {
        kept += chars;
        if (kept > KEPT_CHARS_MAX) {
            throw new InquiryException(
                    "The answer takes more than %d million characters: ask for less, or limit it."
                            .formatted(KEPT_CHARS_MAX >> 20));
        }
    }

    /// What a command does with a row.
    private abstract static class Stage {
        final int next;

        Stage(int next) {
            this.next = next;
        }

        abstract boolean take(Row row);

        void end() {}
    }

    private final class Making extends Stage {
        private final List<Named> made;

        Making(int next, List<Named> made) {
            super(next);
            this.made = made;
        }

        @Override
        boolean take(Row row) {
            for (Named one : made) {
                row.put(one.name(), one.formula().of(row));
            }
            return pass(next, row);
        }
    }

    private final class Filtering extends Stage {
        private final Formula condition;

        Filtering(int next, Formula condition) {
            super(next);
            this.condition = condition;
        }

        @Override
        boolean take(Row row) {
            return !condition.holds(row) || pass(next, row);
        }
    }

    private final class Parsing extends Stage {
        private final Command.Parse parse;

        Parsing(int next, Command.Parse parse) {
            super(next);
            this.parse = parse;
        }

        @Override
        boolean take(Row row) {
            String value = parse.of().of(row);
            Matcher parts = value == null ? null : parse.pattern().matcher(value);
            if (parts != null && parts.find()) {
                for (int i = 0; i < parse.names().size(); i++) {
                    String name = parse.names().get(i);
                    Integer group = parse.pattern().namedGroups().get(name);
                    row.put(name, parts.group(group == null ? i + 1 : group));
                }
            }
            return pass(next, row);
        }
    }

    private final class Deduplicating extends Stage {
        private final List<String> fields;
        private final Set<String> seen = new HashSet<>();

        Deduplicating(int next, List<String> fields) {
            super(next);
            this.fields = fields;
        }

        @Override
        boolean take(Row row) {
            StringBuilder key = new StringBuilder();
            for (String field : fields) {
                String value = row.get(field);
                if (value == null) {
                    // Rows without a value are no duplicates of each other.
                    return pass(next, row);
                }
                key.append(value.length()).append(':').append(value);
            }
            if (!seen.add(key.toString())) {
                return true;
            }
            keep(key.length() + 48L);
            return pass(next, row);
        }
    }

    private final class Limiting extends Stage {
        private final int max;
        private int taken;

        Limiting(int next, int max) {
            super(next);
            this.max = max;
        }

        @Override
        boolean take(Row row) {
            if (taken == max) {
                return false;
            }
            taken++;
            return pass(next, row) && taken < max;
        }
    }

    /// Keeps the first rows of the order.
    private final class Sorting extends Stage {
        private final int max;
        private final boolean enough;
        private final Comparator<Sorted> order;
        private final PriorityQueue<Sorted> first;
        private long number;

        /// @param values of the keys; null where there is none
        /// @param chars what it takes, about
        private record Sorted(Row row, List<Optional<String>> values, long number, long chars) {}

        private final List<SortKey> keys;

        /// @param enough whether nobody behind asks for more rows than the first ones
        Sorting(int next, List<SortKey> keys, int max, boolean enough) {
            super(next);
            this.keys = keys;
            this.max = max;
            this.enough = enough;
            this.order = this::compare;
            this.first = new PriorityQueue<>(order.reversed());
        }

        private int compare(Sorted one, Sorted other) {
            for (int i = 0; i < keys.size(); i++) {
                String left = one.values().get(i).orElse(null);
                String right = other.values().get(i).orElse(null);
                int compared =
                        left == null || right == null
                                ? (left == null ? 1 : 0) - (right == null ? 1 : 0)
                                : keys.get(i).descending()
                                        ? Formula.sortOrder(right, left)
                                        : Formula.sortOrder(left, right);
                if (compared != 0) {
                    return compared;
                }
            }
            return Long.compare(one.number(), other.number());
        }

        @Override
        boolean take(Row row) {
            List<Optional<String>> values = new ArrayList<>();
            long chars = row.chars();
            for (SortKey key : keys) {
                String value = key.of().of(row);
                chars += value == null ? 16 : value.length() + 48L;
                values.add(Optional.ofNullable(value));
            }
            Sorted sorted = new Sorted(row, values, number++, chars);
            if (first.size() == max) {
                if (!enough) {
                    throw new InquiryException(
                            "sort takes at most %d rows where more than a limit follows: put it last, or filter before it."
                                    .formatted(max));
                }
                Sorted last = first.peek();
                if (last != null && order.compare(sorted, last) >= 0) {
                    return true;
                }
                Sorted gone = first.poll();
                if (gone != null) {
                    keep(-gone.chars());
                }
            }
            first.add(sorted);
            keep(chars);
            return true;
        }

        @Override
        void end() {
            List<Sorted> sorted = new ArrayList<>(first);
            sorted.sort(order);
            for (Sorted one : sorted) {
                keep(-one.chars());
                if (!pass(next, one.row())) {
                    return;
                }
            }
        }
    }

    private final class Summing extends Stage {
        private final Command.Stats stats;
        private final Map<List<Optional<String>>, Group> groups = new LinkedHashMap<>();

        Summing(int next, Command.Stats stats) {
            super(next);
            this.stats = stats;
        }

        private final class Group {
            private final List<Tally> tallies = new ArrayList<>();
            private long newest = Long.MIN_VALUE;

            Group() {
                stats.sums().forEach(sum -> tallies.add(new Tally(sum.aggregate())));
            }
        }

        @Override
        boolean take(Row row) {
            List<Optional<String>> by = new ArrayList<>();
            long chars = 64;
            for (Named one : stats.by()) {
                String value = one.formula().of(row);
                chars += value == null ? 16 : value.length() + 48L;
                by.add(Optional.ofNullable(value));
            }
            Group group = groups.get(by);
            if (group == null) {
                if (groups.size() == GROUPS_MAX) {
                    throw new InquiryException(
                            "stats makes at most %d rows.".formatted(GROUPS_MAX));
                }
                keep(chars + 200L * stats.sums().size());
                group = new Group();
                groups.put(by, group);
            }
            group.newest = Math.max(group.newest, row.time);
            for (Tally tally : group.tallies) {
                keep(tally.add(row));
            }
            return true;
        }

        @Override
        void end() {
            if (groups.isEmpty() && stats.by().isEmpty()) {
                groups.put(List.of(), new Group());
            }
            for (Map.Entry<List<Optional<String>>, Group> one : groups.entrySet()) {
                Row row = new Row(new HashMap<>(), one.getValue().newest, null);
                for (int i = 0; i < stats.by().size(); i++) {
                    row.put(stats.by().get(i).name(), one.getKey().get(i).orElse(null));
                }
                for (int i = 0; i < stats.sums().size(); i++) {
                    row.put(stats.sums().get(i).name(), one.getValue().tallies.get(i).value());
                }
                if (!pass(next, row)) {
                    return;
                }
            }
        }
    }
}

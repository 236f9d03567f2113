package dev.cairn.inquiry;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A question: commands that messages go through, one behind the other. Immutable.
///
/// Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax".
public final class Inquiry {
    /// The most rows of an answer, and how many there are where no limit is asked for.
    public static final int ROWS_MAX = 10_000;

    static final String TIMESTAMP = "@timestamp";
    static final String MESSAGE = "@message";
    static final String INGESTED = "@ingestionTime";

    private static final Set<String> MOMENTS = Set.of(TIMESTAMP, INGESTED);

    private final List<Command> commands;

    private Inquiry(List<Command> commands) {
        this.commands = List.copyOf(commands);
    }

    /// Reads a question.
    ///
    /// @throws InquiryException when it cannot be read; says where
    public static Inquiry of(String text) {
        return new Inquiry(new InquiryReader(text).commands());
    }

    /// One of the commands.
    sealed interface Command {
        /// Makes fields.
        record Fields(List<Named> made) implements Command {}

        /// Says what is shown.
        record Display(List<Named> shown) implements Command {}

        record Filter(Formula condition) implements Command {}

        /// Sums up.
        record Stats(List<Sum> sums, List<Named> by) implements Command {}

        record Sort(List<SortKey> keys) implements Command {}

        record Limit(int rows) implements Command {}

        /// Reads fields out of one.
        record Parse(Formula of, Pattern pattern, List<String> names) implements Command {}

        /// Leaves out rows whose values came before.
        record Dedup(List<String> fields) implements Command {}
    }

    /// What is made, and how it is called.
    record Named(Formula formula, String name) {}

    /// What is summed up, and how it is called.
    record Sum(Aggregate aggregate, String name) {}

    record SortKey(Formula of, boolean descending) {}

    List<Command> commands() {
        return commands;
    }

    /// The same with at most so many rows.
    public Inquiry limited(int rows) {
        List<Command> more = new ArrayList<>(commands);
        more.add(new Command.Limit(rows));
        return new Inquiry(more);
    }

    /// The same of messages that do not come in order: the newest first where the order says which
    /// rows are taken or shown, unless another one is asked for.
    Inquiry newestFirst() {
        int at = 0;
        while (at < commands.size()) {
            Command command = commands.get(at);
            if (command instanceof Command.Sort || command instanceof Command.Stats) {
                return this;
            }
            if (command instanceof Command.Limit || command instanceof Command.Dedup) {
                break;
            }
            at++;
        }
        List<Command> more = new ArrayList<>(commands);
        more.add(at, new Command.Sort(List.of(new SortKey(new Formula.Field(TIMESTAMP), true))));
        return new Inquiry(more);
    }

    /// A column of the answer.
    ///
    /// @param moment whether its values are moments, in thousandths of a second since 1970
    record Column(String name, boolean moment) {}

    /// The columns of the answer.
    List<Column> columns() {
        Map<String, Column> columns = new LinkedHashMap<>();
        Set<String> moments = new LinkedHashSet<>(MOMENTS);
        for (Command command : commands) {
            switch (command) {
                case Command.Fields(List<Named> made) -> add(columns, moments, made);
                case Command.Display(List<Named> shown) -> {
                    columns.clear();
                    add(columns, moments, shown);
                }
                case Command.Stats(List<Sum> sums, List<Named> by) -> {
                    columns.clear();
                    add(columns, moments, by);
                    sums.forEach(sum -> columns.put(sum.name(), new Column(sum.name(), false)));
                }
                case Command.Parse(_, _, List<String> names) ->
                        names.forEach(name -> columns.put(name, new Column(name, false)));
                case Command.Filter _, Command.Sort _, Command.Limit _, Command.Dedup _ -> {}
            }
        }
        if (columns.isEmpty()) {
            return List.of(new Column(TIMESTAMP, true), new Column(MESSAGE, false));
        }
        return List.copyOf(columns.values());
    }

    private static void add(Map<String, Column> columns, Set<String> moments, List<Named> some) {
        for (Named one : some) {
            boolean moment =
                    one.formula().isMoment()
                            || (one.formula() instanceof Formula.Field(String name)
                                    && moments.contains(name));
            if (moment) {
                moments.add(one.name());
            }
            columns.put(one.name(), new Column(one.name(), moment));
        }
    }

    /// The fields that are asked of messages.
    Set<String> fields() {
        Set<String> fields = new LinkedHashSet<>();
        columns().forEach(column -> fields.add(column.name()));
        for (Command command : commands) {
            switch (command) {
                case Command.Fields(List<Named> made) ->
                        made.forEach(one -> one.formula().fields(fields));
                case Command.Display(List<Named> shown) ->
                        shown.forEach(one -> one.formula().fields(fields));
                case Command.Filter(Formula condition) -> condition.fields(fields);
                case Command.Stats(List<Sum> sums, List<Named> by) -> {
                    sums.forEach(sum -> sum.aggregate().of().ifPresent(of -> of.fields(fields)));
                    by.forEach(one -> one.formula().fields(fields));
                }
                case Command.Sort(List<SortKey> keys) ->
                        keys.forEach(key -> key.of().fields(fields));
                case Command.Parse(Formula of, _, _) -> of.fields(fields);
                case Command.Dedup(List<String> names) -> fields.addAll(names);
                case Command.Limit _ -> {}
            }
        }
        return fields;
    }

    /// What is done with the values of a group.
    ///
    /// @param of empty for `count(*)`
    /// @param percent of `pct`
    record Aggregate(Kind kind, Optional<Formula> of, double percent) {
        enum Kind {
            COUNT,
            COUNT_DISTINCT,
            SUM,
            AVG,
            MIN,
            MAX,
            STDDEV,
            MEDIAN,
            PCT,
            EARLIEST,
            LATEST,
            SORTSFIRST,
            SORTSLAST
        }
    }
}

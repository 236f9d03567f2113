package dev.cairn.filter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A pattern for the columns of a line.
///
/// @param names of the columns that are asked for; empty for one without a name
/// @param ellipsis how many columns stand before any number of further ones; -1 when the line must
///   have just these
/// @param conditions whose fields are the columns asked for
record Columns(List<String> names, int ellipsis, List<Condition> conditions)
        implements FilterPattern.Form {

    /// How many columns of a line can be told by their places: more than a pattern has room to
    /// name.
    static final int PLACES_MAX = 1_024;

    @Override
    public boolean takes(LogMessage message) {
        Optional<Values> values = values(message.columns());
        return values.isPresent()
                && conditions.stream().allMatch(condition -> condition.holds(values.get()));
    }

    private Optional<Values> values(List<String> columns) {
        int further = columns.size() - names.size();
        if (ellipsis < 0 ? further != 0 : further < 0) {
            return Optional.empty();
        }
        Values values = new Values(names.size());
        for (int i = 0; i < names.size(); i++) {
            String column = columns.get(ellipsis >= 0 && i >= ellipsis ? i + further : i);
            values.add(i, new Value(Value.Kind.WORD, column));
        }
        return Optional.of(values);
    }

    @Override
    public int steps() {
        return conditions.stream().mapToInt(Condition::steps).sum();
    }

    /// Columns without a name are called by their place in the line, from 1 on. Of those that the
    /// ellipsis stands for, the ones beyond [#PLACES_MAX] are left out: a line may have any number.
    @Override
    public Map<String, String> extracted(LogMessage message) {
        List<String> columns = message.columns();
        int further = columns.size() - names.size();
        Map<String, String> extracted = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            int asked = ellipsis < 0 || i < ellipsis ? i : i - further;
            boolean skipped = ellipsis >= 0 && i >= ellipsis && i < ellipsis + further;
            if (skipped && i >= PLACES_MAX) {
                i = ellipsis + further - 1;
                continue;
            }
            String name = skipped || asked >= names.size() ? "" : names.get(asked);
            extracted.put("$" + (name.isEmpty() ? i + 1 : name), columns.get(i));
        }
        return extracted;
    }

    /// What white space parts. What begins with a bracket or a double quote goes to its end, which
    /// may be the line's.
    static List<String> split(String line) {
        List<String> columns = new ArrayList<>();
        int at = 0;
        while (at < line.length()) {
            char first = line.charAt(at);
            if (Character.isWhitespace(first)) {
                at++;
                continue;
            }
            char closing = first == '[' ? ']' : first == '"' ? '"' : 0;
            int start = closing == 0 ? at : at + 1;
            int end = closing == 0 ? space(line, at) : line.indexOf(closing, start);
            end = end < 0 ? line.length() : end;
            columns.add(line.substring(start, end));
            at = closing == 0 ? end : end + 1;
        }
        return columns;
    }

    private static int space(String line, int from) {
        int at = from;
        while (at < line.length() && !Character.isWhitespace(line.charAt(at))) {
            at++;
        }
        return at;
    }
}

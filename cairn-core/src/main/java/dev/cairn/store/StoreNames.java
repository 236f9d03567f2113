package dev.cairn.store;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The event data stores that an SQL statement names.
///
/// CloudTrail Lake takes a store's id bare, which is no name in SQL: `FROM 1a2b3c4d-…`, and its ARN
/// as well. Both are put in quotes here before a parser sees them, outside of literals, quoted
/// names and comments.
///
/// @param quoted the statement with the id of each store as a quoted name
/// @param ids the stores' ids, quoted ones included, in order
/// @param shifts where the statement became longer or shorter
public record StoreNames(String quoted, Set<String> ids, List<Shift> shifts) {
    private static final String ID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

    /// What is passed over as it is, or is a store's name.
    private static final Pattern TOKEN =
            Pattern.compile(
                    "(?s)'(?:[^']|'')*'"
                            + "|\"(?:[^\"]|\"\")*\""
                            + "|--[^\\n]*"
                            + "|/\\*.*?\\*/"
                            + "|arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:[0-9]+:eventdatastore/("
                            + ID
                            + ")"
                            + "|\\b("
                            + ID
                            + ")\\b");

    private static final Pattern QUOTED_ID = Pattern.compile("\"(" + ID + ")\"");

    /// A name that was written anew.
    ///
    /// @param line from 1
    /// @param column of its first character in [#quoted], from 1
    /// @param longer by how many characters it became longer; negative where shorter
    public record Shift(int line, int column, int longer) {}

    public StoreNames {
        ids = java.util.Collections.unmodifiableSet(new TreeSet<>(ids));
        shifts = List.copyOf(shifts);
    }

    /// Finds them.
    public static StoreNames in(String statement) {
        Matcher matcher = TOKEN.matcher(statement);
        StringBuilder quoted = new StringBuilder();
        Set<String> ids = new TreeSet<>();
        List<Shift> shifts = new ArrayList<>();
        int done = 0;
        while (matcher.find()) {
            String id = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
            if (id == null) {
                Matcher name = QUOTED_ID.matcher(matcher.group());
                if (name.matches()) {
                    ids.add(lower(name.group(1)));
                }
                continue;
            }
            quoted.append(statement, done, matcher.start());
            String name = '"' + lower(id) + '"';
            shifts.add(
                    new Shift(
                            line(quoted),
                            column(quoted),
                            name.length() - matcher.group().length()));
            quoted.append(name);
            ids.add(lower(id));
            done = matcher.end();
        }
        quoted.append(statement, done, statement.length());
        return new StoreNames(quoted.toString(), ids, shifts);
    }

    private static String lower(String id) {
        return id.toLowerCase(java.util.Locale.ROOT);
    }

    private static int line(CharSequence text) {
        return 1 + (int) text.chars().filter(c -> c == '\n').count();
    }

    private static int column(StringBuilder text) {
        return text.length() - text.lastIndexOf("\n");
    }

    /// The column in the statement as it was written of one in [#quoted], both from 1.
    public int column(int line, int column) {
        int before = 0;
        for (Shift shift : shifts) {
            if (shift.line() == line && shift.column() < column) {
                before += shift.longer();
            }
        }
        return Math.max(1, column - before);
    }
}

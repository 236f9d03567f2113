package dev.cairn.lake.dialect;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The names that an expression may use, and what they stand for.
///
/// @param outer the names of the query around, used when there are none of ours
record Scope(@Nullable Scope outer, List<Field> fields) {
    static final Scope EMPTY = new Scope(null, List.of());

    /// A column that a name can mean.
    ///
    /// @param relation the name before its dot, in lower case; empty when it has none
    /// @param name in lower case
    /// @param shown as the user wrote it, or as the table has it
    /// @param hidden whether `*` leaves it out
    record Field(String relation, String name, String shown, Sql sql, boolean hidden) {
        static Field of(String relation, String shown, Sql sql) {
            return new Field(
                    relation.toLowerCase(Locale.ROOT),
                    shown.toLowerCase(Locale.ROOT),
                    shown,
                    sql,
                    false);
        }
    }

    /// What a name means.
    ///
    /// @param used how many of the parts it took; the others are members of a row
    record Match(Field field, int used) {}

    /// A chain of names, `a.b.c`, in lower case.
    ///
    /// @return several when it is ambiguous
    List<Match> find(List<String> parts) {
        for (var scope = this; scope != null; scope = scope.outer) {
            var found = scope.own(parts);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    private List<Match> own(List<String> parts) {
        var found = new ArrayList<Match>();
        if (parts.size() > 1) {
            for (var field : fields) {
                if (field.relation().equals(parts.get(0)) && field.name().equals(parts.get(1))) {
                    found.add(new Match(field, 2));
                }
            }
        }
        if (found.isEmpty()) {
            for (var field : fields) {
                if (field.name().equals(parts.get(0))) {
                    found.add(new Match(field, 1));
                }
            }
        }
        return found;
    }

    /// With names of an inner query or a lambda before these.
    Scope with(List<Field> inner) {
        return new Scope(this, inner);
    }

    /// The name nearest to one that is not there.
    Optional<String> nearest(String name) {
        var best = Optional.<String>empty();
        var least = Math.max(2, name.length() / 3) + 1;
        for (var scope = this; scope != null; scope = scope.outer) {
            for (var field : scope.fields) {
                var distance = distance(name, field.name());
                if (distance < least) {
                    least = distance;
                    best = Optional.of(field.shown());
                }
            }
        }
        return best;
    }

    /// How many letters have to be changed, added or taken away (Levenshtein).
    private static int distance(String from, String to) {
        var row = new int[to.length() + 1];
        for (var j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (var i = 1; i <= from.length(); i++) {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.length(); j++) {
                var above = row[j];
                var same = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j] + 1, row[j - 1] + 1), diagonal + same);
                diagonal = above;
            }
        }
        return row[to.length()];
    }
}

package dev.cairn.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A field of a JSON message: `$.userIdentity.type`, `$.resources[0].ARN`, `$.tags[*].key`,
/// `$.a.*`, `$.['a.b']`.
///
/// @param text as it is written in the pattern
/// @param steps from the message's root, at least one
record Selector(String text, List<Step> steps) {
    /// From a value to values in it.
    sealed interface Step {}

    /// The members of an object that have a name. JSON lets a name occur twice: both count, so that
    /// no second one hides the first.
    record Name(String name) implements Step {}

    /// One element of an array, counted from 0.
    record Index(int index) implements Step {}

    /// Any member of an object.
    record AnyName() implements Step {}

    /// Any element of an array.
    record AnyIndex() implements Step {}

    boolean hasWildcard() {
        return steps.stream().anyMatch(step -> step instanceof AnyName || step instanceof AnyIndex);
    }

    /// The names on the way, joined with dots, without the elements of arrays; empty where a step
    /// is any name, or a name has a dot in it.
    Optional<String> path() {
        List<String> names = new ArrayList<>();
        for (Step step : steps) {
            switch (step) {
                case Name(String name) when name.indexOf('.') < 0 -> names.add(name);
                case Name _, AnyName _ -> {
                    return Optional.empty();
                }
                case Index _, AnyIndex _ -> {}
            }
        }
        return names.isEmpty() ? Optional.empty() : Optional.of(String.join(".", names));
    }

    /// The same steps are the same field, however they are written.
    @Override
    public boolean equals(Object other) {
        return other instanceof Selector(String _, List<Step> others) && steps.equals(others);
    }

    @Override
    public int hashCode() {
        return steps.hashCode();
    }

    /// Reads the selector that begins at a dollar sign.
    static Selector read(Cursor cursor) throws FilterPatternException {
        int start = cursor.at();
        cursor.expect('$');
        List<Step> steps = new ArrayList<>();
        while (cursor.is('.') || cursor.is('[')) {
            boolean dot = cursor.take('.');
            if (cursor.is('[')) {
                steps.add(brackets(cursor));
            } else if (dot && cursor.take('*')) {
                steps.add(new AnyName());
            } else {
                steps.add(new Name(name(cursor)));
            }
        }
        Selector selector = new Selector(cursor.since(start), List.copyOf(steps));
        if (steps.isEmpty()) {
            throw cursor.expected("a field");
        }
        if (steps.stream().filter(s -> s instanceof AnyName || s instanceof AnyIndex).count() > 1) {
            throw FilterPatternException.malformed(
                    "expected at most one wildcard in a selector, got " + selector.text());
        }
        return selector;
    }

    private static Step brackets(Cursor cursor) throws FilterPatternException {
        cursor.expect('[');
        Step step;
        if (cursor.take('*')) {
            step = new AnyIndex();
        } else if (cursor.is('\'') || cursor.is('"')) {
            step = new Name(cursor.quoted(cursor.next()));
        } else {
            step = new Index(cursor.index());
        }
        cursor.expect(']');
        return step;
    }

    private static String name(Cursor cursor) throws FilterPatternException {
        int start = cursor.at();
        while (cursor.isWord() || cursor.is('-')) {
            cursor.next();
        }
        if (cursor.at() == start) {
            throw cursor.characters();
        }
        return cursor.since(start);
    }
}

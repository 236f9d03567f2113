package dev.cairn.history;

import dev.cairn.event.Event;
import java.util.List;
import java.util.function.Predicate;

/// A condition made ready to be asked of one event after another.
///
/// This is the definition of the search language: an index has to find exactly the events this
/// accepts. Any thread may use one.
public final class Filter {

    private final Predicate<EventValues> predicate;

    private Filter(Predicate<EventValues> predicate) {
        this.predicate = predicate;
    }

    /// @throws IllegalArgumentException when a regular expression in it is none
    public static Filter of(Condition condition) {
        return new Filter(compile(condition));
    }

    public boolean test(Event event) {
        return predicate.test(EventValues.of(event));
    }

    /// The same for who asks several conditions of one event.
    public boolean test(EventValues values) {
        return predicate.test(values);
    }

    private static Predicate<EventValues> compile(Condition condition) {
        return switch (condition) {
            case Condition.All() -> _ -> true;
            case Condition.And(var parts) -> {
                List<Predicate<EventValues>> all = parts.stream().map(Filter::compile).toList();
                yield values -> all.stream().allMatch(part -> part.test(values));
            }
            case Condition.Or(var parts) -> {
                List<Predicate<EventValues>> any = parts.stream().map(Filter::compile).toList();
                yield values -> any.stream().anyMatch(part -> part.test(values));
            }
            case Condition.Not(var part) -> compile(part).negate();
            case Condition.Is(var path, var value) -> values -> values.anyAt(path, value::equals);
            case Condition.Like(var path, var wildcard) -> {
                ValuePattern pattern = ValuePattern.ofWildcard(wildcard);
                yield values -> values.anyAt(path, pattern::matches);
            }
            case Condition.Matches(var path, var regex) -> {
                ValuePattern pattern = ValuePattern.ofRegex(regex);
                yield values -> values.anyAt(path, pattern::matches);
            }
            case Condition.Between between -> within(between);
            case Condition.Exists(var path) -> values -> values.has(path);
            case Condition.Words(var text) -> {
                Phrase phrase = Phrase.of(text);
                yield values -> values.anyOwn(phrase::in);
            }
            case Condition.Touched(var resource) ->
                    values ->
                            values.anyAt("resourceName", resource::equals)
                                    || values.anyAt(
                                            Condition.ANY,
                                            value ->
                                                    value.equals(resource)
                                                            || isArnOf(value, resource));
        };
    }

    private static Predicate<EventValues> within(Condition.Between between) {
        Range range = Range.of(between);
        return switch (range) {
            case Range.Times(long from, long to) ->
                    values -> {
                        long time = values.event().time().toEpochMilli();
                        return from <= time && time <= to;
                    };
            case Range.Numbers _, Range.Texts _ ->
                    values -> values.anyAt(between.path(), range::test);
        };
    }

    private static boolean isArnOf(String value, String resource) {
        int start = resourceStart(value);
        if (start < 0 || resource.isEmpty() || value.length() - start < resource.length()) {
            return false;
        }
        int tail = value.length() - resource.length();
        return value.endsWith(resource)
                && (tail == start
                        || value.charAt(tail - 1) == '/'
                        || value.charAt(tail - 1) == ':');
    }

    /// Where an ARN's resource begins, which is behind its fifth colon; -1 for what is not an ARN.
    public static int resourceStart(String value) {
        if (!value.startsWith("arn:")) {
            return -1;
        }
        int at = -1;
        for (int colons = 0; colons < 5; colons++) {
            at = value.indexOf(':', at + 1);
            if (at < 0) {
                return -1;
            }
        }
        return at + 1;
    }
}

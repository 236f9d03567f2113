package dev.cairn.history;

import java.util.ArrayList;
import java.util.List;

/// What asking a condition of an event takes at most.
///
/// @param looks at members, each with how many steps its value takes for each character
public record SearchCost(List<Look> looks) {
    /// Taking a value apart into words, and comparing it.
    private static final int STEPS_OF_WORDS = 8;

    public SearchCost {
        looks = List.copyOf(looks);
    }

    /// One clause's look at a member.
    ///
    /// @param path [Condition#ANY] for all that a record has
    public record Look(String path, int steps) {}

    /// @throws IllegalArgumentException when a regular expression in it is none
    public static SearchCost of(Condition condition) {
        List<Look> looks = new ArrayList<>();
        add(condition, looks);
        return new SearchCost(looks);
    }

    private static void add(Condition condition, List<Look> looks) {
        switch (condition) {
            case Condition.All _ -> {}
            case Condition.And(var parts) -> parts.forEach(part -> add(part, looks));
            case Condition.Or(var parts) -> parts.forEach(part -> add(part, looks));
            case Condition.Not(var part) -> add(part, looks);
            case Condition.Is(var path, _) -> looks.add(new Look(path, 1));
            case Condition.Between(var path, _, _, _, _) -> looks.add(new Look(path, 1));
            case Condition.Exists(var path) -> looks.add(new Look(path, 1));
            case Condition.Like(var path, var wildcard) ->
                    looks.add(new Look(path, 1 + ValuePattern.ofWildcard(wildcard).steps()));
            case Condition.Matches(var path, var regex) ->
                    looks.add(new Look(path, 1 + ValuePattern.ofRegex(regex).steps()));
            case Condition.Words _ -> looks.add(new Look(Condition.ANY, STEPS_OF_WORDS));
            case Condition.Touched _ -> looks.add(new Look(Condition.ANY, 2));
        }
    }

    /// How many clauses look at all that a record has.
    public int wholeLooks() {
        return (int) looks.stream().filter(look -> look.path().equals(Condition.ANY)).count();
    }

    long steps(EventValues values) {
        long steps = 0;
        for (Look look : looks) {
            // To look costs, whether there is anything or not.
            steps += look.steps() * Math.max(1, values.chars(look.path()));
        }
        return steps;
    }
}

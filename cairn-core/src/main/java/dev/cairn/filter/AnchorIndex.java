package dev.cairn.filter;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/// The anchors of one field, to be looked up by what the field is in a message. Each has the
/// numbers of the patterns that are looked up by it. Not changed any more once messages are looked
/// up.
final class AnchorIndex {
    private static final int[] NONE = {};

    private final Map<String, int[]> texts = new HashMap<>();
    private final Map<BigDecimal, int[]> numbers = new HashMap<>();
    private final Tree prefixes = new Tree();
    private final Tree suffixes = new Tree();
    private int[] there = NONE;

    /// Texts that share their beginnings, or, read from behind, their ends.
    private static final class Tree {
        private final Map<Character, Tree> next = new HashMap<>();
        private int[] patterns = NONE;
    }

    void add(Anchor anchor, List<Integer> patterns) {
        int[] ids = patterns.stream().mapToInt(Integer::intValue).toArray();
        switch (anchor.kind()) {
            case TEXT -> texts.put((String) anchor.key(), ids);
            case NUMBER -> numbers.put((BigDecimal) anchor.key(), ids);
            case PREFIX -> leaf((String) anchor.key(), prefixes, false).patterns = ids;
            case SUFFIX -> leaf((String) anchor.key(), suffixes, true).patterns = ids;
            case THERE -> there = ids;
        }
    }

    private static Tree leaf(String text, Tree root, boolean fromBehind) {
        Tree tree = root;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(fromBehind ? text.length() - 1 - i : i);
            tree = tree.next.computeIfAbsent(c, _ -> new Tree());
        }
        return tree;
    }

    /// Names the patterns whose anchors a value meets, some perhaps several times.
    void find(Value value, IntConsumer patterns) {
        each(there, patterns);
        if (!value.isScalar()) {
            return;
        }
        each(texts.getOrDefault(value.text(), NONE), patterns);
        if (!numbers.isEmpty() && value.number().isPresent()) {
            each(numbers.getOrDefault(value.number().get().stripTrailingZeros(), NONE), patterns);
        }
        walk(prefixes, value.text(), false, patterns);
        walk(suffixes, value.text(), true, patterns);
    }

    private static void walk(Tree root, String text, boolean fromBehind, IntConsumer patterns) {
        Tree tree = root;
        for (int i = 0; i < text.length() && !tree.next.isEmpty(); i++) {
            char c = text.charAt(fromBehind ? text.length() - 1 - i : i);
            tree = tree.next.get(c);
            if (tree == null) {
                return;
            }
            each(tree.patterns, patterns);
        }
    }

    private static void each(int[] ids, IntConsumer patterns) {
        for (int id : ids) {
            patterns.accept(id);
        }
    }
}

package dev.cairn.aws.protocol;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Flat parameters (`Tags.member.1.Key=…`) as the tree their dots describe.
final class ParameterTree {

    private static final int DEPTH_MAX = JsonReader.NESTING_MAX;
    private static final Pattern INDEX = Pattern.compile("[1-9][0-9]{0,8}");

    private final Map<String, ParameterTree> children = new HashMap<>();
    private @Nullable String value;

    private ParameterTree() {}

    static ParameterTree of(Form form) throws Malformed {
        var root = new ParameterTree();
        for (var parameter : form.parameters()) {
            ParameterTree node = root;
            String[] path = parameter.name().split("\\.", DEPTH_MAX + 1);
            if (path.length > DEPTH_MAX) {
                throw new Malformed("A parameter's name has at most " + DEPTH_MAX + " parts");
            }
            for (String name : path) {
                node = node.children.computeIfAbsent(name, _ -> new ParameterTree());
            }
            if (node.value != null) {
                throw new Malformed("A parameter is given twice");
            }
            node.value = parameter.value();
        }
        return root;
    }

    ParameterTree child(String name) {
        ParameterTree child = children.get(name);
        return child == null ? new ParameterTree() : child;
    }

    /// Neither a value nor anything below.
    boolean isEmpty() {
        return value == null && children.isEmpty();
    }

    /// The value at this name.
    String value() throws Malformed {
        if (value == null) {
            throw new Malformed("Unexpected list or structure where a value was expected");
        }
        return value;
    }

    /// The children with numbers for names, in the order of the numbers; gaps do not matter.
    List<ParameterTree> numbered() throws Malformed {
        for (String name : children.keySet()) {
            if (!INDEX.matcher(name).matches()) {
                throw new Malformed("Expected the number of a list's item");
            }
        }
        return children.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> Integer.parseInt(entry.getKey())))
                .map(Map.Entry::getValue)
                .toList();
    }
}

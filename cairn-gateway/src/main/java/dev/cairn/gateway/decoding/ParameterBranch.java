package dev.cairn.gateway.decoding;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Flat parameters (`Filter.1.Value.2=…`) as the tree that their dots describe. Lenient: what is
/// given twice, its last value stands for.
final class ParameterBranch {

    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,5}");
    private static final int DEPTH_MAX = 30;

    private final Map<String, ParameterBranch> children = new LinkedHashMap<>();
    private String value = "";

    private ParameterBranch() {}

    /// All parameters but those that say which operation, and in which version.
    static ParameterBranch of(Parameters parameters) {
        var root = new ParameterBranch();
        for (var parameter : parameters.all()) {
            String name = parameter.name();
            if (name.equals("Action") || name.equals("Version") || S3Reading.isCredential(name)) {
                continue;
            }
            ParameterBranch branch = root;
            for (String part : name.split("\\.", DEPTH_MAX)) {
                branch = branch.children.computeIfAbsent(part, _ -> new ParameterBranch());
            }
            branch.value = parameter.value();
        }
        return root;
    }

    /// What the names go on with, in the order they came.
    Map<String, ParameterBranch> children() {
        return children;
    }

    /// The value of exactly this name; empty where there is none.
    String value() {
        return value;
    }

    /// Whether it stands for a list.
    boolean numbered() {
        return !children.isEmpty()
                && children.keySet().stream().allMatch(name -> NUMBER.matcher(name).matches());
    }

    /// The items of a list, in the order of their numbers; what has no number is none.
    List<ParameterBranch> items() {
        return children.entrySet().stream()
                .filter(child -> NUMBER.matcher(child.getKey()).matches())
                .sorted(Comparator.comparingInt(child -> Integer.parseInt(child.getKey())))
                .map(Map.Entry::getValue)
                .toList();
    }
}

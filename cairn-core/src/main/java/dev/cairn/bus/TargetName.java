package dev.cairn.bus;

/// What names a target: a rule has one of an id.
///
/// @param id 1 to 64 letters, digits and `.-_`
public record TargetName(RuleName rule, String id) {
    /// Its key in the catalog: a rule's targets stand together, in order of id.
    String key() {
        return prefix(rule) + id;
    }

    static String prefix(RuleName rule) {
        return rule.key() + '/';
    }

    static TargetName ofKey(String key) {
        int slash = key.lastIndexOf('/');
        return new TargetName(RuleName.ofKey(key.substring(0, slash)), key.substring(slash + 1));
    }
}

package dev.cairn.aws.shape;

/// One value that a model does not allow.
///
/// @param path where, the way AWS writes it: `lookupAttributes.1.member.attributeKey`
/// @param value AWS's rendering: `Value 'x'`, `Value null`, or `Value` alone for what must not be
///   shown
/// @param constraint what it does not satisfy: `Member must not be null`
public record Violation(String path, String value, String constraint) {

    /// AWS's sentence.
    public String message() {
        return value + " at '" + path + "' failed to satisfy constraint: " + constraint;
    }
}

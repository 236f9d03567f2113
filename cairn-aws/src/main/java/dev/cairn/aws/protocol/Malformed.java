package dev.cairn.aws.protocol;

/// A request that cannot be read; becomes a [Call.Refused] before it leaves the package.
final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    private final String sentence;

    Malformed(String sentence) {
        super(sentence, null, false, false);
        this.sentence = sentence;
    }

    String sentence() {
        return sentence;
    }
}
